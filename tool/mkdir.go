package tool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"stage0/extra"
)

const mkdirUsage = `usage: mkdir [-p] [-m MODE] [--strict] DIRECTORY...

Makes directories. Options hold for what comes after them.

  -p, --parents     make what the directory is in, too; no failure is an error
  -m, --mode MODE   permissions, an octal number (0755); what is none is 0
      --strict      refuse a MODE that is taken for 0, and what -p lets pass
  -v, --version
  -h, --help
`

// maxPath is how long the name of a directory may be, in bytes.
const maxPath = 4095

// runMkdir is mkdir 1.4.0 of mescc-tools-extra.
func runMkdir(ctx context.Context, env *Env, args []string) int {
	var (
		parents, strict bool
		mode            = Perm(0o755)
	)
	err := parse(args[1:], []option{
		flag("-p --parents", &parents, true),
		flag("--strict", &strict, true),
		{names: "-m --mode", arg: true, set: func(v string) error {
			number, ok := extra.ParseMode(v)
			mode = permOf(number)
			if ok {
				return nil
			}
			return env.doubt("mkdir", strict, fmt.Errorf("%q is no number; taken for 0", v))
		}},
		{names: "-v --version", set: func(string) error {
			env.Stdout.Write([]byte("mescc-tools-extra mkdir version 1.4.0\n"))
			return errDone
		}},
		env.help(mkdirUsage),
		operands(func(name string) error {
			if !parents {
				return env.mkdir(name, mode)
			}
			if err := env.mkdirAll(name, mode, mode); err != nil {
				return env.doubt("mkdir", strict, err)
			}
			return nil
		}),
	})
	if err != nil && !errors.Is(err, errDone) {
		return env.fail("mkdir", err)
	}
	return 0
}

// mkdir makes a directory.
func (env *Env) mkdir(name string, perm Perm) error {
	err := error(fs.ErrNotExist)
	if name != "" {
		err = env.FS.Mkdir(env.path(name[:1]+strings.TrimRight(name[1:], "/")), perm)
	}
	if err != nil {
		return fmt.Errorf("%s: cannot make directory: %w", name, Cause(err))
	}
	return nil
}

// mkdirAll makes a directory, unless it is there, and those that it is in.
func (env *Env) mkdirAll(name string, perm, parents Perm) error {
	if len(name) > maxPath {
		return fmt.Errorf("%.20s...: cannot make directory: the name is longer than %d bytes", name, maxPath)
	}
	err := env.mkdir(name, perm)
	if dir := path.Dir(strings.TrimRight(name, "/")); errors.Is(err, fs.ErrNotExist) && dir != "." && dir != "/" {
		if err := env.mkdirAll(dir, parents, parents); err != nil {
			return err
		}
		err = env.mkdir(name, perm)
	}
	if errors.Is(err, fs.ErrExist) && env.isDir(name) {
		return nil
	}
	return err
}
