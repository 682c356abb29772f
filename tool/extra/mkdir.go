package extra

import (
	"context"
	"fmt"

	"stage0/extra"
	"stage0/tool"
)

const mkdirUsage = `usage: mkdir [-p] [-m MODE] [--strict] DIRECTORY...

Makes directories. Options hold for what comes after them.

  -p, --parents     make what the directory is in, too; no failure is an error
  -m, --mode MODE   permissions, an octal number (0755); what is none is 0
      --strict      refuse a MODE that is taken for 0, and what -p lets pass
  -v, --version
  -h, --help
`

// RunMkdir is mkdir 1.4.0 of mescc-tools-extra.
func RunMkdir(ctx context.Context, env *tool.Env, args []string) int {
	var (
		parents, strict bool
		mode            = tool.Perm(0o755)
	)
	return env.Run("mkdir", mkdirUsage, args, []tool.Option{
		tool.Flag("-p --parents", &parents, true),
		tool.Flag("--strict", &strict, true),
		{Names: "-m --mode", Arg: true, Set: func(v string) error {
			number, ok := extra.ParseMode(v)
			mode = tool.PermOf(number)
			if ok {
				return nil
			}
			return env.Doubt("mkdir", strict, fmt.Errorf("%q is not a number; taken for 0", v))
		}},
		{Names: "-v --version", Set: func(string) error {
			env.Stdout.Write([]byte("mescc-tools-extra mkdir version 1.4.0\n"))
			return tool.ErrDone
		}},
		tool.Operands(func(name string) error {
			if !parents {
				return env.Mkdir(name, mode)
			}
			if err := env.MkdirAll(name, mode, mode); err != nil {
				return env.Doubt("mkdir", strict, err)
			}
			return nil
		}),
	}, func() error { return nil })
}
