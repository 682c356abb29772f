// Package extra is the commands of mescc-tools-extra that unpack nothing.
package extra

import (
	"context"
	"errors"
	"fmt"
	"io"

	"stage0/arch"
	"stage0/extra"
	"stage0/source"
	"stage0/tool"
)

const catmUsage = `usage: catm [--strict] OUTPUT [INPUT]...

Writes the inputs, one after the other, to OUTPUT.
`

// RunCatm is catm of mescc-tools 1.7.0 and of mescc-tools-extra, which are the
// same. An input that is a directory is an error here; upstream skips it.
func RunCatm(ctx context.Context, env *tool.Env, args []string) int {
	var strict bool
	var files []string
	return env.Run("catm", catmUsage, args, []tool.Option{
		tool.Flag("--strict", &strict, true), // there is nothing to be strict about
		tool.Names(&files),
	}, func() error {
		if len(files) == 0 {
			return errNoArguments
		}
		srcs, err := env.ReadInputs(files[1:], files[0])
		if err != nil {
			return err
		}
		return catm(env, files[0], srcs)
	})
}

const catm0Usage = `usage: catm-0 [-A ARCH] [--strict] OUTPUT [INPUT]...

Writes the inputs, one after the other, to OUTPUT, as the seed catm of the
architecture does: an input that is not there is skipped.

  -A, --architecture ARCH   whose seed: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what the seed skips in silence
`

// catmWritesBuffer has the architectures whose seed writes what is in its buffer
// for an input that is not there.
var catmWritesBuffer = map[string]bool{"x86": true}

// RunCatm0 is the seed catm of the ladders, whose source is
// <ARCH>/catm_<ARCH>.hex2. It never fails: without arguments it does nothing,
// and an input that cannot be read is skipped. In the place of such an input
// the seed of x86 writes the mebibyte that is in its buffer, if the kernel is a
// 64-bit one; that is an error here, and so is an output that cannot be made.
func RunCatm0(ctx context.Context, env *tool.Env, args []string) int {
	a, _ := arch.Lookup("amd64")
	var strict bool
	var files []string
	return env.Run("catm-0", catm0Usage, args, []tool.Option{
		tool.Architecture("-A --architecture", &a),
		tool.Flag("--strict", &strict, true),
		tool.Names(&files),
	}, func() error {
		switch {
		case a.Dir == "":
			return fmt.Errorf("there is no catm-0 for %s", a.Name)
		case len(files) == 0:
			return env.Doubt("catm-0", strict, errNoArguments)
		}
		if err := env.NotInput(files[0], files[1:]...); err != nil {
			return err
		}
		var srcs []source.Source
		for _, name := range files[1:] {
			src, err := env.Read(name)
			switch {
			case err == nil:
				srcs = append(srcs, src)
			case strict || catmWritesBuffer[a.Name]:
				return err
			default:
				env.Warn("catm-0", "%v; skipped", err)
			}
		}
		return catm(env, files[0], srcs)
	})
}

var errNoArguments = errors.New("expected an output file and inputs, have no arguments")

// catm writes srcs to the file called output.
func catm(env *tool.Env, output string, srcs []source.Source) error {
	if env.Located(func(offset int64) (source.Position, error) { return extra.Locate(srcs, offset) }) {
		return nil
	}
	return env.Write(output, 0o600, func(w io.Writer) error { return extra.Catm(w, srcs) })
}
