package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

//go:embed page.css
var pageCSS string

//go:embed page.html
var pageHTML string

// pageTemplate is the page. What is put into it is escaped for its place there.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageHTML))
})

// HTML writes the report as one page, which needs no
// other file, no network and no script. The phases show the verdicts of all runs;
// the steps are those of the first. The page is the same whenever the same tree is
// replayed.
func (r *Report) HTML(w io.Writer) error {
	runs := r.Runs
	hash := sha256.Sum256([]byte(pageCSS))
	p := page{
		CSS:    template.CSS(pageCSS),
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'",
	}
	c := r.Conclude()
	p.State, p.Sign, p.Status, p.Verdict = stateOf(c.Status), signs[stateOf(c.Status)], c.Status.String(), c.Text
	for _, run := range runs {
		p.Runs = append(p.Runs, runPageOf(run))
	}
	if len(runs) > 0 {
		p.revision(runs[0].Revision)
		p.matrix(runs)
		for _, l := range runs[0].Ledgers {
			p.Ladders = append(p.Ladders, ladderPageOf(l))
		}
		p.chooseFirst()
	}
	if r.Against != nil {
		p.Against = againstPageOf(r.Against)
	}
	if len(r.Seeds) > 0 {
		p.Seeds = seedsPageOf(r.Seeds)
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, p); err != nil {
		return err
	}
	_, err := w.Write(bytes.Map(visible, b.Bytes()))
	return err
}

// visible replaces letters that are not seen, or turn others around.
func visible(r rune) rune {
	switch {
	case r == '\n' || unicode.IsPrint(r):
		return r
	case r == '\t':
		return ' '
	}
	return unicode.ReplacementChar
}

type (
	page struct {
		CSS        template.CSS
		Policy     string
		Name       string // of the revision
		State      string // good, unsure or bad
		Sign       string
		Status     string // the verdict in a word
		Verdict    string
		Nearest    string // the release that the tree is nearest to, if it is none
		Different  string // how many files differ from it
		Components []componentPage
		Foreign    string // the files
		Runs       []runPage
		Seeds      *seedsPage
		Against    *againstPage
		Archs      []string
		Rows       []matrixRow
		First      *listing // to read first: what the first seed assembles
		Ladders    []ladderPage
	}

	componentPage struct {
		Path, Of         string
		Files, Different int
	}

	// A runPage is how a run ended.
	runPage struct {
		Engine, Made       string
		Shared, Apart      []string
		State, Sign        string
		Heading            string
		Matched, Of, Steps int // Matched: or agreed
		Executed           int // steps
		Agreements         []agreement
		Recalled           int // steps that came from a cache
		Trouble            string
	}

	matrixRow struct {
		phase
		Cells []cell
	}

	cell struct {
		Link, State, Sign string
		Matched, Of       int
	}

	ladderPage struct {
		Arch        string
		Sign        string
		Matched, Of int
		Steps       int
		Graph       graph
		Phases      []phasePage
	}

	phasePage struct {
		phase
		ID    string
		Steps []stepPage
	}

	stepPage struct {
		ID, Number    string
		Mark, State   string // its verdict or status, as a sign and in a word
		Program       string
		Makes         []string
		Where         string
		RunBy, Runner string // the step that runs it: where, and its program
		Dir, Command  string
		Engine        string // how it was run, see doneBy
		Reason        string
		Messages      string
		Files         []filePage
		Listings      []*listing
	}

	filePage struct {
		Use, Path, Link string
		Size            string
		Digest          string
		Witnesses       []witnessPage
	}

	witnessPage struct {
		Name   string
		Agrees bool
	}
)

// signs are those of the states of what is judged: good, unsure and bad.
var signs = map[string]string{"good": "✓", "unsure": "?", "bad": "✗"}

func stateOf(s Status) string {
	switch {
	case s <= Agreed:
		return "good"
	case s == Unconfirmed:
		return "unsure"
	}
	return "bad"
}

func stateOfVerdict(v bootstrap.Verdict) string {
	switch {
	case v <= bootstrap.Agreed:
		return "good"
	case v == bootstrap.Unconfirmed:
		return "unsure"
	}
	return "bad"
}

// headings say how a run ended.
var headings = map[string]string{
	"good":   "Everything was made, and is confirmed",
	"unsure": "Everything was made, but not all of it is confirmed",
	"bad":    "Not everything was made as it should be",
}

