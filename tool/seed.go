package tool

import (
	"fmt"
	"io"

	"stage0/arch"
	"stage0/source"
)

// A Seed is one of the ladder's first programs.
type Seed struct {
	Assemble func(io.Writer, source.Source, arch.Arch, source.Diagnostics) error
	Locate   func(src source.Source, a arch.Arch, offset int64) (source.Position, error) // see Program.Locate; may be nil
	Options  []Option                                                                    // besides those of every seed
}

// RunSeed runs a seed, which is called as "tool in out", with the options that
// stand for the fact that upstream has one of them for each architecture.
// Without an output file it prints, as upstream's do (but for hex0 and some of
// hex1, which write nothing then).
func (env *Env) RunSeed(name, usage string, args []string, perm Perm, s Seed) int {
	a, _ := arch.Lookup("amd64")
	var strict bool
	var files []string
	return env.Run(name, usage, args, append(s.Options,
		Architecture("-A --architecture", &a),
		Flag("--strict", &strict, true),
		Names(&files),
	), func() error {
		switch {
		case a.Dir == "":
			return fmt.Errorf("there is no %s for %s", name, a.Name)
		case len(files) == 1:
			files = append(files, "")
		case len(files) != 2:
			return fmt.Errorf("expected an input and an output file, have %d arguments", len(files))
		}
		srcs, err := env.ReadInputs(files[:1], files[1])
		if err != nil {
			return err
		}
		if s.Locate != nil && env.Located(func(offset int64) (source.Position, error) { return s.Locate(srcs[0], a, offset) }) {
			return nil
		}
		return env.WriteOrPrint(files[1], perm, func(w io.Writer) error {
			return s.Assemble(w, srcs[0], a, env.Diagnostics(strict))
		})
	})
}
