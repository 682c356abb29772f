package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

// ExplainWidth is how many columns Explain uses. Paths and command lines that
// are longer are left whole, so that they can be copied.
const ExplainWidth = 100

// shortDigest is how many hex digits of a digest Explain shows.
const shortDigest = 16

// maxTexts is how many files of the tree Explain draws below what one step makes
// of them.
const maxTexts = 3

// maxNear is how many names Near returns.
const maxNear = 4

// Has reports whether a step of l made or used a file called path.
func Has(l *bootstrap.Ledger, path string) bool {
	return slices.Contains(paths(l), path)
}

// paths returns the names of all files that the steps of l made or used, each
// once.
func paths(l *bootstrap.Ledger) []string {
	var all []string
	for _, s := range l.Steps {
		if s.File.Digest != (bootstrap.Digest{}) {
			all = append(all, s.File.Path)
		}
		for _, f := range slices.Concat(s.Inputs, s.Outputs) {
			all = append(all, f.Path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Near returns the names of files in run that are most like path, the nearest
// first; none if there is nothing like it.
func Near(run *bootstrap.Run, path string) []string {
	var all []string
	for _, l := range run.Ledgers {
		all = append(all, paths(l)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	far := map[string]int{}
	for _, name := range all {
		d := distance(path, name)
		if i := strings.LastIndexByte(name, '/'); name[i+1:] == path[strings.LastIndexByte(path, '/')+1:] {
			d = min(d, 1) // it is called so, elsewhere
		}
		far[name] = d
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(far[a], far[b]) })
	n := 0
	for n < min(len(all), maxNear) && far[all[n]] <= 1+len(path)/4 {
		n++
	}
	return all[:n]
}

// distance is how many bytes are to be inserted, deleted or replaced to make b
// of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diagonal
			if a[i] != b[j] {
				d = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}

// Explain writes where the file called path comes from in a ladder: the steps
// from the seeds to it, what they read, and what depends on it. Has(l, path) is
// to be true.
func Explain(w io.Writer, l *bootstrap.Ledger, path string) error {
	e := explainer{Writer: bufio.NewWriter(w), origins: originsOf(l)}
	e.find(path)
	e.header()
	if e.want.From >= 0 {
		steps := closure([]int{e.want.From}, e.deps)
		e.number = map[int]int{}
		for n, i := range steps {
			e.number[i] = n + 1
		}
		e.tree()
		e.title(fmt.Sprintf("The %s in their order", plural(len(steps), "step")))
		for n, i := range steps {
			if n > 0 {
				e.WriteByte('\n')
			}
			e.describe(i)
		}
		files := e.sources(steps)
		e.title(fmt.Sprintf("What of the tree they read, scripts included: %s", plural(len(files), "file")))
		for _, f := range files {
			e.file("", f)
		}
	}
	e.dependents()
	return e.Flush()
}

type explainer struct {
	*bufio.Writer
	*origins
	want   bootstrap.File
	number map[int]int // of each step that leads to it, in what is written
}

// find finds the file as it is at the end, or, if it is gone then, its last version.
func (e *explainer) find(path string) {
	for _, a := range e.Artefacts {
		if a.Path == path && a.From >= 0 {
			e.want = a.File
			return
		}
	}
	for _, s := range e.Steps {
		for _, f := range s.Outputs {
			if f.Path == path {
				e.want = f
			}
		}
	}
	if e.want.Path != "" {
		return
	}
	for _, files := range e.reads {
		for _, f := range files {
			if f.Path == path {
				e.want = f
			}
		}
	}
}

func (e *explainer) header() {
	fmt.Fprintf(e, "%s, in the ladder of %s\n", clean.String(e.want.Path), e.Arch.Name)
	fmt.Fprintf(e, "sha256 %s, %s\n", e.want.Digest, plural(int(e.want.Size), "byte"))
	if e.want.From < 0 {
		e.WriteString("It is a file of the tree: no step makes it.\n")
	}
	for _, a := range e.Artefacts {
		if a.Path != e.want.Path {
			continue
		}
		for _, w := range a.Witnesses {
			is := "is"
			if w.Digest != e.want.Digest {
				is = "is NOT"
			}
			fmt.Fprintf(e, "It %s what it should be according to %s.\n", is, clean.String(called(w)))
		}
	}
	for _, f := range e.Foreign {
		switch {
		case f.Path != e.want.Path:
		case f.Want != bootstrap.Digest{}:
			e.WriteString("It is not as in the nearest release.\n")
		default:
			fmt.Fprintf(e, "Compared with the nearest release: %s.\n", clean.String(f.Reason))
		}
	}
	if e.Verdict() > bootstrap.Unconfirmed {
		e.WriteString("Not all is well with this ladder: stage0 verify says what.\n")
	}
}

func (e *explainer) title(s string) { fmt.Fprintf(e, "\n%s\n\n", s) }

// tree draws the steps that lead to the file, each below the ones that use what
// it makes; where it is used again, it is only named.
func (e *explainer) tree() {
	e.title("Where it comes from: each file above those that it is made with; [N] is the step that makes it")
	drawn := map[int]bool{}
	var draw func(label string, i int, first, rest string)
	draw = func(label string, i int, first, rest string) {
		kids := e.parts(i)
		again := drawn[i]
		drawn[i] = true
		fmt.Fprintf(e, "%s%s [%d]", first, clean.String(label), e.number[i])
		if again {
			e.WriteString(" as before\n")
			return
		}
		e.WriteByte('\n')
		for n, p := range kids {
			branch, below := "├ ", "│ "
			if n == len(kids)-1 {
				branch, below = "└ ", "  "
			}
			if p.step < 0 {
				fmt.Fprintf(e, "%s%s%s\n", rest, branch, clean.String(p.label))
				continue
			}
			draw(p.label, p.step, rest+branch, rest+below)
		}
	}
	draw(e.want.Path, e.want.From, "", "")
}

// A part is what a step makes something with.
type part struct {
	label string
	step  int // that made it; -1 for a file of the tree
}

// parts returns what step i makes something with: its program, what it reads,
// and, if no script asks for it, the program that runs it.
func (e *explainer) parts(i int) []part {
	s := e.Steps[i]
	var all []part
	texts := 0
	use := func(f bootstrap.File) {
		switch {
		case f.From == i: // its own
		case f.From >= 0:
			all = append(all, part{f.Path, f.From})
		case f.Digest == (bootstrap.Digest{}):
			all = append(all, part{f.Path + ", which the tree does not have", -1})
		default:
			texts++
			all = append(all, part{f.Path + " of the tree", -1})
		}
	}
	use(s.File)
	if slices.Contains(e.deps[i], s.Parent) {
		all = append(all, part{"run by " + e.Steps[s.Parent].File.Path, s.Parent})
	}
	if script, ok := e.Script(i); ok && script.From >= 0 {
		all = append(all, part{"asked for by " + script.Path, script.From})
	}
	first := len(all)
	texts = 0
	for _, in := range s.Inputs {
		use(in)
	}
	if texts > maxTexts {
		inputs := slices.DeleteFunc(all[first:], func(p part) bool { return p.step < 0 })
		all = append(all[:first+len(inputs)], part{fmt.Sprintf("%d files of the tree", texts), -1})
	}
	return all
}

// describe writes all that is known of step i.
func (e *explainer) describe(i int) {
	s := e.Steps[i]
	fmt.Fprintf(e, "[%d] ", e.number[i])
	if s.Parent >= 0 {
		fmt.Fprintf(e, "%s, run by %s", clean.String(where(e.Ledger, i)), clean.String(e.Steps[s.Parent].File.Path))
	} else {
		e.WriteString("the first")
	}
	if s.Status != bootstrap.OK {
		fmt.Fprintf(e, ": %v, %s", s.Status, clean.String(s.Reason))
	}
	e.WriteByte('\n')
	if s.Dir != "." {
		fmt.Fprintf(e, "    in    %s\n", clean.String(s.Dir))
	}
	e.command(s.Args)
	e.file("runs  ", s.File)
	for _, f := range s.Inputs {
		e.file("reads ", f)
	}
	for _, f := range s.Outputs {
		e.file("makes ", f)
	}
}

// command writes a command line, broken between words where it is too long.
func (e *explainer) command(args []string) {
	line := "    $"
	for _, arg := range args {
		arg = clean.String(quote(arg))
		if len(line) > 6 && utf8.RuneCountInString(line+arg)+3 > ExplainWidth {
			fmt.Fprintf(e, "%s \\\n", line)
			line = "     "
		}
		line += " " + arg
	}
	fmt.Fprintln(e, line)
}

// file writes a line with the digest of a file.
func (e *explainer) file(what string, f bootstrap.File) {
	digest := "not in the tree "
	if f.Digest != (bootstrap.Digest{}) {
		digest = f.Digest.String()[:shortDigest]
	}
	fmt.Fprintf(e, "    %s%s  %s\n", what, digest, clean.String(f.Path))
}

// dependents writes what depends on the file.
func (e *explainer) dependents() {
	var direct []int
	for i, s := range e.Steps {
		uses := append([]bootstrap.File{s.File}, s.Inputs...)
		if script, ok := e.Script(i); ok {
			uses = append(uses, script)
		}
		for _, f := range uses {
			if f.Path == e.want.Path && f.From == e.want.From {
				direct = append(direct, i)
				break
			}
		}
	}
	var made []string
	for _, i := range closure(direct, e.users) {
		for _, f := range e.Steps[i].Outputs {
			if i != e.want.From && !slices.Contains(made, f.Path) {
				made = append(made, f.Path)
			}
		}
	}
	e.title(fmt.Sprintf("What depends on it: %s in this ladder", plural(len(made), "file")))
	for _, name := range made {
		fmt.Fprintf(e, "    %s\n", clean.String(name))
	}
}

// quote returns an argument as a shell would take it.
func quote(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\n'\"\\$&|;<>()*?[]#~`!") {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// plural returns a number of things.
func plural(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}