// revision fills in what the tree is.
func (p *page) revision(v bootstrap.Revision) {
	p.Name = v.Release
	if v.Release != "" {
		return
	}
	p.Name, p.Nearest, p.Different = "A revision that is not a release", v.Nearest, differ(len(v.Different))
	for _, c := range v.Components {
		p.Components = append(p.Components, componentPage{nameOf(c), releases(c.Releases), c.Files, c.Different})
	}
	var foreign bytes.Buffer
	t := newText(&foreign)
	t.foreign(v.Different)
	t.Flush()
	p.Foreign = strings.TrimSpace(foreign.String())
}

func runPageOf(run *bootstrap.Run) runPage {
	p := runPage{Engine: run.Engine, Agreements: agreements(run)}
	p.State = stateOf(Conclude([]*bootstrap.Run{run}).Status)
	p.Sign, p.Heading = signs[p.State], headings[p.State]
	about := lineageOf[run.Engine]
	p.Made, p.Shared, p.Apart = about.Made, about.Shared, about.Apart
	var trouble bytes.Buffer
	t := newText(&trouble)
	t.missing([]*bootstrap.Run{run})
	for _, l := range run.Ledgers {
		p.Matched += l.Count(bootstrap.Matches) + l.Count(bootstrap.Agreed)
		p.Of += len(l.Artefacts)
		p.Steps += len(l.Steps)
		p.Executed += len(l.Steps) - l.By(bootstrap.EngineGo)
		p.Recalled += l.Recalled()
		t.ladder(l)
	}
	t.Flush()
	p.Trouble = strings.TrimSpace(trouble.String())
	return p
}

// matrix counts the artefacts by phases and architectures, each with the worst
// verdict of all runs.
func (p *page) matrix(runs []*bootstrap.Run) {
	columns := len(runs[0].Ledgers)
	rows := make([]matrixRow, len(phases))
	for i := range phases {
		rows[i] = matrixRow{phases[i], make([]cell, columns)}
	}
	for column, l := range runs[0].Ledgers {
		p.Archs = append(p.Archs, l.Arch.Name)
		worst := map[string]bootstrap.Verdict{}
		for _, run := range runs {
			for _, same := range run.Ledgers {
				if same.Arch != l.Arch {
					continue
				}
				for _, a := range same.Artefacts {
					worst[a.Path] = max(worst[a.Path], a.Verdict())
				}
			}
		}
		verdicts := make([]bootstrap.Verdict, len(phases)) // the worst of each
		for name, v := range worst {
			n := phaseOf(l.Arch, name)
			c := &rows[n].Cells[column]
			c.Link = phaseID(l, n)
			c.Of++
			if v <= bootstrap.Agreed {
				c.Matched++
			}
			verdicts[n] = max(verdicts[n], v)
		}
		for n, v := range verdicts {
			c := &rows[n].Cells[column]
			c.State = stateOfVerdict(v)
			c.Sign = signs[c.State]
		}
	}
	for n := range phases {
		if slices.ContainsFunc(rows[n].Cells, func(c cell) bool { return c.Of > 0 }) {
			p.Rows = append(p.Rows, rows[n])
		}
	}
}

func phaseID(l *bootstrap.Ledger, phase int) string {
	return fmt.Sprintf("%s-phase-%d", l.Arch.Name, phase)
}

// chooseFirst takes the first listing of hex0 out of its step, to be read
// before all others.
func (p *page) chooseFirst() {
	for _, l := range p.Ladders {
		for _, phase := range l.Phases {
			for _, s := range phase.Steps {
				for _, list := range s.Listings {
					if list.Format == "hex0" {
						first := *list
						p.First = &first
						p.First.ID = "first"
						return
					}
				}
			}
		}
	}
}

func ladderPageOf(l *bootstrap.Ledger) ladderPage {
	o := originsOf(l)
	p := ladderPage{Arch: l.Arch.Name, Sign: signs[stateOfVerdict(l.Verdict())], Of: len(l.Artefacts), Steps: len(l.Steps), Graph: graphOf(o)}
	p.Matched = l.Count(bootstrap.Matches) + l.Count(bootstrap.Agreed)
	w := stepWriter{origins: o, artefacts: map[int][]bootstrap.Artefact{}, listed: map[string]string{}, ends: map[string]uint64{}}
	for _, a := range l.Artefacts {
		w.artefacts[a.From] = append(w.artefacts[a.From], a)
	}
	in := phasesOf(l)
	seen := map[int]bool{}
	for i := range l.Steps {
		n := len(p.Phases) - 1
		if n < 0 || in[i] != in[i-1] {
			id := ""
			if !seen[in[i]] {
				seen[in[i]] = true
				id = phaseID(l, in[i])
			}
			p.Phases = append(p.Phases, phasePage{phase: phases[in[i]], ID: id})
			n++
		}
		p.Phases[n].Steps = append(p.Phases[n].Steps, w.step(i))
	}
	return p
}

