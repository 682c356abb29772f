package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/source"
)

// Version is that of the document that JSON writes. It counts up when a
// program that reads the document has to be changed for it.
const Version = 2

// Schema is the JSON Schema (draft 2020-12) of the document.
//
//go:embed schema.json
var Schema []byte

// The document. Field names are those of package bootstrap, whose comments say
// what they are; what has a comment here is not quite that.
type (
	document struct {
		Version  int          `json:"version"`
		Status   string       `json:"status"`   // Conclusion.Status
		Verdict  string       `json:"verdict"`  // Conclusion.Text
		Missing  []string     `json:"missing"`  // Run.Missing
		Revision *revisionDoc `json:"revision"` // of the tree; null without runs
		Runs     []runDoc     `json:"runs"`     // one an engine
		Against  *againstDoc  `json:"against,omitempty"`
	}

	revisionDoc struct {
		Release    string         `json:"release,omitempty"`
		Nearest    string         `json:"nearest"`
		Repository *repositoryDoc `json:"repository,omitempty"`
		Different  []foreignDoc   `json:"different"`
		Components []componentDoc `json:"components"`
	}

	componentDoc struct {
		Path      string   `json:"path"`
		Releases  []string `json:"releases"`
		Different int      `json:"different"`
		Files     int      `json:"files"`
	}

	runDoc struct {
		Engine  string      `json:"engine"`
		Ladders []ladderDoc `json:"ladders"`
	}

	repositoryDoc struct {
		URL        string         `json:"url"`
		Commit     string         `json:"commit"`
		Submodules []submoduleDoc `json:"submodules"`
	}

	submoduleDoc struct {
		Path   string `json:"path"`
		Commit string `json:"commit"`
	}

	ladderDoc struct {
		Arch        string         `json:"arch"`
		Release     string         `json:"release,omitempty"`
		Good        bool           `json:"good"`        // Ledger.Good
		Failure     *int           `json:"failure"`     // Ledger.Failure; null if there is none
		Matches     int            `json:"matches"`     // artefacts
		Agreed      int            `json:"agreed"`      // artefacts
		Unconfirmed int            `json:"unconfirmed"` // artefacts
		Differs     int            `json:"differs"`     // artefacts
		Missing     int            `json:"missing"`     // artefacts
		Error       string         `json:"error,omitempty"`
		Steps       []stepDoc      `json:"steps"`
		Artefacts   []artefactDoc  `json:"artefacts"`
		Sources     []fileDoc      `json:"sources"`
		Foreign     []foreignDoc   `json:"foreign"`
		Divergence  *divergenceDoc `json:"divergence,omitempty"`
	}

	stepDoc struct {
		Parent   int         `json:"parent"`
		At       *placeDoc   `json:"at,omitempty"`
		Dir      string      `json:"dir"`
		Vars     []string    `json:"vars"`
		Args     []string    `json:"args"`
		Engine   string      `json:"engine"`
		Program  string      `json:"program,omitempty"`
		File     fileDoc     `json:"file"` // without a digest if there is no such file
		Inputs   []fileDoc   `json:"inputs"`
		Outputs  []fileDoc   `json:"outputs"`
		Status   string      `json:"status"`
		Exit     int         `json:"exit"`
		Reason   string      `json:"reason,omitempty"`
		Messages string      `json:"messages,omitempty"`
		Recalled bool        `json:"recalled,omitempty"`
		Origins  []originDoc `json:"origins,omitempty"`
	}

	originDoc struct {
		At   placeDoc `json:"at"`
		From placeDoc `json:"from"`
	}

	placeDoc struct {
		Name string `json:"file"`
		Line int    `json:"line"`
		Col  int    `json:"col"`
	}

	fileDoc struct {
		Path   string `json:"path"`
		Size   *int64 `json:"size,omitempty"`
		Digest string `json:"sha256,omitempty"`
		Perm   string `json:"perm,omitempty"` // in octal; only of what a step made
		From   *int   `json:"from,omitempty"` // only of what a step uses; missing if it is of the tree
	}

	artefactDoc struct {
		fileDoc
		Step      int          `json:"step"`
		Verdict   string       `json:"verdict"` // Artefact.Verdict
		Witnesses []witnessDoc `json:"witnesses"`
	}

	witnessDoc struct {
		Kind   string `json:"kind"`
		Name   string `json:"name"`
		Digest string `json:"sha256"`
	}

	foreignDoc struct {
		Path   string `json:"path"`
		Reason string `json:"reason"`
		Have   string `json:"have,omitempty"`
		Want   string `json:"want,omitempty"`
	}

	divergenceDoc struct {
		Artefact int        `json:"artefact"`
		Witness  witnessDoc `json:"witness"`
		Offset   int64      `json:"offset"`
		Have     int        `json:"have"`
		Want     int        `json:"want"`
		Sources  []placeDoc `json:"sources"`
	}
)

// How the document spells them.
var (
	statuses = [...]string{bootstrap.OK: "ok", bootstrap.Failed: "failed"}
	kinds    = [...]string{
		bootstrap.ByRelease: "release", bootstrap.ByAnswers: "answers", bootstrap.BySeed: "seed", bootstrap.ByEngine: "engine"}
)

// JSON writes all that the ledgers of runs say, save how long things took and
// what permissions the tree's files have, which depends on how they were
// unpacked. So it writes the same bytes whenever the same tree is replayed.
func JSON(w io.Writer, runs []*bootstrap.Run) error { return writeJSON(w, runs, nil) }

