package extra

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"stage0/extra"
	"stage0/strtoint"
	"stage0/tool"
)

const sha3sumUsage = `usage: sha3sum [-a 224|256|384|512] [--verify DIGEST] [-o FILE] [--strict] FILE...

Prints the SHA3 of files. Options hold for the files after them.

  -a, --algorithm BITS   length of the digest (256)
      --verify DIGEST    fail, after printing, if a file has another one
  -o, --output FILE      what to write to; standard output if not given
      --strict           accepted; there is nothing to be strict about
  -V, --version
  -h, --help
`

// RunSHA3Sum is sha3sum 1.4.0 of mescc-tools-extra, which is built only by GCC
// there. Other options are taken for files.
func RunSHA3Sum(ctx context.Context, env *tool.Env, args []string) int {
	var (
		bits    = 256
		verify  string
		checked bool
		strict  bool
		w       = env.Stdout
		inputs  []string
		outputs []output
	)
	return env.Run("sha3sum", sha3sumUsage, args, []tool.Option{
		{Names: "-a --algorithm", Arg: true, Set: func(v string) error {
			n, _ := strtoint.Parse(v)
			if !slices.Contains([]int32{224, 256, 384, 512}, n) {
				return fmt.Errorf("unknown length %q; known are 224, 256, 384, 512", v)
			}
			bits = int(n)
			return nil
		}},
		{Names: "--verify", Arg: true, Set: func(v string) error { verify, checked = v, true; return nil }},
		{Names: "-o --output", Arg: true, Set: func(v string) error {
			out := output{v, new(bytes.Buffer)}
			outputs, w = append(outputs, out), out.text
			return nil
		}},
		tool.Flag("--strict", &strict, true),
		env.Version("sha3sum 1.4.0\n"),
		tool.Operands(func(name string) error {
			src, err := env.Read(name)
			if err != nil {
				return err
			}
			inputs = append(inputs, name)
			sum, err := extra.SHA3(src.Text, bits)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s  %s\n", sum, name)
			if checked && sum != verify {
				return fmt.Errorf("%s: the digest is %s, expected %s", name, sum, verify)
			}
			return nil
		}),
	}, func() error {
		for _, out := range outputs {
			if err := env.NotInput(out.name, inputs...); err != nil {
				return err
			}
			if err := env.Write(out.name, 0o666, func(w io.Writer) error { _, err := w.Write(out.text.Bytes()); return err }); err != nil {
				return err
			}
		}
		return nil
	})
}

// An output is what goes to a file once all has gone well.
type output struct {
	name string
	text *bytes.Buffer
}
