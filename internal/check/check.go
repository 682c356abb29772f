// Package check compares programs that somebody else built with what releases
// of stage0-posix make, and suggests causes of the differences.
//
// # Input
//
// The input is either the files of a directory (Walk), such as an output of Nix
// or Guix or the /usr/bin of live-bootstrap, or digests (Parse), such as the
// output of sha256sum, with or without -c.
//
// A file is known if an artefact of a release has its name or its bytes. Its
// name is the longest end of its path that is the path of an artefact (such as
// x86/bin/M1), or else the last element, without Nix's prefix and a version at
// the end. Unknown files are not part of stage0-posix and do not count.
//
// # Comparison
//
// All known files should be of one release and one architecture. Check chooses
// the ones that most of the files match; in a tie, the latest release. A file
// whose path names an architecture is compared with that one.
//
// A file that differs there is compared with everything else that is known, and
// its causes are listed, the most certain first: it is an artefact of another
// release, of another architecture, or another one of the same; it is
// truncated; it was not made by the tools of stage0-posix; its first difference
// is at some offset, in some function. The last three need the bytes, of the
// file and of what it should be.
package check

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/lazyregexp"
)

// A File is a file that somebody built, or what is known about one.
type File struct {
	name   string            // slash-separated; empty for a digest without a name
	digest *bootstrap.Digest // nil if unknown
	wanted *bootstrap.Digest // the digest that a log expects; nil if unknown
	said   string            // result in a log, Passed or Refused; or empty
	disk   *disk             // nil if only digests are given
	err    error             // why it could not be read
}

// Results of sha256sum -c in a log.
const (
	passed  = "OK"
	refused = "FAILED"
)

// disk gives access to a file at hand.
type disk struct {
	size int64
	mode fs.FileMode // without permissions where there are none
	read func() ([]byte, error)
}

// A Release is a release to compare with.
type Release struct {
	*bootstrap.Reference                              // only its name and artefacts are used
	Contents             map[string]bootstrap.Content // of artefacts, by path, if they are at hand
	Apart                bool                         // it is not part of the sequence of the others
}

// A verdict is the result of comparing a file with the nearest release.
type verdict int

const (
	matches verdict = iota
	differs
	unconfirmed // a log says that it matched, without a digest
	foreign     // not part of stage0-posix
)

func (v verdict) String() string { return [...]string{"OK", "DIFF", "OK?", "OTHER"}[v] }

// A Finding is the result for one file.
type Finding struct {
	File
	verdict  verdict
	same     string   // artefacts with its bytes: PATH of RELEASES
	expected string   // path of the artefact that it should be, if any
	causes   []string // why it differs, the most certain first
}

// A Result is the result for all files.
type Result struct {
	release  string   // the nearest; empty if no file is known
	archs    []string // the architectures compared with
	findings []Finding
	missing  []string // programs of the nearest release that are not among the files
	hints    []string // what the findings suggest as a whole
}

// count returns how many findings have the verdict v.
func (r *Result) count(v verdict) int {
	n := 0
	for _, f := range r.findings {
		if f.verdict == v {
			n++
		}
	}
	return n
}

// Known returns how many of the files are part of stage0-posix.
func (r *Result) Known() int { return len(r.findings) - r.count(foreign) }

// refused returns the number of files that a log says did not match.
func (r *Result) refused() int {
	n := 0
	for _, f := range r.findings {
		if f.said == refused {
			n++
		}
	}
	return n
}

// Good reports whether all known files are of one release, by their digests,
// and whoever checked them before also found them so.
func (r *Result) Good() bool {
	return r.count(matches) > 0 && r.count(matches) == r.Known() && r.refused() == 0
}

// An entry is an artefact of a release.
type entry struct {
	release    int
	arch, path string
}

// A checker indexes the artefacts of the releases.
type checker struct {
	releases []Release
	digests  map[entry]bootstrap.Digest
	byDigest map[bootstrap.Digest][]entry
	byPath   map[string][]entry
	byBase   map[string][]entry
	contents map[bootstrap.Digest]bootstrap.Content

	// What files are compared with.
	release int
	arch    string // of files whose path does not name one
	forced  bool   // arch applies to all files
}

func newChecker(releases []Release) *checker {
	c := &checker{
		releases: releases,
		digests:  map[entry]bootstrap.Digest{},
		byDigest: map[bootstrap.Digest][]entry{},
		byPath:   map[string][]entry{},
		byBase:   map[string][]entry{},
		contents: map[bootstrap.Digest]bootstrap.Content{},
	}
	for i, r := range releases {
		for _, a := range arch.All {
			for _, known := range r.Artefacts[a.Name] {
				e := entry{i, a.Name, known.Path}
				c.digests[e] = known.Digest
				c.byDigest[known.Digest] = append(c.byDigest[known.Digest], e)
				c.byPath[e.path] = append(c.byPath[e.path], e)
				c.byBase[path.Base(e.path)] = append(c.byBase[path.Base(e.path)], e)
				if content, ok := r.Contents[e.path]; ok {
					c.contents[known.Digest] = content
				}
			}
		}
	}
	return c
}

