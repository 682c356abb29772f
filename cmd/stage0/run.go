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

// A running holds the flags of stage0 run.
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
		Long: `Executes FILE, a static ELF program for Linux on one of the ladders' processors,
in an emulator. It works on any processor and operating system. The program sees
the working directory as its root directory, and nothing else of this machine;
links that lead out of it do not work. FILE is looked up there, too. With --dir,
the program starts in a directory below, and FILE is relative to that. The
program's only environment variables are those of --env. Files that it writes are
kept in memory until the run has succeeded, whatever the exit status, and then
written.

The run can be reported on standard error. --trace prints every instruction and
system call as it happens: the process, the address with its symbol, the bytes,
the instruction, the registers that it changed, and with --source the line of the
source that the instruction comes from. --syscalls prints only system calls. At
the end, --stats prints how many there were, and --coverage prints which bytes of
the file, and of files that it executed, were never executed: offset, address,
size, permissions, symbol.

With --gdb, gdb can debug the program, forwards and backwards: use "target remote
ADDRESS" in gdb-multiarch. With the address "-", which means standard input and
output, use "target remote | stage0 run --gdb - FILE". The connection is not
authenticated.

The program is translated to WebAssembly, which wazero runs. With --trace,
--coverage, --gdb or --single-steps, it is executed one instruction at a time.

Exit status: the program's, or 2 if the program did not run to its end.`,
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
	flags.SetInterspersed(false) // flags after FILE are the program's
	flags.StringArrayVar(&r.env, "env", nil, "set an environment variable, as `NAME=VALUE`; may be repeated")
	flags.StringVar(&r.dir, "dir", "", "start the program in this `directory`, below the working directory")
	addLimits(flags, &r.limits)
	flags.DurationVar(&r.timeout, "timeout", 0, "end the run after this time, for example 30s")
	flags.BoolVar(&r.knight, "knight", false, "treat a FILE that is not an ELF file as a program of knight-posix")
	flags.BoolVar(&r.single, "single-steps", false, "execute one instruction at a time, without translation")
	r.tell.addFlags(flags)
	flags.StringVar(&r.gdb, "gdb", "", "wait for gdb at an `address`: [HOST]:PORT, or - for standard input and output")
	for _, name := range r.tell.names() {
		cmd.MarkFlagsMutuallyExclusive("gdb", name) // gdb restarts the run to go back
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
	signal.Reset(syscall.SIGPIPE) // if the reader of a pipe exits, stage0 ends at once
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
		if r.gdb == stdio { // they are the connection with gdb
			cfg.Stdin, cfg.Stdout = nil, cfg.Stderr
		}
		return cfg, nil
	}
	s, err := r.execute(ctx, cmd, args, begin)
	if err == nil {
		err = files.commit()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && path.IsAbs(args[0]):
		err = fmt.Errorf("%w; here / is the working directory", err)
	case errors.Is(err, fs.ErrPermission):
		err = fmt.Errorf("%w; is the file executable?", err)
	}
	if err != nil {
		return failure{err, 2}
	}
	if s != 0 {
		return status(s)
	}
	return nil
}

// check checks the values of the flags.
func (r *running) check() error {
	for _, v := range r.env {
		if strings.Index(v, "=") < 1 {
			return fmt.Errorf("--env is %q, expected NAME=VALUE", v)
		}
	}
	if r.dir != "" && !filepath.IsLocal(r.dir) {
		return fmt.Errorf("--dir is %s, expected a directory below the working directory", r.dir)
	}
	if r.timeout < 0 {
		return fmt.Errorf("--timeout is %v, expected at least 0", r.timeout)
	}
	return checkLimits(&r.limits)
}

// variables returns the environment without duplicates: the last value of a variable
// counts.
func variables(list []string) []string {
	var env []string
	for _, v := range list {
		name := v[:strings.Index(v, "=")+1]
		env = slices.DeleteFunc(env, func(old string) bool { return strings.HasPrefix(old, name) })
		env = append(env, v)
	}
	return env
}

// execute runs the program and reports what the flags ask for.
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

// A reader reads from r until ctx is done.
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
