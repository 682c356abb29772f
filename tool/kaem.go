package tool

import (
	"context"
	"errors"
	"fmt"
	"path"
	"syscall"

	"stage0/arch"
	"stage0/internal/clean"
	"stage0/kaem"
)

const kaemUsage = `usage: kaem [OPTION]... [--file SCRIPT] [-- ARGUMENT...]

Runs the script kaem.run, or SCRIPT, in which $@ stands for "-- ARGUMENT...".

  -f, --file SCRIPT         what to run
  -i, --init-mode           start without environment variables
  -v, --verbose             print each command before it is run
      --strict              end when a command fails (the default)
      --non-strict          go on when a command fails
      --warn                say that set -a does nothing
      --fuzz                run no programs
      --show-exit-codes     print each program's exit status
      --strict-syntax       refuse what upstream's kaem drops or mangles in
                            silence
  -V, --version             print the version of upstream's kaem
`

func runKaem(ctx context.Context, env *Env, args []string) int {
	script := "kaem.run"
	var initMode, strictSyntax bool
	opt := kaem.Options{
		Args:   args,
		Stdout: env.Stdout,
		Stderr: clean.Writer{W: env.Stderr},
		Dir:    env.Dir,
		Chdir:  env.chdir,
		Exists: env.exists,
		Exec:   env.handler,
	}
	err := parse(args[1:], []option{
		text("-f --file", &script),
		flag("-i --init-mode", &initMode, true),
		flag("-v --verbose", &opt.Verbose, true),
		flag("--strict", &opt.KeepGoing, false),
		flag("--non-strict", &opt.KeepGoing, true),
		flag("--warn", &opt.Warn, true),
		flag("--fuzz", &opt.Fuzz, true),
		flag("--show-exit-codes", &opt.ShowExitCodes, true),
		flag("--strict-syntax", &strictSyntax, true),
		{names: "--", set: func(string) error { return errEnd }},
		env.version("kaem version 1.7.0\n"),
		env.help(kaemUsage),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
		return env.fail("kaem", err)
	}
	src, closer, err := env.open(script)
	if err != nil {
		return env.fail("kaem", err)
	}
	defer closer.Close()
	if !initMode {
		opt.Env = env.Vars
	}
	opt.Diagnostics = env.diagnostics(strictSyntax)
	status, err := kaem.Run(ctx, src, opt)
	if err != nil {
		env.fail("kaem", err)
	}
	return status
}

const kaem0Usage = `usage: kaem-0 [-A ARCH] [--strict] [SCRIPT]

Runs the commands of a script, as the kaem-optional-seed of the architecture
does. Without SCRIPT it runs kaem.ARCH.

  -A, --architecture ARCH   whose seed: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what the seed drops in silence, and exit 1
                            whatever fails
`

func runKaem0(ctx context.Context, env *Env, args []string) int {
	a, _ := arch.Lookup("amd64")
	var strict bool
	var scripts []string
	err := parse(args[1:], []option{
		architecture("-A --architecture", &a),
		flag("--strict", &strict, true),
		env.help(kaem0Usage),
		names(&scripts),
	})
	minimal, ok := kaem.MinimalFor(a.Name)
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
		return env.fail("kaem-0", err)
	case !ok:
		return env.fail("kaem-0", fmt.Errorf("there is no kaem-0 for %s", a.Name))
	case len(scripts) > 1:
		return env.fail("kaem-0", fmt.Errorf("want at most one script, have %d arguments", len(scripts)))
	}
	scripts = append(scripts, minimal.Script)
	src, closer, err := env.open(scripts[0])
	if err != nil {
		return env.fail("kaem-0", err)
	}
	defer closer.Close()
	status, err := kaem.RunMinimal(ctx, src, kaem.MinimalOptions{
		Minimal:     minimal,
		Environ:     env.Vars,
		Stdout:      env.Stdout,
		Dir:         env.Dir,
		Exec:        env.handler,
		Diagnostics: env.diagnostics(strict),
	})
	if err == nil {
		return status
	}
	env.fail("kaem-0", err)
	if strict {
		return 1
	}
	return status
}

// handler runs the programs of a script.
func (env *Env) handler(ctx context.Context, cmd kaem.Command) (status int, err error) {
	child := *env
	child.Dir, child.Vars = cmd.Dir, cmd.Env
	return env.exec(ctx, &child, Command{Path: cmd.Path, Args: cmd.Args, At: cmd.At})
}

// chdir returns what directory name is, seen from dir. Where the file system
// has links, it is the name without them, as getcwd has it.
func (env *Env) chdir(dir, name string) (string, error) {
	if name == "" {
		return "", syscall.ENOENT
	}
	if !path.IsAbs(name) {
		name = dir + "/" + name // not cleaned: what .. is, depends on links
	}
	if links, ok := env.FS.(realPather); ok {
		real, err := links.RealPath(name)
		if err != nil {
			return "", Cause(err)
		}
		name = real
	}
	name = path.Clean(name)
	info, err := env.FS.Stat(name)
	if err != nil {
		return "", Cause(err)
	}
	if !info.IsDir() {
		return "", syscall.ENOTDIR
	}
	return name, nil
}

// exists reports whether there is a file called name, seen from dir.
func (env *Env) exists(dir, name string) bool {
	seen := *env
	seen.Dir = dir
	_, err := env.FS.Stat(seen.path(name))
	return err == nil
}
