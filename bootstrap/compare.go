package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"stage0/source"
	"stage0/tool"
)

// compare fills in how what a ladder made, and the tree it was made from,
// compare with ref.
func (r *replay) compare(ref Reference) {
	r.compareSources(ref)
	r.ledger.Artefacts = r.artefacts(r.witnesses(ref))
	r.ledger.Divergence = r.divergence()
	r.keepTexts()
}

// keepTexts fills in what the files hold that reports can show line by line.
func (r *replay) keepTexts() {
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

// compareSources compares the files of the tree with those of the release:
// those that the ladder should read, and those that it did read.
func (r *replay) compareSources(ref Reference) {
	if ref.Sources == nil {
		return
	}
	want := map[string]Digest{}
	for _, source := range ref.Sources {
		if concerns(r.arch, source.Path) {
			want[source.Path] = source.Digest
		}
	}
	names := maps.Clone(r.files.read)
	for name := range want {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		digest, ok := want[name]
		v, err := r.files.tree.read(name)
		if err == nil {
			r.ledger.Sources = append(r.ledger.Sources, fileOf(name, v))
		}
		f := Foreign{Path: name}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.Reason = "missing"
		case err != nil:
			f.Reason = tool.Cause(err).Error()
		case !ok:
			f.Reason = "the ladders of the release do not read such a file"
		case v.digest() != digest:
			f.Reason, f.Have, f.Want = "not as in the release", v.digest(), digest
		default:
			continue
		}
		r.ledger.Foreign = append(r.ledger.Foreign, f)
	}
}

// witnesses returns what the files that the ladder makes should be.
func (r *replay) witnesses(ref Reference) map[string][]Witness {
	all := map[string][]Witness{}
	add := func(path, name string, digest Digest) {
		all[path] = append(all[path], Witness{name, digest})
	}
	for _, known := range ref.Artefacts[r.arch.Name] {
		add(known.Path, NativeRun, known.Digest)
	}
	if published, err := r.files.tree.read(answers(r.arch)); err == nil {
		list, err := ParseDigests(answers(r.arch), published.data)
		if err != nil && len(r.ledger.Foreign) == 0 { // else that has been said
			r.ledger.Foreign = []Foreign{{Path: answers(r.arch), Reason: err.Error()}}
		}
		for _, answer := range list {
			add(answer.Path, answers(r.arch), answer.Digest)
		}
	}
	for made, seed := range map[string]string{"hex0": "hex0-seed", "kaem-0": "kaem-optional-seed"} {
		seed = seeds(r.arch) + "/" + seed
		if v, err := r.files.tree.read(seed); err == nil {
			add(r.arch.Dir+"/artifact/"+made, seed, v.digest())
		}
	}
	if ref.Before != nil {
		for _, l := range ref.Before.Ledgers {
			for _, a := range l.Artefacts {
				if l.Arch == r.arch && a.Step >= 0 {
					add(a.Path, "engine "+ref.Before.Engine, a.Digest)
				}
			}
		}
	}
	return all
}

// artefacts returns what the ladder made, and what it should have made.
func (r *replay) artefacts(witnesses map[string][]Witness) []Artefact {
	all := map[string]Artefact{}
	for name, w := range witnesses {
		all[name] = Artefact{File: File{Path: name}, Step: -1, Witnesses: w}
	}
	for name, v := range r.files.made {
		if v.step >= 0 {
			all[name] = Artefact{File: fileOf(name, v), Step: v.step, Witnesses: witnesses[name]}
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Artefact) int { return strings.Compare(a.Path, b.Path) })
}

// divergence returns the first artefact that is not what it should be.
func (r *replay) divergence() *Divergence {
	first := -1
	for i, a := range r.ledger.Artefacts {
		if a.Verdict() == Mismatched && (first < 0 || a.Step < r.ledger.Artefacts[first].Step) {
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
		if want, ok := r.expected(a.Path, w); ok {
			d.Witness = w
			d.Offset, d.Have, d.Want = firstDifference(have, want)
			if d.Have >= 0 {
				d.Sources = r.locate(a.Path, d.Offset)
			}
			break
		}
	}
	return d
}

// expected returns what a witness says that the artefact at path should be, if
// it is at hand: as a seed, or because the ladder has been run in the tree.
func (r *replay) expected(path string, w Witness) ([]byte, bool) {
	for _, name := range []string{w.Name, path} {
		if v, err := r.files.tree.read(name); err == nil && v.digest() == w.Digest {
			return v.data, true
		}
	}
	return nil, false
}

// locate returns where the byte at offset of the file at name comes from.
func (r *replay) locate(name string, offset int64) []source.Position {
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
		text, err := r.files.open(at.Name)
		if err != nil {
			break
		}
		name, offset = at.Name, offsetOf(text.data, at)
	}
	return places
}

// locateStep returns the place in a step's inputs from which the byte at
// offset of its output comes, if the inputs are still what they were.
func (r *replay) locateStep(step *Step, offset int64) (at source.Position, ok bool) {
	for _, in := range step.Inputs {
		if v, err := r.files.open(in.Path); err != nil || v.digest() != in.Digest {
			return at, false
		}
	}
	p, args, err := r.standIn(step.File.Path)
	if err != nil {
		return at, false
	}
	env := &tool.Env{FS: &stepFiles{overlay: r.files}, Dir: path.Join(mount, step.Dir)}
	at, err = p.Locate(context.Background(), env, slices.Concat(step.Args[:1], args, step.Args[1:]), offset)
	at.Name = path.Join(step.Dir, at.Name)
	return at, err == nil
}

// offsetOf returns the offset of a place in a text.
func offsetOf(text []byte, at source.Position) int64 {
	offset := 0
	for range at.Line - 1 {
		offset += bytes.IndexByte(text[offset:], '\n') + 1
	}
	return int64(offset + at.Col - 1)
}

// firstDifference returns the offset of the first byte in which two different
// texts differ, and what it is in each, or -1 for the end.
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
