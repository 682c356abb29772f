// Package kaem is the commands kaem-0 and kaem.
package kaem

import (
	"context"
	"fmt"

	"stage0/arch"
	"stage0/internal/clean"
	"stage0/kaem"
	"stage0/tool"
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

// RunKaem runs kaem.
func RunKaem(ctx context.Context, env *tool.Env, args []string) int {
	script := "kaem.run"
	var initMode, strictSyntax bool
	opt := kaem.Options{
		Args:   args,
		Stdout: env.Stdout,
		Stderr: clean.Writer{W: env.Stderr},
		Dir:    env.Dir,
		Chdir:  env.Chdir,
		Exists: env.Exists,
		Exec:   handler(env),
	}
	return env.Run("kaem", kaemUsage, args, []tool.Option{
		tool.Text("-f --file", &script),
		tool.Flag("-i --init-mode", &initMode, true),
		tool.Flag("-v --verbose", &opt.Verbose, true),
		tool.Flag("--strict", &opt.KeepGoing, false),
		tool.Flag("--non-strict", &opt.KeepGoing, true),
		tool.Flag("--warn", &opt.Warn, true),
		tool.Flag("--fuzz", &opt.Fuzz, true),
		tool.Flag("--show-exit-codes", &opt.ShowExitCodes, true),
		tool.Flag("--strict-syntax", &strictSyntax, true),
		{Names: "--", Set: func(string) error { return tool.ErrEnd }},
		env.Version("kaem version 1.7.0\n"),
	}, func() error {
		src, err := env.Read(script)
		if err != nil {
			return err
		}
		if !initMode {
			opt.Env = env.Vars
		}
		opt.Diagnostics = env.Diagnostics(strictSyntax)
		status, err := kaem.Run(ctx, src, opt)
		return tool.Exit{Status: status, Err: err}
	})
}

const kaem0Usage = `usage: kaem-0 [-A ARCH] [--strict] [SCRIPT]

Runs the commands of a script, as the kaem-optional-seed of the architecture
does. Without SCRIPT it runs kaem.ARCH.

  -A, --architecture ARCH   whose seed: x86, amd64 (the default), aarch64,
                            riscv32 or riscv64
      --strict              refuse what the seed drops in silence, and exit 1
                            whatever fails
`

// RunKaem0 runs kaem-0.
func RunKaem0(ctx context.Context, env *tool.Env, args []string) int {
	a, _ := arch.Lookup("amd64")
	var strict bool
	var scripts []string
	return env.Run("kaem-0", kaem0Usage, args, []tool.Option{
		tool.Architecture("-A --architecture", &a),
		tool.Flag("--strict", &strict, true),
		tool.Names(&scripts),
	}, func() error {
		minimal, ok := kaem.MinimalFor(a.Name)
		switch {
		case !ok:
			return fmt.Errorf("there is no kaem-0 for %s", a.Name)
		case len(scripts) > 1:
			return fmt.Errorf("expected at most one script, have %d arguments", len(scripts))
		}
		scripts = append(scripts, minimal.Script)
		src, err := env.Read(scripts[0])
		if err != nil {
			return err
		}
		status, err := kaem.RunMinimal(ctx, src, kaem.MinimalOptions{
			Minimal:     minimal,
			Env:         env.Vars,
			Stdout:      env.Stdout,
			Dir:         env.Dir,
			Exec:        handler(env),
			Diagnostics: env.Diagnostics(strict),
		})
		if err != nil && strict {
			status = 1
		}
		return tool.Exit{Status: status, Err: err}
	})
}

// handler returns what runs the programs of a script.
func handler(env *tool.Env) func(context.Context, kaem.Command) (status int, err error) {
	return func(ctx context.Context, cmd kaem.Command) (status int, err error) {
		child := *env
		child.Dir, child.Vars = cmd.Dir, cmd.Env
		return env.RunChild(ctx, &child, tool.Command{Path: cmd.Path, Args: cmd.Args, At: cmd.At.Position()})
	}
}