// Check compares files with releases, which must be in chronological order. If
// architecture is not empty, it is the only one to compare with.
func Check(files []File, releases []Release, architecture string) *Result {
	c := newChecker(releases)
	c.forced = architecture != ""
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.name, b.name) })
	r := &Result{}
	if !c.nearest(files, architecture) {
		for _, f := range files {
			r.findings = append(r.findings, c.unknown(f))
		}
		return r
	}
	r.release = c.releases[c.release].Name
	archs := map[string]bool{}
	found := map[string]bool{} // paths of artefacts
	for _, f := range files {
		finding := c.finding(f)
		r.findings = append(r.findings, finding)
		if finding.verdict == foreign {
			continue
		}
		archs[c.archOf(f)] = true
		found[finding.expected] = true
	}
	for _, a := range arch.All {
		if !archs[a.Name] {
			continue
		}
		r.archs = append(r.archs, a.Name)
		for _, known := range c.releases[c.release].Artefacts[a.Name] {
			if path.Base(path.Dir(known.Path)) == "bin" && !found[known.Path] {
				r.missing = append(r.missing, known.Path)
			}
		}
	}
	r.hints = c.hints(r)
	return r
}

// nearest chooses the release and architecture to compare with. It returns
// false if no file is known.
func (c *checker) nearest(files []File, architecture string) bool {
	type candidate struct {
		release int
		arch    string
	}
	type score struct{ matched, wanted, machine, named int } // numbers of files
	scores := map[candidate]score{}
	var candidates []candidate
	for i, r := range c.releases {
		for _, a := range arch.All {
			if len(r.Artefacts[a.Name]) > 0 && (architecture == "" || architecture == a.Name) {
				candidates = append(candidates, candidate{i, a.Name})
			}
		}
	}
	known := false
	for _, f := range files {
		same, named := c.same(f), c.named(f.name)
		if len(same) == 0 && len(named) == 0 {
			continue
		}
		known = true
		pinned := c.pinned(f.name)
		machine := ""
		if len(same) == 0 && f.disk != nil {
			if data, err := f.disk.read(); err == nil {
				machine = inspect(data).arch
			}
		}
		var wanted []entry
		if f.wanted != nil {
			wanted = c.byDigest[*f.wanted]
		}
		for _, cand := range candidates {
			s := scores[cand]
			a := cand.arch
			if pinned != "" {
				a = pinned
			}
			is := func(e entry) bool { return e.release == cand.release && e.arch == a }
			if slices.ContainsFunc(same, is) {
				s.matched++
			}
			if slices.ContainsFunc(wanted, is) {
				s.wanted++
			}
			if machine == cand.arch {
				s.machine++
			}
			if slices.ContainsFunc(named, is) {
				s.named++
			}
			scores[cand] = s
		}
	}
	if !known || len(candidates) == 0 {
		return false
	}
	best := slices.MaxFunc(candidates, func(a, b candidate) int {
		sa, sb := scores[a], scores[b]
		return cmp.Or(cmp.Compare(sa.matched, sb.matched), cmp.Compare(sa.wanted, sb.wanted), cmp.Compare(sa.machine, sb.machine),
			cmp.Compare(sa.named, sb.named), cmp.Compare(a.release, b.release))
	})
	c.release, c.arch = best.release, best.arch
	return true
}

// same returns the artefacts that have the bytes of a file.
func (c *checker) same(f File) []entry {
	if f.digest == nil {
		return nil
	}
	return c.byDigest[*f.digest]
}

// maxDepth is how many elements of a path are compared with paths of artefacts.
const maxDepth = 8

// pinned returns the architecture that a path names, or "".
func (c *checker) pinned(name string) string {
	if named := c.byPath[c.artefactPath(name)]; len(named) > 0 {
		return named[0].arch
	}
	return ""
}

// artefactPath returns the longest end of a path that is the path of an
// artefact, or "". If the architecture is forced, paths are ignored.
func (c *checker) artefactPath(name string) string {
	if c.forced {
		return ""
	}
	elements := strings.Split(name, "/")
	for i := max(0, len(elements)-maxDepth); i < len(elements); i++ {
		if end := strings.Join(elements[i:], "/"); len(c.byPath[end]) > 0 {
			return end
		}
	}
	return ""
}

