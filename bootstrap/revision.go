package bootstrap

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"stage0/tool"
)

// A Revision is what a tree is, as far as its ladders read it.
type Revision struct {
	Release    string      `json:"release,omitempty"`    // the release that all ladders belong to; empty if there is none
	Nearest    string      `json:"nearest"`              // the release that has the most files in common with the tree
	Repository *Repository `json:"repository,omitempty"` // of Release; nil if there is none
	Different  []Foreign   `json:"different"`            // the files that are not as in Nearest, in the order of their paths

	// Components are the parts of the tree that are developed on their own, in the
	// order of their paths. Mixtures of several releases are common.
	Components []Component `json:"components"`
}

// A Component is a part of a tree: a submodule, or what is in none.
type Component struct {
	Path      string   `json:"path"`      // "." for what is in no submodule
	Releases  []string `json:"releases"`  // releases that have the same component, oldest first
	Different int      `json:"different"` // number of files that are not as in Revision.Nearest
	Files     int      `json:"files"`     // number of files that were compared
}

// Name returns what to call the revision.
func (v Revision) Name() string {
	if v.Release != "" {
		return v.Release
	}
	return "no release"
}

// ComponentOf returns the path of the component that a file of the tree belongs to.
func ComponentOf(name string) string {
	dir, _, ok := strings.Cut(name, "/")
	if !ok {
		return "."
	}
	return dir
}

// considered returns the paths of the tree's files that are compared with a
// reference, in order, and what the reference says of them: those that the ladder
// should read, and those that it did read. A reference without sources has none.
func (r *compared) considered(ref *Reference) (names []string, want map[string]Digest) {
	if ref.Sources == nil {
		return nil, nil
	}
	want = map[string]Digest{}
	all := maps.Clone(r.files.read)
	for _, source := range ref.Sources {
		if concerns(r.ledger.Arch, source.Path) {
			want[source.Path] = source.Digest
			all[source.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), want
}

// different returns the files that are considered and not as in a reference, in
// the order of their paths.
func (r *compared) different(ref *Reference) []Foreign {
	var all []Foreign
	names, want := r.considered(ref)
	for _, name := range names {
		digest, ok := want[name]
		v, err := r.files.tree.read(name)
		f := Foreign{Path: name}
		switch {
		case errors.Is(err, fs.ErrNotExist):
			f.Reason = "missing"
		case err != nil:
			f.Reason = tool.Cause(err).Error()
		case !ok:
			f.Reason, f.Have = "the ladders of the release do not read such a file", v.digest()
		case v.digest() != digest:
			f.Reason, f.Have, f.Want = "not as in the release", v.digest(), digest
		default:
			continue
		}
		all = append(all, f)
	}
	return all
}

// identify finds out what revision the ladders' tree is. Of the releases that have
// the most files in common with it, the newest one is the nearest.
func identify(ladders []*compared, refs []*Reference) (v Revision, nearest *Reference) {
	most := -1
	for _, ref := range slices.Backward(refs) {
		different := map[string]Foreign{}
		for _, r := range ladders {
			for _, f := range r.different(ref) {
				different[f.Path] = f
			}
		}
		common := 0
		for _, source := range ref.Sources {
			if _, ok := different[source.Path]; !ok && concernsAny(ladders, source.Path) {
				common++
			}
		}
		if len(different) == 0 {
			return Revision{Release: ref.Name, Nearest: ref.Name, Repository: ref.Repository, Components: components(ladders, refs, ref, nil)}, ref
		}
		if common <= most {
			continue
		}
		most, nearest, v.Nearest = common, ref, ref.Name
		v.Different = slices.SortedFunc(maps.Values(different), func(a, b Foreign) int { return strings.Compare(a.Path, b.Path) })
	}
	v.Components = components(ladders, refs, nearest, v.Different)
	return v, nearest
}

// concernsAny reports whether one of the ladders can have to do with a path.
func concernsAny(ladders []*compared, path string) bool {
	return slices.ContainsFunc(ladders, func(r *compared) bool { return concerns(r.ledger.Arch, path) })
}

// components compares each component with each release.
func components(ladders []*compared, refs []*Reference, nearest *Reference, different []Foreign) []Component {
	all := map[string]*Component{}
	for _, source := range nearest.Sources {
		if !concernsAny(ladders, source.Path) {
			continue
		}
		name := ComponentOf(source.Path)
		if all[name] == nil {
			all[name] = &Component{Path: name}
		}
		all[name].Files++
	}
	for _, f := range different {
		name := ComponentOf(f.Path)
		if all[name] == nil {
			all[name] = &Component{Path: name}
		}
		all[name].Different++
	}
	tree := ladders[0].files.tree
	for _, ref := range refs {
		same := map[string]bool{}
		for _, source := range ref.Sources {
			if !concernsAny(ladders, source.Path) {
				continue
			}
			name := ComponentOf(source.Path)
			if _, ok := same[name]; !ok {
				same[name] = true
			}
			if v, err := tree.read(source.Path); err != nil || v.digest() != source.Digest {
				same[name] = false
			}
		}
		for name, c := range all {
			if same[name] {
				c.Releases = append(c.Releases, ref.Name)
			}
		}
	}
	var list []Component
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, *all[name])
	}
	return list
}