// A stepWriter makes the steps of a ladder's part of the page.
type stepWriter struct {
	*origins
	artefacts map[int][]bootstrap.Artefact // by the step that made them
	listed    map[string]string            // of each file that has been listed: where
	ends      map[string]uint64            // and at which address it ends
}

func (w *stepWriter) step(i int) stepPage {
	s := w.Steps[i]
	p := stepPage{
		ID:       w.id(i),
		Number:   fmt.Sprint(i),
		Program:  path.Base(s.File.Path),
		Where:    where(w.Ledger, i),
		Dir:      s.Dir,
		Command:  strings.Join(mapped(s.Args, quote), " "),
		Engine:   doneBy(s),
		Reason:   s.Reason,
		Messages: s.Messages,
	}
	if s.Parent >= 0 {
		p.RunBy, p.Runner = w.id(s.Parent), path.Base(w.Steps[s.Parent].File.Path)
	}
	p.Mark, p.State = w.state(i)
	p.Files = append(p.Files, w.file("runs", s.File))
	for _, f := range s.Inputs {
		p.Files = append(p.Files, w.file("reads", f))
	}
	for _, f := range s.Outputs {
		p.Makes = append(p.Makes, f.Path)
		made := w.file("makes", f)
		made.Link = ""
		for _, a := range w.artefacts[i] {
			if a.Path != f.Path {
				continue
			}
			for _, wit := range a.Witnesses {
				made.Witnesses = append(made.Witnesses, witnessPage{called(wit), wit.Digest == a.Digest})
			}
		}
		p.Files = append(p.Files, made)
	}
	p.Listings = w.listings(i)
	return p
}

// doneBy says how a step was run.
func doneBy(s *bootstrap.Step) string {
	switch {
	case s.Program != "":
		return "in Go, by " + s.Program
	case s.Engine == bootstrap.EngineHost:
		return "by executing it on the machine"
	}
	return "by executing it in the emulator"
}

// state returns the status of step i, or the worst verdict of what it made.
func (w *stepWriter) state(i int) (mark, state string) {
	s := w.Steps[i]
	if s.Status != bootstrap.OK {
		return "✗", s.Status.String()
	}
	if len(w.artefacts[i]) == 0 {
		return "·", "ran"
	}
	worst := bootstrap.Matches
	for _, a := range w.artefacts[i] {
		worst = max(worst, a.Verdict())
	}
	return signs[stateOfVerdict(worst)], worst.String()
}

func (w *stepWriter) file(use string, f bootstrap.File) filePage {
	p := filePage{Use: use, Path: f.Path, Digest: "not in the tree"}
	if f.Digest != (bootstrap.Digest{}) {
		p.Size, p.Digest = clean.Count(int(f.Size), "byte"), f.Digest.String()
	}
	if f.From >= 0 {
		p.Link = w.id(f.From)
	} else if at := w.listed[f.Path]; at != "" {
		p.Link = at
	}
	return p
}

// listings takes apart what step i reads that is written by hand, each file
// once a ladder.
func (w *stepWriter) listings(i int) []*listing {
	var texts []string
	for _, f := range w.Steps[i].Inputs {
		if w.Texts[f.Path] != nil && bootstrap.HandWritten(f.Path) {
			texts = append(texts, f.Path)
		}
	}
	var all []*listing
	base := uint64(0) // of the next, where one follows the other
	for _, name := range texts {
		if w.listed[name] != "" {
			base = w.ends[name]
			continue
		}
		list := listingOf(w.Ledger, name, slices.DeleteFunc(slices.Clone(texts), func(other string) bool { return other == name }), base)
		base = list.end
		w.ends[name] = base
		list.ID = fmt.Sprintf("%s-listing-%d", w.Arch.Name, len(w.listed))
		w.listed[name] = list.ID
		all = append(all, list)
	}
	return all
}
