package check

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"stage0/bootstrap"
)

// causes says why a file with the name of some artefacts has bytes that no
// release has, the most certain cause first.
func (c *checker) causes(f File, named []entry, a string) []string {
	none := "no known release has these bytes"
	if f.disk == nil {
		return []string{none}
	}
	data, err := f.disk.read()
	switch {
	case err != nil:
		return []string{err.Error()}
	case len(data) == 0:
		return []string{"it is empty"}
	}
	// The nearest release comes first.
	known := slices.Concat(c.here(named, a), named)
	for _, e := range known {
		want := c.contents[c.digests[e]].Data
		switch {
		case len(want) == 0:
		case bytes.HasPrefix(want, data):
			return []string{fmt.Sprintf("it ends early: the first %d of the %d bytes of %s of %s", len(data), len(want), e.path, c.names([]int{e.release}))}
		case bytes.HasPrefix(data, want):
			return []string{fmt.Sprintf("it has %d more bytes after those of %s of %s", len(data)-len(want), e.path, c.names([]int{e.release}))}
		}
	}
	var causes []string
	p := inspect(data)
	program := c.isProgram(known)
	switch {
	case p.File != nil:
		if p.arch != a {
			machine := p.arch
			if machine == "" {
				machine = p.machine().String()
			}
			causes = append(causes, fmt.Sprintf("a program for %s, expected one for %s", machine, a))
		}
		if signs := p.foreign(); signs != "" {
			causes = append(causes, "not made by the tools of stage0-posix: "+signs)
		}
	case program && bytes.HasPrefix(data, []byte("#!")):
		causes = append(causes, fmt.Sprintf("a script: %q", firstLine(data)))
	case program && utf8.Valid(data) && !bytes.ContainsRune(data, 0):
		causes = append(causes, "a text, and no program")
	case program:
		causes = append(causes, "not a program: it is not an ELF file")
	}
	if len(causes) > 0 {
		return causes
	}
	return append([]string{none}, c.first(data, c.here(named, a))...)
}

// isProgram reports whether the artefacts are programs, as far as that is
// known.
func (c *checker) isProgram(entries []entry) bool {
	return slices.ContainsFunc(entries, func(e entry) bool {
		return path.Base(path.Dir(e.path)) == "bin" || inspect(c.contents[c.digests[e]].Data).File != nil
	})
}

// firstLine returns the first line of a text, at most maxText bytes of it.
func firstLine(data []byte) []byte {
	line, _, _ := bytes.Cut(data[:min(len(data), maxText)], []byte("\n"))
	return line
}

// first describes the first difference between a file and what it should be.
func (c *checker) first(data []byte, wants []entry) []string {
	for _, e := range wants {
		want := c.contents[c.digests[e]].Data
		if len(want) == 0 {
			continue
		}
		n := 0
		for n < min(len(data), len(want)) && data[n] == want[n] {
			n++
		}
		in := ""
		p := inspect(want)
		if name := p.function(uint64(n)); name != "" {
			in = ", in " + name
		}
		return []string{fmt.Sprintf("its first difference is at offset %#x%s; it has %d bytes, %s of %s has %d", n, in, len(data), e.path, c.names([]int{e.release}), len(want))}
	}
	return nil
}

// most is how many identical artefacts are named.
const most = 4

// describe formats artefacts as PATH of RELEASES. The one with path first comes
// first, and those of the same releases are grouped.
func (c *checker) describe(entries []entry, first string) string {
	releases := map[string][]int{}
	var paths []string
	for _, e := range entries {
		if releases[e.path] == nil {
			paths = append(paths, e.path)
		}
		releases[e.path] = append(releases[e.path], e.release)
	}
	if i := slices.Index(paths, first); i > 0 {
		paths = slices.Insert(slices.Delete(paths, i, i+1), 0, first)
	}
	rest := len(paths) - most
	var groups []string
	for i := range min(most, len(paths)) {
		of := " of " + c.names(releases[paths[i]])
		if last := len(groups) - 1; i > 0 && strings.HasSuffix(groups[last], of) {
			groups[last] = strings.TrimSuffix(groups[last], of) + ", " + paths[i] + of
		} else {
			groups = append(groups, paths[i]+of)
		}
	}
	if rest > 0 {
		groups = append(groups, fmt.Sprintf("%d more", rest))
	}
	return strings.Join(groups, "; ")
}

