package bootstrap

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"stage0/arch"
)

// A Reference has the digests of a revision's sources and artefacts. Only code that
// compares reads it.
type Reference struct {
	Name       string      // of the release, as "Release_1.9.1"
	Repository *Repository // nil if it has none

	// Sources are the files that the ladders read. If it is nil, every tree is
	// taken for one of this revision.
	Sources []Digested

	// Artefacts are what the ladders make, by the name of the architecture.
	Artefacts map[string][]Digested
}

// Digested is a file, relative to the tree, with its digest.
type Digested struct {
	Path   string
	Digest Digest
}

// Latest is the newest release of stage0-posix that this program knows.
const Latest = "Release_1.9.1"

//go:embed known/*/*.sha256
var known embed.FS

// References returns the digests of the releases that are known, oldest first.
// They are in the directories known/RELEASE: sources.sha256, the files of the
// tree that the ladders read, and ARCH.sha256, what the ladder of an
// architecture makes. The first lines of each file say where it comes from, and
// the tests of this package how it is made again.
func References() ([]*Reference, error) {
	var refs []*Reference
	for _, repo := range releases {
		ref, err := LoadReference(repo.Release, known, path.Join("known", repo.Release))
		if err != nil {
			return nil, err
		}
		ref.Repository = &repo.Repository
		refs = append(refs, ref)
	}
	return refs, nil
}

// LoadReference returns the reference that is made of the files of a directory:
// sources.sha256, if there is one, and ARCH.sha256, each as sha256sum prints it.
// Lines that begin with # are comments, but for the first one of the form
//
//	# as ../OTHER/ARCH.sha256, but:
//
// The list is then that of the other file with the lines that follow in place of
// those with the same paths. A path is taken away by a line with a dash in place
// of the digest.
func LoadReference(name string, fsys fs.FS, dir string) (*Reference, error) {
	ref := &Reference{Name: name, Artefacts: map[string][]Digested{}}
	files, err := fs.Glob(fsys, path.Join(dir, "*.sha256"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		list, err := loadDigests(fsys, file, 0)
		if err != nil {
			return nil, err
		}
		if base := path.Base(file); base == "sources.sha256" {
			ref.Sources = append([]Digested{}, list...) // an empty list vouches for no file
		} else {
			ref.Artefacts[strings.TrimSuffix(base, ".sha256")] = list
		}
	}
	return ref, nil
}

// maxBases is the maximum length of a chain of files that a list of digests is based
// on.
const maxBases = 10

// loadDigests returns the digests in a file of a reference. depth is how many
// files are built on it.
func loadDigests(fsys fs.FS, file string, depth int) ([]Digested, error) {
	if depth > maxBases {
		return nil, fmt.Errorf("%s: more than %d lists are built on it", file, maxBases)
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	base, changes := "", string(text)
	for line := range strings.Lines(changes) {
		if other, ok := strings.CutPrefix(line, "# as "); ok {
			base, _, _ = strings.Cut(other, ",")
			break
		}
	}
	if base == "" {
		return ParseDigests(file, text)
	}
	list, err := loadDigests(fsys, path.Join(path.Dir(file), base), depth+1)
	if err != nil {
		return nil, err
	}
	var kept []string // lines, for the messages of ParseDigests
	gone := map[string]bool{}
	for line := range strings.Lines(changes) {
		if name, ok := strings.CutPrefix(line, "-  "); ok {
			gone[strings.TrimSuffix(name, "\n")] = true
			line = "#\n"
		}
		kept = append(kept, line)
	}
	changed, err := ParseDigests(file, []byte(strings.Join(kept, "")))
	if err != nil {
		return nil, err
	}
	for _, c := range changed {
		gone[c.Path] = true
	}
	list = slices.DeleteFunc(list, func(d Digested) bool { return gone[d.Path] })
	list = append(list, changed...)
	slices.SortFunc(list, func(a, b Digested) int { return strings.Compare(a.Path, b.Path) })
	return list, nil
}

// ParseDigests returns what a text in the format of sha256sum says: lines of a
// digest, two spaces (or a space and an asterisk), and a path. Lines that begin
// with # are comments. The name of the text is for messages.
func ParseDigests(name string, text []byte) ([]Digested, error) {
	var list []Digested
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		if line[0] == '#' {
			continue
		}
		sum, path, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		digest, err := ParseDigest(sum)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
		if !ok || len(path) < 2 || path[0] != ' ' && path[0] != '*' || !fs.ValidPath(path[1:]) {
			return nil, fmt.Errorf("%s:%d:%d: expected two spaces and a path after the digest", name, n, len(sum)+1)
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
