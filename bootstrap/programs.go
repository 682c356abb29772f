package bootstrap

import (
	_ "embed"
	"fmt"
	"path"
	"strings"

	"stage0/tool/registry"
)

// A Program is one of package tool with its first arguments, as "hex0 -A x86":
// those that are put before the arguments of a step.
type Program struct {
	Name string
	Args []string
}

// parseProgram returns the program that a line of words names.
func parseProgram(line string) (Program, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return Program{}, fmt.Errorf("expected a program's name")
	}
	if _, ok := registry.Lookup(words[0]); !ok {
		return Program{}, fmt.Errorf("there is no program %s", words[0])
	}
	return Program{words[0], words[1:]}, nil
}

func (p Program) String() string { return strings.Join(append([]string{p.Name}, p.Args...), " ") }

// Programs are the known programs: by the SHA-256 of a program's file, the
// program of package tool that does the same as its bytes do, for every input
// that a ladder has been seen to give them, with the same output and exit
// status.
type Programs map[Digest]Program

// knownPrograms has a line for each known program: its digest, two spaces, and
// the program of package tool. A test makes it from the digests of the releases
// and the table equals, which says which programs of which releases are equal.
//
//go:embed known/programs.txt
var knownPrograms string

// LoadPrograms returns the programs of the releases that are known.
func LoadPrograms() (Programs, error) {
	known := Programs{}
	n := 0
	for line := range strings.Lines(knownPrograms) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		sum, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		digest, err := ParseDigest(sum)
		if err != nil {
			return nil, fmt.Errorf("programs.txt:%d:1: %w", n, err)
		}
		p, err := parseProgram(rest)
		if err != nil {
			return nil, fmt.Errorf("programs.txt:%d:67: %w", n, err)
		}
		known[digest] = p
	}
	return known, nil
}

// byPath returns the program for a path that the tree lacks.
func (opt *Options) byPath(name string) (Program, bool) {
	if p, ok := opt.ByPath[name]; ok {
		return p, true
	}
	dir, base := path.Split(name)
	if _, ok := opt.ByPath[dir+"*"]; ok {
		if _, ok := registry.Lookup(base); ok {
			return Program{Name: base}, true
		}
	}
	return Program{}, false
}
