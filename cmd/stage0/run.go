package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"stage0/internal/emu"
	"stage0/internal/emu/gdb"
	"stage0/internal/emu/translate"
)

// A running is how a program is to be run.
type running struct {
	env     []string
	dir     string
	limits  emu.Limits
	timeout time.Duration
	gdb     string
	knight  bool
	single  bool
	tell    telling
}

func newRun() *cobra.Command {
	r := running{limits: emu.DefaultLimits}
	cmd := &cobra.Command{
		Use:   "run [flags] FILE [ARGUMENT]...",
		Short: "Run a program of a ladder in an emulator",
		Long: `Executes FILE, a static ELF program for Linux on one of the processors of the
ladders, in an emulator: this machine's processor and system do not matter. The
program sees the working directory as its root directory, in which FILE is
looked for, too, and nothing else of this machine; links out of it lead nowhere.
With --dir it begins in a directory below, from which FILE is looked for. It has
no environment variables but those of --env. What it writes to files is kept in
memory, and written when all has gone well, whatever the exit status.

What the program does can be told, on standard error: every instruction and
system call as it happens (--trace: the process, the address with its symbol, the
bytes, the instruction, the registers that it changed, and with --source the line
of the source that the program was made from); system calls alone (--syscalls);
when it has ended, how many there were (--stats), and which bytes of the file, and
of those that it ran, were never executed (--coverage: offset, address, size,
rights, symbol).

With --gdb, gdb debugs it, forwards and backwards: after "target remote ADDRESS"
in gdb-multiarch, or with standard input and output for the address "-", after
"target remote | stage0 run --gdb - FILE". Nobody asks who connects.

The program is translated to WebAssembly, which wazero runs, unless each of its
instructions is to be told, or --single-steps is given.

The exit status is the program's, or 2 if it could not be run to its end.`,
		Example: `  stage0 run hex0-seed hello.hex0 hello
  stage0 run --env PATH=/bin --dir x86 ../hello
  stage0 run --trace --source hello.hex0 hello 2>trace
  stage0 run --stats --coverage hello
  stage0 run --gdb localhost:1234 hello`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.run(cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false) // the program's flags are its own
	flags.StringArrayVar(&r.env, "env", nil, "an environment variable, as NAME=VALUE; may be given several times")
	flags.StringVar(&r.dir, "dir", "", "the directory in which the program begins, below this one")
	addLimits(flags, &r.limits)
	flags.DurationVar(&r.timeout, "timeout", 0, "end the run after so long, say 30s")
	flags.BoolVar(&r.knight, "knight", false, "take a FILE that is no ELF program for one of knight-posix, which has no mark of its own")
	flags.BoolVar(&r.single, "single-steps", false, "execute one instruction at a time, and translate nothing")
	r.tell.addFlags(flags)
	flags.StringVar(&r.gdb, "gdb", "", "wait for gdb at an address: [HOST]:PORT, or - for standard input and output")
	for _, name := range r.tell.names() {
		cmd.MarkFlagsMutuallyExclusive("gdb", name) // a run is begun anew to go back
	}
	return cmd
}

// run runs the program args[0].
func (r *running) run(cmd *cobra.Command, args []string) error {
	if err := r.check(); err != nil {
		return err
	}
	ctx, stop := untilSignal(cmd.Context())
	defer stop()
	signal.Reset(syscall.SIGPIPE) // what nobody reads the output of may end at once
	if r.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.timeout, fmt.Errorf("stopped after %v, the limit (--timeout)", r.timeout))
		defer cancel()
	}
	var files *runFiles
	begin := func() (emu.Config, error) {
		var err error
		if files, err = newRunFiles("."); err != nil {
			return emu.Config{}, err
		}
		dir := path.Join("/", filepath.ToSlash(r.dir))
		if info, err := files.Stat(dir); err != nil || !info.IsDir() {
			return emu.Config{}, fmt.Errorf("%s: no such directory (--dir)", r.dir)
		}
		cfg := emu.Config{
			FS: files, Dir: dir, Args: args, Env: variables(r.env), Umask: 0o077, Limits: r.limits, Knight: r.knight,
			Stdin: &reader{ctx, cmd.InOrStdin()}, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(),
		}
		if r.gdb == "" && !r.single {
			cfg.Translator = translate.New(false)
		}
		if r.gdb == stdio { // they are gdb's
			cfg.Stdin, cfg.Stdout = nil, cfg.Stderr
		}
		return cfg, nil
	}
	s, err := r.execute(ctx, cmd, args, begin)
	if err == nil {
		err = files.commit()
	}
	if errors.Is(err, fs.ErrNotExist) && path.IsAbs(args[0]) {
		err = fmt.Errorf("%w in the working directory, which is / here", err)
	}
	if err != nil {
		return failure{err, 2}
	}
	if s != 0 {
		return status(s)
	}
	return nil
}

// check looks at what the flags say.
func (r *running) check() error {
	for _, v := range r.env {
		if strings.Index(v, "=") < 1 {
			return fmt.Errorf("the environment variable is %q, want NAME=VALUE", v)
		}
	}
	if r.dir != "" && !filepath.IsLocal(r.dir) {
		return fmt.Errorf("--dir is %s, want a directory below this one", r.dir)
	}
	if r.timeout < 0 {
		return fmt.Errorf("the timeout is %v, want one that is not negative", r.timeout)
	}
	return checkLimits(&r.limits)
}

// variables returns an environment in which each variable stands once, with its
// last value.
func variables(list []string) []string {
	var env []string
	for _, v := range list {
		name := v[:strings.Index(v, "=")+1]
		env = slices.DeleteFunc(env, func(old string) bool { return strings.HasPrefix(old, name) })
		env = append(env, v)
	}
	return env
}

// execute runs the program, and tells what is to be told of it.
func (r *running) execute(ctx context.Context, cmd *cobra.Command, args []string, begin func() (emu.Config, error)) (int, error) {
	if r.gdb != "" {
		s, _, err := gdb.Run(ctx, args[0], begin, gdbAt(ctx, cmd, r.gdb))
		return s, limitFlag(err)
	}
	cfg, err := begin()
	if err != nil {
		return 0, err
	}
	end, err := r.tell.begin(&cfg)
	if err != nil {
		return 0, err
	}
	hint := newHint(&cfg)
	s, used, err := emu.Run(ctx, args[0], cfg)
	if e := end(used); err == nil {
		err = e
	}
	return s, hint.explain(args, s, limitFlag(err))
}

// A reader reads from r, and waits for it no longer than ctx.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		data := make([]byte, len(p))
		n, err := r.r.Read(data)
		read <- result{data[:n], err}
	}()
	select {
	case got := <-read:
		return copy(p, got.data), got.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}
