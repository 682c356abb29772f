package bootstrap

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/source"
	"stage0/tool"
	"stage0/tool/registry"
)

// Compare compares the artefacts of runs, each the same ladders of a tree with
// another engine, with the references, with the tree's own answers and seeds, and
// with each other. If all is set, a ladder that the nearest release has and the tree
// does not is Missing.
func Compare(runs []*Run, refs []*Reference, all bool) {
	if len(runs) == 0 {
		return
	}
	if len(refs) == 0 {
		refs = []*Reference{{Name: "no release"}}
	}
	ladders := make([][]*compared, len(runs))
	var every []*compared
	for i, run := range runs {
		for j, ledger := range run.Ledgers {
			ladders[i] = append(ladders[i], &compared{run.Engine, ledger, run.files[j]})
		}
		every = append(every, ladders[i]...)
	}
	revision, nearest := identify(every, refs)
	var missing []arch.Arch
	for _, a := range arch.Ladders() {
		has := slices.ContainsFunc(runs[0].Ledgers, func(l *Ledger) bool { return l.Arch == a })
		if all && !has && nearest.Artefacts[a.Name] != nil {
			missing = append(missing, a)
		}
	}
	for i, run := range runs {
		run.Revision, run.Missing = revision, missing
		for j, r := range ladders[i] {
			witnesses := r.witnesses(refs, nearest)
			var others []*compared
			for k := range runs {
				if k != i {
					others = append(others, ladders[k][j])
				}
			}
			for _, o := range others {
				o.testify(witnesses, r)
			}
			r.ledger.Artefacts = r.artefacts(witnesses)
			r.ledger.Divergence = r.divergence(others)
			r.findOrigins()
			r.keepTexts()
		}
	}
}

// A compared is the ladder of one engine while it is compared.
type compared struct {
	engine string
	ledger *Ledger
	files  *overlay
}

// testify adds the other engine's artefacts as witnesses for those of r. If engine
// go has executed a program of the tree too, such as a seed that no release has, the
// engines are not independent, and their agreement proves nothing.
func (o *compared) testify(witnesses map[string][]Witness, r *compared) {
	alike := o.trusts() || r.trusts()
	for name, v := range o.files.made {
		if own := r.files.made[name]; v.step < 0 || alike && own != nil && own.digest() == v.digest() {
			continue
		}
		witnesses[name] = append(witnesses[name], Witness{ByEngine, o.engine, v.digest()})
	}
}

// trusts reports whether engine go has executed a program that is a file of the
// tree, which no engine has built from its source.
func (r *compared) trusts() bool {
	return r.engine == EngineGo && slices.ContainsFunc(r.ledger.Steps, func(s *Step) bool {
		return s.Engine == EngineEmu && s.File.From < 0
	})
}

// keepTexts sets Ledger.Texts, which reports show line by line.
func (r *compared) keepTexts() {
	r.ledger.Texts = map[string][]byte{}
	for name := range r.files.read {
		if !HandWritten(name) {
			continue
		}
		if v, err := r.files.tree.read(name); err == nil {
			r.ledger.Texts[name] = v.data
		}
	}
}

// witnesses returns the witnesses for each path, and sets the release that the ladder
// belongs to and the files that differ from the nearest release.
func (r *compared) witnesses(refs []*Reference, nearest *Reference) map[string][]Witness {
	l := r.ledger
	all := map[string][]Witness{}
	add := func(path string, w Witness) { all[path] = append(all[path], w) }
	l.Foreign = r.different(nearest)
	l.Sources = r.sources(nearest)
	for _, ref := range slices.Backward(refs) {
		if len(r.different(ref)) > 0 {
			continue
		}
		l.Release = ref.Name
		for _, known := range ref.Artefacts[l.Arch.Name] {
			add(known.Path, Witness{ByRelease, ref.Name, known.Digest})
		}
		break
	}
	if l.Release == "" { // it should still make the programs that the nearest one makes
		for _, known := range nearest.Artefacts[l.Arch.Name] {
			if path.Dir(known.Path) == l.Arch.Dir+"/bin" {
				all[known.Path] = nil
			}
		}
	}
	if published, err := r.files.tree.read(answers(l.Arch)); err == nil {
		list, err := ParseDigests(answers(l.Arch), published.data)
		if err != nil {
			l.Err = cmp.Or(l.Err, err)
		}
		for _, answer := range list {
			if path.Base(answer.Path) != placeholder { // which is a file of the tree
				add(answer.Path, Witness{ByAnswers, answers(l.Arch), answer.Digest})
			}
		}
	}
	for made, seed := range map[string]string{"hex0": "hex0-seed", "kaem-0": "kaem-optional-seed"} {
		seed = seeds(l.Arch) + "/" + seed
		if v, err := r.files.tree.read(seed); err == nil {
			add(l.Arch.Dir+"/artifact/"+made, Witness{BySeed, seed, v.digest()})
		}
	}
	return all
}

