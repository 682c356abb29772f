package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/internal/near"
)

// explainWidth is the width of Explain's text in columns. Longer paths and
// arguments are not broken, so that they can be copied.
const explainWidth = 100

// shortDigest is the number of hex digits that Explain shows of a digest.
const shortDigest = 16

// maxTexts is the maximum number of files of the tree that Explain draws for one
// step.
const maxTexts = 3

// maxNear is the maximum number of names that Near returns.
const maxNear = 4

// Has reports whether a step of l made or used the file called path.
func Has(l *bootstrap.Ledger, path string) bool {
	return slices.Contains(paths(l), path)
}

// paths returns the names of all files that the steps of l made or used, sorted,
// without duplicates.
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

// Near returns the names of the files in run that resemble path most, the nearest
// first. It returns none if no name resembles it.
func Near(run *bootstrap.Run, path string) []string {
	var all []string
	for _, l := range run.Ledgers {
		all = append(all, paths(l)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	far := map[string]int{}
	for _, name := range all {
		d := near.Distance(path, name)
		if i := strings.LastIndexByte(name, '/'); name[i+1:] == path[strings.LastIndexByte(path, '/')+1:] {
			d = min(d, 1) // the same name in another directory
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

// Explain writes where the file called path comes from in a ladder: the steps
// from the seeds to it, what they read, and what depends on it. Has(l, path) must
// be true.
func Explain(w io.Writer, l *bootstrap.Ledger, path string) error {
	e := explainer{Printer: clean.NewPrinter(w), origins: originsOf(l)}
	e.find(path)
	e.header()
	if e.want.From >= 0 {
		steps := closure([]int{e.want.From}, e.deps)
		e.number = map[int]int{}
		for n, i := range steps {
			e.number[i] = n + 1
		}
		e.tree()
		e.title("The %s, in order", clean.Count(len(steps), "step"))
		for n, i := range steps {
			if n > 0 {
				e.Line("")
			}
			e.describe(i)
		}
		files := e.sources(steps)
		e.title("What the steps read of the tree, including scripts: %s", clean.Count(len(files), "file"))
		for _, f := range files {
			e.file("", f)
		}
	}
	e.dependents()
	return e.Flush()
}

type explainer struct {
	clean.Printer
	*origins
	want   bootstrap.File // the file to explain
	number map[int]int    // the printed numbers of the steps that lead to it
}

// find sets want to the file as it is at the end of the ladder, or to its last
// version if it no longer exists then.
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
	e.Line("%s, in the ladder of %s", e.want.Path, e.Arch.Name)
	e.Line("sha256 %s, %s", e.want.Digest, clean.Count(int(e.want.Size), "byte"))
	if e.want.From < 0 {
		e.Line("It is a file of the tree: no step makes it.")
	}
	for _, a := range e.Artefacts {
		if a.Path != e.want.Path {
			continue
		}
		for _, w := range a.Witnesses {
			verb := "matches"
			if w.Digest != e.want.Digest {
				verb = "does NOT match"
			}
			e.Line("It %s %s.", verb, called(w))
		}
	}
	for _, f := range e.Foreign {
		switch {
		case f.Path != e.want.Path:
		case f.Want != bootstrap.Digest{}:
			e.Line("It differs from the nearest release.")
		default:
			e.Line("Compared with the nearest release: %s.", f.Reason)
		}
	}
	if e.Verdict() > bootstrap.Unconfirmed {
		e.Line("This ladder does not match: stage0 verify says why.")
	}
}

func (e *explainer) title(format string, args ...any) {
	e.Line("")
	e.Line(format, args...)
	e.Line("")
}

// tree draws the steps that lead to the file. Below a file are those that it is
// made with; if it has been drawn before, they are left out.
func (e *explainer) tree() {
	e.title("How it is made: below each file, what it is made with; [N] is the step that makes it")
	drawn := map[int]bool{}
	var draw func(label string, i int, first, rest string)
	draw = func(label string, i int, first, rest string) {
		if drawn[i] {
			e.Line("%s%s [%d], see above", first, label, e.number[i])
			return
		}
		drawn[i] = true
		e.Line("%s%s [%d]", first, label, e.number[i])
		kids := e.parts(i)
		for n, p := range kids {
			branch, below := "├ ", "│ "
			if n == len(kids)-1 {
				branch, below = "└ ", "  "
			}
			if p.step < 0 {
				e.Line("%s%s%s", rest, branch, p.label)
				continue
			}
			draw(p.label, p.step, rest+branch, rest+below)
		}
	}
	draw(e.want.Path, e.want.From, "", "")
}

// A part is a file that a step uses.
type part struct {
	label string
	step  int // the step that made it; -1 for a file of the tree
}

// parts returns the files that step i uses: its program, the program or the
// script that runs it if a step made that, and what it reads.
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
		all = append(all, part{"called by " + script.Path, script.From})
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
	line := fmt.Sprintf("[%d] the first", e.number[i])
	if s.Parent >= 0 {
		line = fmt.Sprintf("[%d] %s, run by %s", e.number[i], where(e.Ledger, i), e.Steps[s.Parent].File.Path)
	}
	if s.Status != bootstrap.OK {
		line += fmt.Sprintf(": %v, %s", s.Status, s.Reason)
	}
	e.Line("%s", line)
	if s.Dir != "." {
		e.Line("    in    %s", s.Dir)
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

// command writes a command line, broken between arguments where it is too long.
func (e *explainer) command(args []string) {
	line := "    $"
	for _, arg := range args {
		arg = quote(arg)
		if len(line) > 6 && utf8.RuneCountInString(line+arg)+3 > explainWidth {
			e.Line("%s \\", line)
			line = "     "
		}
		line += " " + arg
	}
	e.Line("%s", line)
}

// file writes a line with the digest of a file.
func (e *explainer) file(what string, f bootstrap.File) {
	digest := "not in the tree "
	if f.Digest != (bootstrap.Digest{}) {
		digest = f.Digest.String()[:shortDigest]
	}
	e.Line("    %s%s  %s", what, digest, f.Path)
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
	e.title("What depends on it: %s in this ladder", clean.Count(len(made), "file"))
	for _, name := range made {
		e.Line("    %s", name)
	}
}

// quote quotes an argument for a shell.
func quote(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\n'\"\\$&|;<>()*?[]#~`!") {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
