package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os/signal"
	"path"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"stage0/emu"
	"stage0/emu/trace"
)

func newRun() *cobra.Command {
	var tell telling
	limits := emu.DefaultLimits
	cmd := &cobra.Command{
		Use:   "run [flags] FILE [ARGUMENT]...",
		Short: "Run a program of a ladder in an emulator",
		Long: `Executes FILE, a static ELF program for Linux on one of the processors of the
ladders, in an emulator: this machine's processor and system do not matter. The
program sees the working directory as its root directory, in which FILE is
looked for, too, and nothing else of this machine; links out of it lead nowhere.
What it writes to files is kept in memory, and written when all has gone well,
whatever the exit status.

What the program does can be told, on standard error: every instruction and
system call as it happens (--trace: the process, the address, the bytes, the
instruction and the registers that it changed); when it has ended, how many
there were (--stats), and which bytes of the file, and of those that it ran,
were never executed (--coverage: offset, address, size, rights, symbol).

The exit status is the program's, or 2 if it could not be run to its end.`,
		Example: `  stage0 run hex0-seed hello.hex0 hello
  stage0 run --trace hello 2>trace
  stage0 run --stats --coverage hello`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			signal.Reset(syscall.SIGPIPE) // what nobody reads the output of may end at once
			files, err := newRunFiles(".")
			if err != nil {
				return failure{err, 2}
			}
			cfg := emu.Config{
				FS: files, Dir: "/", Args: args, Umask: 0o077, Limits: limits,
				Stdin: &reader{ctx, cmd.InOrStdin()}, Stdout: cmd.OutOrStdout(), Stderr: cmd.ErrOrStderr(),
			}
			end := tell.begin(&cfg)
			s, used, err := emu.Run(ctx, args[0], cfg)
			if e := end(used); err == nil {
				err = e
			}
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
		},
	}
	cmd.Flags().SetInterspersed(false) // the program's flags are its own
	cmd.Flags().Uint64Var(&limits.Steps, "max-steps", limits.Steps, "end the run after so many instructions")
	cmd.Flags().BoolVar(&tell.trace, "trace", false, "print every instruction and system call")
	cmd.Flags().BoolVar(&tell.stats, "stats", false, "print how many instructions and system calls there were")
	cmd.Flags().BoolVar(&tell.coverage, "coverage", false, "print which bytes of the programs' files were never executed")
	return cmd
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

// A telling is what is to be told of a run.
type telling struct{ trace, stats, coverage bool }

// begin makes a run tell it, on its standard error, and returns what to call
// when it has ended.
func (t telling) begin(cfg *emu.Config) (end func(emu.Statistics) error) {
	w := cfg.Stderr
	var (
		events   []func(emu.Event)
		tracer   = trace.New(w)
		coverage = trace.NewCoverage()
	)
	if t.trace {
		events = append(events, tracer.Event)
	}
	if t.coverage {
		events = append(events, coverage.Event)
		cfg.Exec = func(x emu.Exec) (emu.FS, error) {
			file, err := cfg.FS.ReadFile(x.Path)
			coverage.Begin(x, file)
			return cfg.FS, err
		}
	}
	if len(events) > 0 {
		cfg.Trace = func(e emu.Event) {
			for _, f := range events {
				f(e)
			}
		}
	}
	return func(used emu.Statistics) error {
		err := tracer.Close()
		if t.stats {
			printStats(w, used)
		}
		if t.coverage {
			if _, e := coverage.WriteTo(w); err == nil {
				err = e
			}
		}
		return err
	}
}

func printStats(w io.Writer, used emu.Statistics) {
	fmt.Fprintf(w, "%d instructions, %d system calls, %d programs, at most %d KiB of memory\n",
		used.Steps, used.Calls, used.Programs, used.Memory>>10)
	for _, name := range slices.Sorted(maps.Keys(used.ByName)) {
		fmt.Fprintf(w, "%10d %s\n", used.ByName[name], name)
	}
}
