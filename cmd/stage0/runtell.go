package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/pflag"

	"stage0/internal/emu"
	"stage0/internal/emu/trace"
)

// A telling holds the flags for what to report about a run.
type telling struct {
	trace, calls, stats, coverage bool
	sources                       []string
}

func (t *telling) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&t.trace, "trace", false, "print every instruction and system call")
	flags.BoolVar(&t.calls, "syscalls", false, "print every system call")
	flags.StringArrayVar(&t.sources, "source", nil, "show the lines of this `source` of FILE, with --trace; repeat for several sources, in the order in which they were linked")
	flags.BoolVar(&t.stats, "stats", false, "print the numbers of instructions and system calls")
	flags.BoolVar(&t.coverage, "coverage", false, "print which bytes of the programs' files were never executed")
}

// names returns the names of the flags.
func (t *telling) names() []string {
	return []string{"trace", "syscalls", "source", "stats", "coverage"}
}

// begin configures a run to report on its standard error. end must be called after
// the run.
func (t *telling) begin(cfg *emu.Config) (end func(emu.Statistics) error, err error) {
	w, files := cfg.Stderr, cfg.FS
	var (
		events   []func(emu.Event)
		tracer   = trace.New(w)
		coverage = trace.NewCoverage()
	)
	switch {
	case t.trace:
		events = append(events, tracer.Event)
	case len(t.sources) > 0:
		return nil, fmt.Errorf("--source requires --trace")
	case t.calls:
		cfg.Call = tracer.Event
	}
	if t.coverage {
		events = append(events, coverage.Event)
	}
	if len(events) > 0 {
		cfg.Trace = func(e emu.Event) {
			for _, f := range events {
				f(e)
			}
		}
		cfg.Exec = func(x emu.Exec) (emu.FS, error) {
			file, err := files.ReadFile(x.Path)
			if err != nil {
				return nil, err
			}
			coverage.Begin(x, file)
			tracer.Begin(x, file)
			if x.Program == 1 && len(t.sources) > 0 {
				lines, err := sourceLines(t.sources, file)
				if err != nil {
					return nil, err
				}
				tracer.Source(x.Program, lines)
			}
			return files, nil
		}
	}
	return func(used emu.Statistics) error {
		err := tracer.Close()
		if t.stats {
			printStats(w, used)
		}
		if t.coverage {
			if e := coverage.Print(w); err == nil {
				err = e
			}
		}
		return err
	}, nil
}

func printStats(w io.Writer, used emu.Statistics) {
	fmt.Fprintf(w, "%d instructions, %d system calls, %d programs, at most %d KiB of memory\n",
		used.Steps, used.Calls, used.Programs, used.Memory>>10)
	for _, name := range slices.Sorted(maps.Keys(used.ByName)) {
		fmt.Fprintf(w, "%10d %s\n", used.ByName[name], name)
	}
}
