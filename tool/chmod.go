package tool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"stage0/extra"
)

const chmodUsage = `usage: chmod [-v] [--strict] MODE FILE...

Sets the permissions of files, the last one first. What is not a number, +x
say, is 0.

  -v, --verbose   say what is set
      --strict    refuse what is taken for 0, and permissions that cannot be set
  -V, --version
  -h, --help
`

// runChmod is chmod 1.4.0 of mescc-tools-extra. That permissions cannot be
// set is no error.
func runChmod(ctx context.Context, env *Env, args []string) int {
	var (
		verbose, strict bool
		files           []string
	)
	err := parse(args[1:], []option{
		flag("-v --verbose", &verbose, true),
		flag("--strict", &strict, true),
		env.version("chmod version 1.4.0\n"),
		env.help(chmodUsage),
		names(&files),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
		return env.fail("chmod", err)
	case len(files) < 2:
		return env.fail("chmod", errors.New("want permissions and a file"))
	}
	mode, ok := extra.ParseMode(files[0])
	if !ok {
		if err := env.doubt("chmod", strict, fmt.Errorf("%q is no number; taken for 0", files[0])); err != nil {
			return env.fail("chmod", err)
		}
	}
	for _, name := range slices.Backward(files[1:]) {
		if _, err := env.FS.Stat(env.path(name)); err != nil {
			return env.fail("chmod", fmt.Errorf("%s: %w", name, Cause(err)))
		}
		if verbose {
			fmt.Fprintf(env.Stdout, "mode of '%s' changed to 0%s\n", name, files[0])
		}
		if err := env.FS.Chmod(env.path(name), permOf(mode)); err != nil {
			if err := env.doubt("chmod", strict, fmt.Errorf("%s: %w", name, Cause(err))); err != nil {
				return env.fail("chmod", err)
			}
		}
	}
	return 0
}

// permOf returns the permissions that Unix writes as mode.
func permOf(mode uint32) Perm {
	perm := Perm(mode & 0o777)
	for bit, name := range map[uint32]Perm{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&bit != 0 {
			perm |= name
		}
	}
	return perm
}

// doubt reports err where upstream says nothing, or goes on: as a warning, or,
// if it is to be strict, by returning it.
func (env *Env) doubt(program string, strict bool, err error) error {
	if strict {
		return err
	}
	env.warn(program, "%v", err)
	return nil
}