// names formats releases, given in order, with consecutive ones as ranges:
// 1.6.0, 1.8.0 to 1.9.1.
func (c *checker) names(releases []int) string {
	var list []string
	for i := 0; i < len(releases); {
		end := i
		for end+1 < len(releases) && releases[end+1] <= releases[end]+1 && !c.releases[releases[end]].Apart && !c.releases[releases[end+1]].Apart {
			end++
		}
		name, last := bootstrap.Version(c.releases[releases[i]].Name), bootstrap.Version(c.releases[releases[end]].Name)
		if releases[end] > releases[i] {
			name += " to " + last
		}
		list, i = append(list, name), end+1
	}
	return strings.Join(list, ", ")
}

// components are the repositories that the compiled programs come from.
var components = []struct {
	name     string
	programs []string
}{
	{"M2-Planet", []string{"M2-Planet"}},
	{"M2-Mesoplanet", []string{"M2-Mesoplanet"}},
	{"mescc-tools", []string{"M1", "hex2", "blood-elf", "get_machine", "kaem"}},
	{"mescc-tools-extra", []string{"sha256sum", "match", "mkdir", "untar", "ungz", "unbz2", "unxz", "catm", "chmod", "cp", "rm", "replace", "wrap"}},
}

// hints says what the findings suggest as a whole.
func (c *checker) hints(r *Result) (hints []string) {
	wanted := wantedBy(r)
	if list := c.names(c.having(wanted)); list != "" {
		hint := "the list that the log is about is that of " + list
		if !slices.Contains(c.having(wanted), c.release) {
			hint += ", and what was made is that of " + bootstrap.Version(r.release) + ": the tree is a mixture of the two"
		}
		hints = append(hints, hint)
	}
	if other := c.common(r); other != "" {
		hints = append(hints, "all that differ are as in "+other+": some of what they were made from is of that release")
	}
	good, bad := map[string]int{}, map[string]int{}
	for _, f := range r.findings {
		component := ""
		for _, known := range components {
			if path.Base(path.Dir(f.expected)) == "bin" && slices.Contains(known.programs, path.Base(f.expected)) {
				component = known.name
			}
		}
		switch {
		case f.verdict == matches:
			good[component]++
		case f.verdict == differs && f.digest != nil && slices.Contains(c.having([]bootstrap.Digest{*f.digest}), c.release):
			return hints // the right bytes under a wrong name
		case f.verdict == differs:
			bad[component]++
		}
	}
	var differing []string
	compiled, total := 0, 0
	for _, known := range components {
		compiled += good[known.name]
		total += bad[known.name]
		if bad[known.name] > 0 {
			differing = append(differing, known.name)
		}
	}
	switch {
	case total == 0 || bad[""] > 0:
	case compiled == 0 && good[""] > 0 && total > 1:
		hints = append(hints, "all compiled programs differ, and nothing that is assembled: look at M2-Planet and M2libc")
	case len(differing) == 1 && good[differing[0]] == 0 && compiled > 0:
		hints = append(hints, "all programs of "+differing[0]+" differ, and no others: look at its revision")
	}
	return hints
}

// wantedBy returns the digests that a log expects.
func wantedBy(r *Result) (wanted []bootstrap.Digest) {
	for _, f := range r.findings {
		if f.wanted != nil {
			wanted = append(wanted, *f.wanted)
		}
	}
	return wanted
}

// common returns the releases that have all files that differ, or "".
func (c *checker) common(r *Result) string {
	var digests []bootstrap.Digest
	for _, f := range r.findings {
		switch {
		case f.verdict != differs:
		case f.digest == nil:
			return ""
		default:
			digests = append(digests, *f.digest)
		}
	}
	releases := c.having(digests)
	if slices.Contains(releases, c.release) { // it has them under other names
		return ""
	}
	return c.names(releases)
}

// having returns the releases that have artefacts with all of the digests.
func (c *checker) having(digests []bootstrap.Digest) (releases []int) {
	if len(digests) == 0 {
		return nil
	}
	for i := range c.releases {
		if !slices.ContainsFunc(digests, func(d bootstrap.Digest) bool {
			return !slices.ContainsFunc(c.byDigest[d], func(e entry) bool { return e.release == i })
		}) {
			releases = append(releases, i)
		}
	}
	return releases
}