var (
	storePrefix = lazyregexp.New(`^[0-9abcdfghijklmnpqrsvwxyz]{32}-`)
	version     = lazyregexp.New(`-[0-9]+(\.[0-9]+)+$`)
)

// named returns the artefacts that have the name of a file.
func (c *checker) named(name string) []entry {
	if end := c.artefactPath(name); end != "" {
		return c.byPath[end]
	}
	base := path.Base(name)
	for _, clean := range []func(string) string{
		func(s string) string { return s },
		func(s string) string { return storePrefix.ReplaceAllString(s, "") },
		func(s string) string { return version.ReplaceAllString(s, "") },
	} {
		base = clean(base)
		if entries := c.byBase[base]; len(entries) > 0 {
			return entries
		}
	}
	return nil
}

// archOf returns the architecture to compare a file with.
func (c *checker) archOf(f File) string {
	if pinned := c.pinned(f.name); pinned != "" {
		return pinned
	}
	return c.arch
}

// here returns the entries of the nearest release for architecture a.
func (c *checker) here(entries []entry, a string) (list []entry) {
	for _, e := range entries {
		if e.release == c.release && e.arch == a {
			list = append(list, e)
		}
	}
	return list
}

// unnamed reports whether a file has only a digest.
func unnamed(name string) bool { return name == "" || name == "-" }

// unknown returns the finding for a file that no release has.
func (c *checker) unknown(f File) Finding {
	if unnamed(f.name) {
		return Finding{File: f, verdict: differs, causes: []string{"no known release has this digest"}}
	}
	return Finding{File: f, verdict: foreign}
}

// finding compares a file with the nearest release.
func (c *checker) finding(f File) Finding {
	same, named := c.same(f), c.named(f.name)
	if len(same) == 0 && len(named) == 0 {
		return c.unknown(f)
	}
	a := c.archOf(f)
	wants := inDirectory(f.name, c.here(named, a))
	finding := Finding{File: f, expected: choose(wants)}
	finding.same = c.describe(same, finding.expected)
	differs := func(causes ...string) Finding {
		finding.verdict, finding.causes = differs, causes
		return finding
	}
	switch {
	case f.err != nil:
		return differs(f.err.Error())
	case f.digest == nil && f.said == passed:
		finding.verdict = unconfirmed
		return finding
	case f.digest == nil:
		return differs("the log says that it is not as its list says, and no more")
	}
	is := c.here(same, a)
	isWanted := slices.ContainsFunc(is, func(e entry) bool { return slices.Contains(wants, e) })
	switch {
	case len(is) > 0 && (isWanted || len(wants) == 0):
		if finding.expected == "" {
			finding.expected = is[0].path
		}
		if cause := c.mode(f); cause != "" {
			return differs(cause)
		}
		return finding
	case len(same) > 0:
		return differs("the same bytes as " + finding.same) // but not what it should be
	}
	return differs(c.causes(f, named, a)...)
}

// inDirectory returns the entries in a directory with the same name as a
// file's, or all if there are none.
func inDirectory(name string, entries []entry) []entry {
	dir := path.Base(path.Dir(name))
	var in []entry
	for _, e := range entries {
		if path.Base(path.Dir(e.path)) == dir {
			in = append(in, e)
		}
	}
	if len(in) == 0 {
		return entries
	}
	return in
}

// choose returns the path of one of the artefacts that a file may be,
// preferably of a program, or "" if there are none.
func choose(entries []entry) string {
	if len(entries) == 0 {
		return ""
	}
	return inDirectory("bin/", entries)[0].path
}

// mode describes what is wrong with the permissions of a file that has the
// bytes of an artefact. As for Nix, only the executable bit counts, besides
// bits that give it more rights.
func (c *checker) mode(f File) string {
	if f.disk == nil || f.disk.mode&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid) == 0 {
		return ""
	}
	perm := f.disk.mode.Perm()
	if f.disk.mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 {
		return fmt.Sprintf("the same bytes, and another mode: it runs with the rights of its owner or group (%v)", f.disk.mode)
	}
	executable := perm&0o100 != 0
	content, known := c.contents[*f.digest]
	if !known {
		data, err := f.disk.read()
		if err != nil || inspect(data).arch == "" {
			return ""
		}
		content.Perm = 0o100 // programs are meant to be executed
	}
	switch {
	case content.Perm&0o100 != 0 && !executable:
		return fmt.Sprintf("the same bytes, and another mode: it cannot be executed, its permissions are %04o", perm)
	case content.Perm&0o100 == 0 && executable:
		return fmt.Sprintf("the same bytes, and another mode: it can be executed, its permissions are %04o", perm)
	}
	return ""
}
