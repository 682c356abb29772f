package extra

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"stage0/extra"
	"stage0/tool"
)

const chmodUsage = `usage: chmod [-v] [--strict] MODE FILE...

Sets the permissions of files, the last one first. What is not a number, +x
say, is 0.

  -v, --verbose   say what is set
      --strict    refuse what is taken for 0, and permissions that cannot be set
  -V, --version
  -h, --help
`

// RunChmod is chmod 1.4.0 of mescc-tools-extra. That permissions cannot be
// set is not an error.
func RunChmod(ctx context.Context, env *tool.Env, args []string) int {
	var (
		verbose, strict bool
		files           []string
	)
	return env.Run("chmod", chmodUsage, args, []tool.Option{
		tool.Flag("-v --verbose", &verbose, true),
		tool.Flag("--strict", &strict, true),
		env.Version("chmod version 1.4.0\n"),
		tool.Names(&files),
	}, func() error {
		if len(files) < 2 {
			return errors.New("expected permissions and a file")
		}
		mode, ok := extra.ParseMode(files[0])
		if !ok {
			if err := env.Doubt("chmod", strict, fmt.Errorf("%q is not a number; taken for 0", files[0])); err != nil {
				return err
			}
		}
		for _, name := range slices.Backward(files[1:]) {
			if _, err := env.FS.Stat(env.Path(name)); err != nil {
				return fmt.Errorf("%s: %w", name, tool.Cause(err))
			}
			if verbose {
				fmt.Fprintf(env.Stdout, "mode of '%s' changed to 0%s\n", name, files[0])
			}
			if err := env.FS.Chmod(env.Path(name), tool.PermOf(mode)); err != nil {
				if err := env.Doubt("chmod", strict, fmt.Errorf("%s: %w", name, tool.Cause(err))); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