func writeJSON(w io.Writer, runs []*bootstrap.Run, old *Against) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	c := Conclude(runs)
	doc := document{Version: Version, Status: c.Status.String(), Verdict: c.Text, Missing: []string{}, Runs: mapped(runs, runOf)}
	if len(runs) > 0 {
		doc.Missing = mapped(runs[0].Missing, func(a arch.Arch) string { return a.Name })
		doc.Revision = revisionOf(runs[0].Revision)
	}
	if old != nil {
		doc.Against = againstOf(old)
	}
	return e.Encode(doc)
}

// mapped returns f of each element, and for none an empty list, not null.
func mapped[A, B any](list []A, f func(A) B) []B {
	all := make([]B, 0, len(list))
	for _, a := range list {
		all = append(all, f(a))
	}
	return all
}

func runOf(r *bootstrap.Run) runDoc { return runDoc{r.Engine, mapped(r.Ledgers, ladderOf)} }

func revisionOf(v bootstrap.Revision) *revisionDoc {
	doc := &revisionDoc{Release: v.Release, Nearest: v.Nearest, Different: mapped(v.Different, foreignOf),
		Components: mapped(v.Components, func(c bootstrap.Component) componentDoc {
			return componentDoc{text8(c.Path), mapped(c.Releases, text8), c.Different, c.Files}
		})}
	if rep := v.Repository; rep != nil {
		doc.Repository = &repositoryDoc{rep.URL, rep.Commit, mapped(rep.Submodules,
			func(s bootstrap.Submodule) submoduleDoc { return submoduleDoc(s) })}
	}
	return doc
}

func foreignOf(f bootstrap.Foreign) foreignDoc {
	return foreignDoc{f.Path, f.Reason, digestOf(f.Have), digestOf(f.Want)}
}

func ladderOf(l *bootstrap.Ledger) ladderDoc {
	doc := ladderDoc{
		Arch:        l.Arch.Name,
		Release:     l.Release,
		Good:        l.Good(),
		Matches:     l.Count(bootstrap.Matches),
		Agreed:      l.Count(bootstrap.Agreed),
		Unconfirmed: l.Count(bootstrap.Unconfirmed),
		Differs:     l.Count(bootstrap.Differs),
		Missing:     l.Count(bootstrap.Missing),
		Steps:       mapped(l.Steps, stepOf),
		Artefacts:   mapped(l.Artefacts, artefactOf),
		Sources:     mapped(l.Sources, fileOf),
		Foreign:     mapped(l.Foreign, foreignOf),
	}
	if failure := l.Failure(); failure >= 0 {
		doc.Failure = &failure
	}
	if l.Err != nil {
		doc.Error = l.Err.Error()
	}
	if d := l.Divergence; d != nil {
		doc.Divergence = &divergenceDoc{d.Artefact, witnessOf(d.Witness), d.Offset, d.Have, d.Want, mapped(d.Sources, placeOf)}
	}
	return doc
}

func stepOf(s *bootstrap.Step) stepDoc {
	doc := stepDoc{
		Parent:   s.Parent,
		Dir:      s.Dir,
		Vars:     mapped(s.Vars, text8),
		Args:     mapped(s.Args, text8),
		Engine:   s.Engine,
		Program:  s.Program,
		File:     fileOf(s.File),
		Inputs:   mapped(s.Inputs, fileOf),
		Outputs:  mapped(s.Outputs, madeOf),
		Status:   statuses[s.Status],
		Exit:     s.Exit,
		Reason:   text8(s.Reason),
		Messages: text8(s.Messages),
		Recalled: s.Recalled,
		Origins: mapped(s.Origins, func(o bootstrap.Origin) originDoc {
			return originDoc{placeOf(o.At), placeOf(o.From)}
		}),
	}
	if s.At != (source.Position{}) {
		at := placeOf(s.At)
		doc.At = &at
	}
	return doc
}

func artefactOf(a bootstrap.Artefact) artefactDoc {
	doc := artefactDoc{fileDoc{Path: a.Path}, a.From, a.Verdict().String(), mapped(a.Witnesses, witnessOf)}
	if a.From >= 0 {
		doc.fileDoc = madeOf(a.File)
	}
	return doc
}

// text8 replaces what is not UTF-8, which JSON cannot hold.
func text8(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func witnessOf(w bootstrap.Witness) witnessDoc {
	return witnessDoc{kinds[w.Kind], w.Name, w.Digest.String()}
}
func placeOf(p source.Position) placeDoc { return placeDoc{p.Name, p.Line, p.Col} }

// fileOf leaves out what is not known of a file that is not there.
func fileOf(f bootstrap.File) fileDoc {
	if f.Digest == (bootstrap.Digest{}) {
		return fileDoc{Path: f.Path}
	}
	doc := fileDoc{Path: f.Path, Size: &f.Size, Digest: f.Digest.String()}
	if f.From >= 0 {
		doc.From = &f.From
	}
	return doc
}

// madeOf is fileOf for a file in a list of what a step made.
func madeOf(f bootstrap.File) fileDoc {
	doc := fileOf(f)
	doc.Perm, doc.From = fmt.Sprintf("%04o", f.Perm.Perm()), nil
	return doc
}

func digestOf(d bootstrap.Digest) string {
	if d == (bootstrap.Digest{}) {
		return ""
	}
	return d.String()
}
