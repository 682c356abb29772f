package report

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/audit"
	"stage0/source"
)

// maxOpened is the maximum number of rows of a listing that is printed on paper.
const maxOpened = 400

// A listing is the page's listing of a hand-written file.
type listing struct {
	ID, Path string
	Format   string
	Bytes    int
	Offsets  bool // the addresses are offsets, because the load address is unknown
	Guided   bool // each instruction is explained in its row
	Long     bool // it is too long for paper
	Rows     []row
	About    string  // describes the format
	Glossary []entry // explains the instructions of a listing that is not guided
	Findings int
	Err      string // why the file cannot be listed
	end      uint64 // the address after the last byte; 0 if unknown
}

// Disagree returns a text that says how many comments are wrong.
func (list *listing) Disagree() string {
	if list.Findings == 1 {
		return "1 comment disagrees with the bytes"
	}
	return fmt.Sprintf("%d comments disagree with the bytes", list.Findings)
}

// Entry returns the field e_entry of the file's ELF header, or nil if there is
// none.
func (list *listing) Entry() *number {
	for _, r := range list.Rows {
		if r.What == "e_entry" {
			bytes := strings.Fields(r.Bytes)
			slices.Reverse(bytes)
			return &number{r.Bytes, strings.Join(bytes, "")}
		}
	}
	return nil
}

// A number is a little-endian number: its bytes, and its value in hex.
type number struct{ Bytes, Value string }

// A row is a line of a listing.
type row struct {
	Kind     string // "note", a comment alone; "aside", its continuation; "gap", an empty line; "label"; "", bytes
	Address  string
	Bytes    string
	What     string // the label, the instruction, or the name of the field
	Meaning  string
	Source   string // what the author wrote, if it differs from the bytes
	Comment  string
	Findings []string
}

type entry struct{ Name, Meaning string }

// listingOf lists the file called name. with has the names of the files that it
// is used with; base is the address of its first byte, or 0 if it is unknown.
func listingOf(l *bootstrap.Ledger, name string, with []string, base uint64) *listing {
	list := &listing{Path: name, Guided: path.Ext(name) == ".hex0"}
	opt := audit.Options{Arch: l.Arch.Name, Base: base}
	for _, other := range with {
		opt.With = append(opt.With, source.Bytes(other, l.Texts[other]))
	}
	a, err := audit.File(source.Bytes(name, l.Texts[name]), opt)
	if err != nil {
		list.Err = err.Error()
		return list
	}
	list.Format, list.Bytes, list.Offsets = string(a.Format), a.Size, a.Base == 0
	list.About = formats[a.Format]
	if a.Base > 0 {
		list.end = a.Base + uint64(a.Size)
	}
	fields := a.Fields()
	names := map[string]bool{}
	for _, line := range a.Lines {
		list.add(line, fields, names)
	}
	for name := range names {
		if meaning := meanings[name]; meaning != "" && !list.Guided {
			list.Glossary = append(list.Glossary, entry{name, meaning})
		}
	}
	slices.SortFunc(list.Glossary, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	list.Long = len(list.Rows) > maxOpened
	return list
}

// add adds the rows of a line, and the names of its instructions to names.
func (list *listing) add(line audit.Line, fields map[uint64][]string, names map[string]bool) {
	if len(line.Labels) > 0 {
		list.Rows = append(list.Rows, row{Kind: "label", Address: line.Row(0, 0).At(), What: strings.Join(line.Labels, ", ")})
	}
	var findings []string
	for _, f := range line.Findings {
		if f.Severity >= audit.Error {
			findings = append(findings, f.Message)
		}
	}
	list.Findings += len(findings)
	if len(line.Bytes) == 0 {
		if len(findings) == 0 && saysOnly(line) {
			return
		}
		r := row{Kind: "note", Comment: strings.TrimSpace(line.Code + "  " + line.Comment), Findings: findings}
		last := len(list.Rows) - 1
		switch {
		case r.Comment == "" && len(findings) == 0:
			if last < 0 || list.Rows[last].Kind == "gap" {
				return
			}
			r.Kind = "gap"
		case last >= 0 && list.Rows[last].Kind != "note" && line.Code == "" && strings.TrimLeft(line.Text, " \t") != line.Text:
			r.Kind = "aside"
		}
		list.Rows = append(list.Rows, r)
		return
	}
	for i, r := range split(line, fields) {
		if i == 0 {
			r.Source, r.Comment, r.Findings = sourceOf(line), line.Comment, findings
		}
		if name, _, _ := strings.Cut(r.What, " "); meanings[name] != "" && r.Meaning == "" {
			names[name] = true
			if list.Guided {
				r.Meaning = meanings[name]
			}
		}
		list.Rows = append(list.Rows, r)
	}
}

// sourceOf returns the code of a line, or "" if it is just the bytes and labels,
// which are shown anyway.
func sourceOf(line audit.Line) string {
	var b strings.Builder
	for _, word := range strings.Fields(line.Code) {
		if !strings.HasPrefix(word, ":") {
			b.WriteString(word)
		}
	}
	if strings.EqualFold(b.String(), strings.ReplaceAll(line.Row(0, len(line.Bytes)).Hex(), " ", "")) {
		return ""
	}
	code := line.Code
	for _, label := range line.Labels {
		code = strings.TrimSpace(strings.TrimPrefix(code, ":"+label))
	}
	return code
}

// saysOnly reports whether a line without bytes has nothing but its labels,
// perhaps in a comment.
func saysOnly(line audit.Line) bool {
	said := strings.TrimSpace(strings.TrimPrefix(line.Comment, ":"))
	return len(line.Labels) > 0 && (said == "" || said == strings.Join(line.Labels, " "))
}

// split returns a row for each instruction or field that starts in a line, and
// one for the bytes before the first of them.
func split(line audit.Line, at map[uint64][]string) []row {
	var rows []row
	var starts []int
	start := func(i int, what, meaning string) {
		rows = append(rows, row{What: what, Meaning: meaning})
		starts = append(starts, i)
	}
	insts := line.Insts
	for i := range line.Bytes {
		here := line.Address + uint64(i)
		switch {
		case len(insts) > 0 && insts[0].Address == here:
			start(i, strings.TrimSpace(insts[0].Text+" "+insts[0].Target), "")
			insts = insts[1:]
		case len(at[here]) > 0:
			said := mapped(at[here], func(name string) string { return fields[name] })
			start(i, strings.Join(at[here], ", "), strings.Join(said, "; "))
		case i == 0:
			start(i, "", "")
		}
	}
	starts = append(starts, len(line.Bytes))
	for i := range rows {
		part := line.Row(starts[i], starts[i+1])
		rows[i].Address, rows[i].Bytes = part.At(), part.Hex()
	}
	return rows
}
