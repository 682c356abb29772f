package tool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"stage0/extra"
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

// runSHA3Sum is sha3sum 1.4.0 of mescc-tools-extra, which is built only by GCC
// there. Other options are taken for files.
func runSHA3Sum(ctx context.Context, env *Env, args []string) int {
	var (
		bits    = 256
		verify  string
		checked bool
		strict  bool
		w       = env.Stdout
		inputs  []string
		outputs []output
	)
	err := parse(args[1:], []option{
		{names: "-a --algorithm", arg: true, set: func(v string) error {
			n, err := strconv.Atoi(v)
			if _, known := map[int]bool{224: true, 256: true, 384: true, 512: true}[n]; err != nil || !known {
				return fmt.Errorf("unknown length %q; known are 224, 256, 384, 512", v)
			}
			bits = n
			return nil
		}},
		{names: "--verify", arg: true, set: func(v string) error { verify, checked = v, true; return nil }},
		{names: "-o --output", arg: true, set: func(v string) error {
			out := output{v, new(bytes.Buffer)}
			outputs, w = append(outputs, out), out.text
			return nil
		}},
		flag("--strict", &strict, true),
		env.version("sha3sum 1.4.0\n"),
		env.help(sha3sumUsage),
		operands(func(name string) error {
			src, closer, err := env.open(name)
			if err != nil {
				return err
			}
			defer closer.Close()
			inputs = append(inputs, name)
			sum, err := extra.SHA3(src, bits)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s  %s\n", sum, name)
			if checked && sum != verify {
				return fmt.Errorf("%s: the digest is %s, want %s", name, sum, verify)
			}
			return nil
		}),
	})
	if err != nil && !errors.Is(err, errDone) {
		return env.fail("sha3sum", err)
	}
	for _, out := range outputs {
		if err := env.notInput(out.name, inputs...); err != nil {
			return env.fail("sha3sum", err)
		}
		if err := env.write(out.name, 0o666, func(w io.Writer) error { _, err := w.Write(out.text.Bytes()); return err }); err != nil {
			return env.fail("sha3sum", err)
		}
	}
	return 0
}

// An output is what goes to a file once all has gone well.
type output struct {
	name string
	text *bytes.Buffer
}
