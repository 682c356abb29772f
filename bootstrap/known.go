package bootstrap

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"stage0/arch"
)

// A Reference is what a tree, and what its ladders make, are compared with.
// Nothing that makes bytes reads it.
type Reference struct {
	Name       string      // of the release
	Repository *Repository // of the release; nil if it has none

	// Sources are the files that the ladders read. Without any, the tree is
	// not compared with a release.
	Sources []Digested

	// Artefacts are what the ladders make, by the name of the architecture.
	Artefacts map[string][]Digested

	// StandAlone says that the programs that a tree lacks stand for
	// themselves: there are no seeds in it.
	StandAlone bool

	// Before is what another engine made of the same ladders: each artefact
	// is to be the same. It may be nil.
	Before *Run
}

// Digested is a file, relative to the tree, with its digest.
type Digested struct {
	Path   string
	Digest Digest
}

// Release is the release of stage0-posix that this program knows.
const Release = "Release_1.9.1"

//go:embed known/*.sha256
var known embed.FS

// LoadRelease returns the digests of the release, which are the files below
// known: sources.sha256, and for each architecture what a run of the ladder on
// a processor (x86, amd64) or with qemu-user (the others) made. The tests of
// this package say how they are renewed.
func LoadRelease() (Reference, error) {
	dir, err := fs.Sub(known, "known")
	if err != nil {
		return Reference{}, err
	}
	ref, err := LoadReference("stage0-posix "+Release, dir)
	release := ReleaseRepository()
	ref.Repository = &release
	return ref, err
}

// LoadReference returns the reference that is made of the files of dir:
// sources.sha256, if there is one, and ARCH.sha256, each as sha256sum prints
// it.
func LoadReference(name string, dir fs.FS) (Reference, error) {
	ref := Reference{Name: name, Artefacts: map[string][]Digested{}}
	files, err := fs.Glob(dir, "*.sha256")
	for _, file := range files {
		text, err := fs.ReadFile(dir, file)
		if err != nil {
			return ref, err
		}
		list, err := ParseDigests(file, text)
		if err != nil {
			return ref, err
		}
		if file == "sources.sha256" {
			ref.Sources = list
		} else {
			ref.Artefacts[strings.TrimSuffix(file, ".sha256")] = list
		}
	}
	return ref, err
}

// ParseDigests returns what a text in the format of sha256sum says: lines of a
// digest, two spaces (or a space and an asterisk), and a path. The name of the
// text is for messages.
func ParseDigests(name string, text []byte) ([]Digested, error) {
	var list []Digested
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		sum, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		digest, err := ParseDigest(sum)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
		if !ok || len(path) < 2 || path[0] != ' ' && path[0] != '*' || !fs.ValidPath(path[1:]) {
			return nil, fmt.Errorf("%s:%d:%d: want two spaces and a path after the digest", name, n, len(sum)+1)
		}
		list = append(list, Digested{path[1:], digest})
	}
	return list, nil
}

// concerns reports whether the ladder of a can have to do with a path of the
// tree: whether the path is not that of another ladder.
func concerns(a arch.Arch, path string) bool {
	for _, other := range arch.Ladders() {
		if other.Name == a.Name {
			continue
		}
		if path == script(other) || path == answers(other) ||
			strings.HasPrefix(path, other.Dir+"/") || strings.HasPrefix(path, seeds(other)+"/") {
			return false
		}
	}
	return true
}

// Where a tree has what belongs to an architecture.
func script(a arch.Arch) string  { return "kaem." + a.Name }
func answers(a arch.Arch) string { return a.Name + ".answers" }
func seeds(a arch.Arch) string   { return "bootstrap-seeds/POSIX/" + a.Dir }
