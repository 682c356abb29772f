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

// maxOpened is how many rows a listing may have for paper to show it.
const maxOpened = 400

// A listing is a hand-written file taken apart, as the page shows it.
type listing struct {
	ID, Path string
	Format   string
	Bytes    int
	Offsets  bool // the addresses are offsets: it is not known where the file is loaded
	Guided   bool // each instruction has its meaning beside it
	Long     bool
	Rows     []row
	About    string  // what the format is
	Glossary []entry // what the instructions in it do; not if it is guided
	Findings int
	Err      string // why it cannot be taken apart
	end      uint64 // the address after its last byte, 0 if that is not known
}

// Disagree says how many comments are wrong.
func (list *listing) Disagree() string {
	if list.Findings == 1 {
		return "1 comment disagrees with the bytes"
	}
	return fmt.Sprintf("%d comments disagree with the bytes", list.Findings)
}

// Entry returns the field e_entry of the file's ELF header, its bytes and its
// value, or nil if there is none.
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

// A number is several bytes, as they stand in a file, and their value in hex.
type number struct{ Bytes, Value string }

// A row is a line of a listing.
type row struct {
	Kind     string // "note", a comment alone; "aside", one that goes on; "gap"; "label"; "", bytes
	Address  string
	Bytes    string
	What     string // the instruction, or the name of the field
	Meaning  string
	Source   string // what the author wrote, if that is not just the bytes
	Comment  string
	Findings []string
}

type entry struct{ Name, Meaning string }

// listingOf takes the file called name apart. With are the files that it is
// used with; base is the address of its first byte, 0 if that is not known.
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

// add adds the rows of a line. Names collects the names of the instructions.
func (list *listing) add(line audit.Line, fields map[uint64][]string, names map[string]bool) {
	if len(line.Labels) > 0 {
		list.Rows = append(list.Rows, row{Kind: "label", Address: address(line.Address), What: strings.Join(line.Labels, ", ")})
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
	for i, r := range list.split(line, fields) {
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

// sourceOf returns what a line has before its comment, if that is more than the
// bytes and labels, which are shown anyway.
func sourceOf(line audit.Line) string {
	var b strings.Builder
	for _, word := range strings.Fields(line.Code) {
		if !strings.HasPrefix(word, ":") {
			b.WriteString(word)
		}
	}
	if strings.EqualFold(b.String(), strings.ReplaceAll(hexBytes(line, 0, len(line.Bytes)), " ", "")) {
		return ""
	}
	code := line.Code
	for _, label := range line.Labels {
		code = strings.TrimSpace(strings.TrimPrefix(code, ":"+label))
	}
	return code
}

// saysOnly reports whether a line has nothing but its labels, be it in a
// comment.
func saysOnly(line audit.Line) bool {
	said := strings.TrimSpace(strings.TrimPrefix(line.Comment, ":"))
	return len(line.Labels) > 0 && (said == "" || said == strings.Join(line.Labels, " "))
}

// split returns a row for each instruction or field that starts in a line, and
// one for what comes before them.
func (list *listing) split(line audit.Line, fields map[uint64][]string) []row {
	var rows []row
	var starts []int
	start := func(at int, what, meaning string) {
		rows = append(rows, row{Address: address(line.Address + uint64(at)), What: what, Meaning: meaning})
		starts = append(starts, at)
	}
	insts := line.Insts
	for at := range line.Bytes {
		here := line.Address + uint64(at)
		switch {
		case len(insts) > 0 && insts[0].Address == here:
			start(at, strings.TrimSpace(insts[0].Text+" "+insts[0].Target), "")
			insts = insts[1:]
		case len(fields[here]) > 0:
			var said []string
			for _, name := range fields[here] {
				said = append(said, meaningOf(name))
			}
			start(at, strings.Join(fields[here], ", "), strings.Join(said, "; "))
		case at == 0:
			start(at, "", "")
		}
	}
	for i := range rows {
		end := len(line.Bytes)
		if i+1 < len(rows) {
			end = starts[i+1]
		}
		rows[i].Bytes = hexBytes(line, starts[i], end)
	}
	return rows
}

func meaningOf(field string) string { return fields[field] }

func address(a uint64) string { return fmt.Sprintf("%08X", a) }

// hexBytes returns bytes of a line; those that are not known are ??.
func hexBytes(line audit.Line, from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			b.WriteByte(' ')
		}
		if line.Unresolved != nil && line.Unresolved[i] {
			b.WriteString("??")
		} else {
			fmt.Fprintf(&b, "%02X", line.Bytes[i])
		}
	}
	return b.String()
}
