package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/source"
)

// ReadJSON is the reverse of JSON. Its runs can be reported on, and compared;
// what was made is not in them. A document of another version, or one whose
// numbers point nowhere, is an error.
func ReadJSON(r io.Reader) ([]*bootstrap.Run, error) {
	var doc document
	d := json.NewDecoder(r)
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("not a report: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a report: it goes on behind its end")
	}
	if doc.Version == 0 {
		return nil, errors.New("not a report: it has no version")
	}
	if doc.Version != Version {
		return nil, fmt.Errorf("a report of version %d; this program reads version %d", doc.Version, Version)
	}
	p := &parser{arch: "the revision"}
	revision := p.revision(doc.Revision)
	p.arch = "missing"
	missing := mapped(doc.Missing, p.architecture)
	runs := mapped(doc.Runs, p.run)
	for _, run := range runs {
		run.Revision, run.Missing = revision, missing
	}
	if p.err != nil {
		return nil, fmt.Errorf("not a report: %w", p.err)
	}
	return runs, nil
}

// A parser turns a document into ledgers. It keeps the first error.
type parser struct {
	arch  string // of the ladder, or what else is read
	steps int    // how many the ladder has
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("%s: %w", p.arch, fmt.Errorf(format, args...))
	}
}

func (p *parser) run(doc runDoc) *bootstrap.Run {
	r := &bootstrap.Run{Engine: doc.Engine}
	for _, doc := range doc.Ladders {
		r.Ledgers = append(r.Ledgers, p.ladder(doc))
	}
	return r
}

func (p *parser) revision(doc *revisionDoc) (v bootstrap.Revision) {
	if doc == nil {
		return v
	}
	v = bootstrap.Revision{Release: doc.Release, Nearest: doc.Nearest, Different: mapped(doc.Different, p.foreign),
		Components: mapped(doc.Components, func(c componentDoc) bootstrap.Component { return bootstrap.Component(c) })}
	if rep := doc.Repository; rep != nil {
		v.Repository = &bootstrap.Repository{URL: rep.URL, Commit: rep.Commit, Submodules: mapped(rep.Submodules,
			func(s submoduleDoc) bootstrap.Submodule { return bootstrap.Submodule(s) })}
	}
	return v
}

func (p *parser) architecture(name string) arch.Arch {
	a, ok := arch.Lookup(name)
	if !ok {
		p.fail("no such architecture: %q", name)
	}
	return a
}

func (p *parser) foreign(doc foreignDoc) bootstrap.Foreign {
	return bootstrap.Foreign{Path: doc.Path, Reason: doc.Reason, Have: p.digest(doc.Have), Want: p.digest(doc.Want)}
}

func (p *parser) ladder(doc ladderDoc) *bootstrap.Ledger {
	p.arch, p.steps = doc.Arch, len(doc.Steps)
	l := &bootstrap.Ledger{Arch: p.architecture(doc.Arch), Release: doc.Release}
	for i, doc := range doc.Steps {
		if doc.Parent < -1 || doc.Parent >= i {
			p.fail("the parent of step %d is step %d", i, doc.Parent)
		}
		l.Steps = append(l.Steps, p.step(i, doc))
	}
	for _, doc := range doc.Artefacts {
		if doc.Step < -1 || doc.Step >= len(l.Steps) {
			p.fail("%s is made by step %d", doc.Path, doc.Step)
		}
		a := bootstrap.Artefact{File: p.file(doc.fileDoc), Witnesses: mapped(doc.Witnesses, p.witness)}
		a.From = doc.Step
		l.Artefacts = append(l.Artefacts, a)
	}
	l.Sources = mapped(doc.Sources, p.file)
	l.Foreign = mapped(doc.Foreign, p.foreign)
	if doc.Error != "" {
		l.Err = errors.New(doc.Error)
	}
	if d := doc.Divergence; d != nil {
		if d.Artefact < 0 || d.Artefact >= len(l.Artefacts) || l.Artefacts[d.Artefact].From < 0 {
			p.fail("what diverges is artefact %d", d.Artefact)
		}
		l.Divergence = &bootstrap.Divergence{
			Artefact: d.Artefact, Offset: d.Offset, Have: d.Have, Want: d.Want, Sources: mapped(d.Sources, position),
			Witness: p.witness(d.Witness)}
	}
	return l
}

func (p *parser) step(i int, doc stepDoc) *bootstrap.Step {
	s := &bootstrap.Step{
		Parent:   doc.Parent,
		Dir:      doc.Dir,
		Vars:     doc.Vars,
		Args:     doc.Args,
		Engine:   doc.Engine,
		Program:  doc.Program,
		File:     p.file(doc.File),
		Inputs:   mapped(doc.Inputs, p.file),
		Outputs:  mapped(doc.Outputs, p.file),
		Status:   bootstrap.Status(slices.Index(statuses[:], doc.Status)),
		Exit:     doc.Exit,
		Reason:   doc.Reason,
		Messages: doc.Messages,
		Recalled: doc.Recalled,
	}
	for j := range s.Outputs {
		s.Outputs[j].From = i
	}
	for _, o := range doc.Origins {
		s.Origins = append(s.Origins, bootstrap.Origin{At: position(o.At), From: position(o.From)})
	}
	if s.Status < 0 {
		p.fail("no such status: %q", doc.Status)
	}
	if doc.At != nil {
		s.At = position(*doc.At)
	}
	return s
}

func (p *parser) file(doc fileDoc) bootstrap.File {
	f := bootstrap.File{Path: doc.Path, Digest: p.digest(doc.Digest), From: -1}
	if doc.Size != nil {
		f.Size = *doc.Size
	}
	if doc.From != nil {
		if f.From = *doc.From; f.From < 0 || f.From >= p.steps {
			p.fail("%s is from step %d", doc.Path, f.From)
		}
	}
	if doc.Perm != "" {
		perm, err := strconv.ParseUint(doc.Perm, 8, 9)
		if err != nil {
			p.fail("%s: no such permissions: %q", doc.Path, doc.Perm)
		}
		f.Perm = fs.FileMode(perm)
	}
	return f
}

func (p *parser) witness(doc witnessDoc) bootstrap.Witness {
	kind := slices.Index(kinds[:], doc.Kind)
	if kind < 0 {
		p.fail("no such kind of witness: %q", doc.Kind)
	}
	return bootstrap.Witness{Kind: bootstrap.WitnessKind(kind), Name: doc.Name, Digest: p.digest(doc.Digest)}
}

func (p *parser) digest(doc string) (d bootstrap.Digest) {
	if doc == "" {
		return d
	}
	d, err := bootstrap.ParseDigest(doc)
	if err != nil {
		p.fail("%w", err)
	}
	return d
}

func position(doc placeDoc) source.Position {
	return source.Position{Name: doc.Name, Line: doc.Line, Col: doc.Col}
}
