package extra

import (
	"context"
	"errors"
	"io"

	"stage0/extra"
	"stage0/tool"
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

// RunReplace is replace of mescc-tools-extra. Without --output upstream opens
// /dev/stdout, and so empties a file that standard output goes to.
func RunReplace(ctx context.Context, env *tool.Env, args []string) int {
	var (
		input, output, pattern, replacement string
		given                               = map[string]bool{}
		strict                              bool
	)
	named := func(names string, p *string) tool.Option {
		return tool.Option{Names: names, Arg: true, Set: func(v string) error { *p, given[names] = v, true; return nil }}
	}
	needed := []tool.Option{
		named("-f --file", &input),
		named("-m --match-on", &pattern),
		named("-r --replace-with", &replacement),
	}
	options := append(needed, tool.Text("-o --output", &output), tool.Flag("--strict", &strict, true))
	return env.Run("replace", replaceUsage, args, options, func() error {
		for _, o := range needed {
			if !given[o.Names] {
				return errors.New("expected the option " + o.Names[:2])
			}
		}
		src, err := env.Read(input)
		if err != nil {
			return err
		}
		return env.WriteOrPrint(output, 0o666, func(w io.Writer) error {
			return extra.Replace(w, src, pattern, replacement)
		})
	})
}
