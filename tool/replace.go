package tool

import (
	"context"
	"errors"
	"io"

	"stage0/extra"
)

const replaceUsage = `usage: replace -f FILE -m TEXT -r TEXT [-o FILE] [--strict]

Replaces each occurrence of a text in a file. NULs are dropped.

  -f, --file FILE           what to read; longer than the text to match on
  -m, --match-on TEXT       what to replace
  -r, --replace-with TEXT   what to put in its place
  -o, --output FILE         what to write; standard output if not given
      --strict              accepted; there is nothing to be strict about
  -h, --help
`

// runReplace is replace of mescc-tools-extra. Without --output upstream opens
// /dev/stdout, and so empties a file that standard output goes to.
func runReplace(ctx context.Context, env *Env, args []string) int {
	var (
		input, output, pattern, replacement string
		given                               = map[string]bool{}
		strict                              bool
	)
	named := func(names string, p *string) option {
		return option{names: names, arg: true, set: func(v string) error { *p, given[names] = v, true; return nil }}
	}
	needed := []option{
		named("-f --file", &input),
		named("-m --match-on", &pattern),
		named("-r --replace-with", &replacement),
	}
	err := parse(args[1:], append(needed, text("-o --output", &output), flag("--strict", &strict, true), env.help(replaceUsage)))
	if errors.Is(err, errDone) {
		return 0
	}
	for _, o := range needed {
		if err == nil && !given[o.names] {
			err = errors.New("want the option " + o.names[:2])
		}
	}
	if err == nil {
		err = env.replace(input, output, pattern, replacement)
	}
	if err != nil {
		return env.fail("replace", err)
	}
	return 0
}

func (env *Env) replace(input, output, pattern, replacement string) error {
	src, closer, err := env.open(input)
	if err != nil {
		return err
	}
	defer closer.Close()
	return env.writeOrPrint(output, 0o666, func(w io.Writer) error {
		return extra.Replace(w, src, pattern, replacement)
	})
}
