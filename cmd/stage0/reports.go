package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stage0/bootstrap"
	"stage0/internal/report"
	"stage0/tool"
)

// reports are those that verify can write beside the text.
type reports []*reportFile

// A reportFile is a report that may be asked for.
type reportFile struct {
	flag, usage string
	write       func(io.Writer, []*bootstrap.Run, *report.Against) error

	name string      // of the file; empty if it is not asked for, "-" for standard output
	out  tool.Output // nil for standard output
}

func newReports(profile *bytes.Buffer) reports {
	return reports{
		{flag: "cpuprofile", usage: "write where the replay's time goes to this file, for go tool pprof", write: func(w io.Writer, _ []*bootstrap.Run, _ *report.Against) error {
			_, err := profile.WriteTo(w)
			return err
		}},
		{flag: "json", usage: "write all that happened to this file (see stage0 schema); - is standard output, instead of the text", write: report.JSONAgainst},
		{flag: "html", usage: "write a page for readers to this file", write: report.HTMLAgainst},
		{flag: "attest", usage: "write an in-toto statement to this file, if everything is confirmed", write: attest},
	}
}

func (all reports) addFlags(flags *pflag.FlagSet) {
	for _, r := range all {
		flags.StringVar(&r.name, r.flag, "", r.usage)
	}
}

// create begins the files, of which nothing is seen before write, so that one
// that cannot be written is told of before the work is done.
func (all reports) create() error {
	taken := map[string]bool{}
	for _, r := range all {
		if r.name == "" {
			continue
		}
		name := r.name
		if name != "-" {
			name = filepath.Clean(name)
		}
		if taken[name] {
			all.discard()
			if name == "-" {
				return errors.New("standard output can take only one report")
			}
			return fmt.Errorf("%s: can take only one report", r.name)
		}
		taken[name] = true
		if name == "-" {
			continue
		}
		out, err := tool.Host{}.Create(r.name, 0o666)
		if err != nil {
			all.discard()
			return fmt.Errorf("%s: cannot create: %w", r.name, tool.Cause(err))
		}
		r.out = out
	}
	return nil
}

// discard drops the files that have not been written.
func (all reports) discard() {
	for _, r := range all {
		if r.out != nil {
			r.out.Discard()
		}
	}
}

// writeFiles writes the reports that are for files, each as a whole or not at all.
func (all reports) writeFiles(runs []*bootstrap.Run, old *report.Against) error {
	for _, r := range all {
		if r.out == nil {
			continue
		}
		err := r.write(r.out, runs, old)
		if err == nil {
			err = r.out.Commit()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, tool.Cause(err))
		}
	}
	return nil
}

// print writes the report that is for standard output, or the text. tree is the
// tree's name in a command; old may be nil.
func (all reports) print(w io.Writer, runs []*bootstrap.Run, tree string, old *report.Against) error {
	for _, r := range all {
		if r.name == "-" {
			return r.write(w, runs, old)
		}
	}
	return report.TextAgainst(w, runs, tree, old)
}

func attest(w io.Writer, runs []*bootstrap.Run, _ *report.Against) error {
	program, err := thisProgram()
	if err != nil {
		return err
	}
	return report.Attest(w, runs, program)
}

// thisProgram returns what is known of the program that runs.
func thisProgram() (p report.Program, err error) {
	name, err := os.Executable()
	if err != nil {
		return p, err
	}
	f, err := os.Open(name)
	if err != nil {
		return p, err
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		return p, err
	}
	p = builtProgram()
	p.Digest = bootstrap.Digest(hash.Sum(nil))
	return p, nil
}

// builtProgram returns what is known of the program that runs without reading
// its file: all but the digest.
func builtProgram() report.Program {
	p := report.Program{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		p.Module = module(&info.Main)
		for _, m := range info.Deps {
			p.Modules = append(p.Modules, module(m))
		}
	}
	return p
}

func module(m *debug.Module) report.Module {
	if m.Replace != nil {
		m = m.Replace
	}
	return report.Module{Path: m.Path, Version: m.Version, Sum: m.Sum}
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of what verify --json writes",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := cmd.OutOrStdout().Write(report.Schema); err != nil {
				return failure{err, 1}
			}
			return nil
		},
	}
}