// sources returns the files of the tree that are compared with a release.
func (r *compared) sources(ref *Reference) []File {
	var all []File
	names, _ := r.considered(ref)
	for _, name := range names {
		if v, err := r.files.tree.read(name); err == nil {
			all = append(all, fileOf(name, v))
		}
	}
	return all
}

// artefacts returns the files that the ladder made or should have made.
func (r *compared) artefacts(witnesses map[string][]Witness) []Artefact {
	all := map[string]Artefact{}
	for name, w := range witnesses {
		all[name] = Artefact{File: File{Path: name, From: -1}, Witnesses: w}
	}
	for name, v := range r.files.made {
		if v.step >= 0 {
			all[name] = Artefact{File: fileOf(name, v), Witnesses: witnesses[name]}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Artefact) int { return strings.Compare(a.Path, b.Path) })
}

// divergence returns the first artefact that is not what it should be.
func (r *compared) divergence(others []*compared) *Divergence {
	first := -1
	for i, a := range r.ledger.Artefacts {
		if a.Verdict() == Differs && (first < 0 || a.From < r.ledger.Artefacts[first].From) {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	d := &Divergence{Artefact: first, Offset: -1}
	a := r.ledger.Artefacts[first]
	have := r.files.made[a.Path].data
	for _, w := range a.Witnesses {
		if w.Digest == a.Digest {
			continue
		}
		if d.Witness.Name == "" {
			d.Witness = w
		}
		if want, ok := r.expected(a.Path, w, others); ok {
			d.Witness = w
			d.Offset, d.Have, d.Want = firstDifference(have, want)
			if d.Have >= 0 && r.ledger.Err == nil { // else there may be no time left
				d.Sources = r.locate(a.Path, d.Offset)
			}
			break
		}
	}
	return d
}

// expected returns the bytes that a witness expects at path, if they are available:
// from another engine, as a seed, or from an earlier run in the tree.
func (r *compared) expected(path string, w Witness, others []*compared) ([]byte, bool) {
	for _, o := range others {
		if v := o.files.made[path]; v != nil && v.digest() == w.Digest {
			return v.data, true
		}
	}
	for _, name := range []string{w.Name, path} {
		if v, err := r.files.tree.read(name); err == nil && v.digest() == w.Digest {
			return v.data, true
		}
	}
	return nil, false
}

// locate returns where the byte at offset of the file at name comes from.
func (r *compared) locate(name string, offset int64) []source.Position {
	var places []source.Position
	for len(places) < 10 {
		v := r.files.made[name]
		if v == nil || v.step < 0 {
			break
		}
		at, ok := r.locateStep(r.ledger.Steps[v.step], offset)
		if !ok {
			break
		}
		places = append(places, at)
		text, err := r.files.peek(at.Name)
		if err != nil {
			break
		}
		name, offset = at.Name, offsetOf(text.data, at)
	}
	return places
}

// locateStep returns the place in a step's inputs from which the byte at
// offset of its output comes, if package tool did the step and the inputs are
// still what they were.
func (r *compared) locateStep(step *Step, offset int64) (at source.Position, ok bool) {
	for _, in := range step.Inputs {
		if v, err := r.files.peek(in.Path); err != nil || v.digest() != in.Digest {
			return at, false
		}
	}
	program, err := parseProgram(step.Program)
	if err != nil {
		return at, false
	}
	p, _ := registry.Lookup(program.Name)
	env := &tool.Env{FS: asLeft{files: r.files}, Dir: path.Join(mount, step.Dir)}
	at, err = p.Locate(context.Background(), env, slices.Concat(step.Args[:1], program.Args, step.Args[1:]), offset)
	at.Name = path.Join(step.Dir, at.Name)
	return at, err == nil
}

// asLeft is a file system of the files as the ladder left them.
type asLeft struct {
	tool.FS // for the rest, which Locate refuses
	files   *overlay
}

func (k asLeft) ReadFile(name string) ([]byte, error) {
	name, err := rel(name)
	if err != nil {
		return nil, err
	}
	v, err := k.files.peek(name)
	if err != nil {
		return nil, err
	}
	return v.data, nil
}

func (k asLeft) Stat(name string) (fs.FileInfo, error) {
	name, err := rel(name)
	if err != nil {
		return nil, err
	}
	return k.files.stat(name)
}

// offsetOf returns the offset of a place in a text.
func offsetOf(text []byte, at source.Position) int64 {
	offset := 0
	for range at.Line - 1 {
		offset += bytes.IndexByte(text[offset:], '\n') + 1
	}
	return int64(offset + at.Col - 1)
}

// firstDifference returns the offset of the first byte that two texts do not have in
// common, and that byte of each, or -1 at its end.
func firstDifference(a, b []byte) (offset int64, inA, inB int) {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	inA, inB = -1, -1
	if i < len(a) {
		inA = int(a[i])
	}
	if i < len(b) {
		inB = int(b[i])
	}
	return int64(i), inA, inB
}
