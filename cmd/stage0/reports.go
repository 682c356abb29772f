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

// reports are the reports that verify can write in addition to the text.
type reports []*reportFile

// A reportFile is a report and the file to write it to.
type reportFile struct {
	flag, usage string
	write       func(*report.Report, io.Writer) error

	name string      // of the file; empty if the report is not wanted, "-" for standard output
	out  tool.Output // nil for standard output
}

func newReports(profile *bytes.Buffer) reports {
	return reports{
		{flag: "cpuprofile", usage: "write a CPU profile of the replay to this `file`, for go tool pprof", write: func(_ *report.Report, w io.Writer) error {
			_, err := profile.WriteTo(w)
			return err
		}},
		{flag: "json", usage: "write the whole ledger to this `file`, as JSON (see stage0 schema); - prints it instead of the text", write: (*report.Report).JSON},
		{flag: "html", usage: "write the report to this `file`, as an HTML page", write: (*report.Report).HTML},
		{flag: "attest", usage: "write an in-toto statement to this `file`, if every file is confirmed", write: attest},
	}
}

func (all reports) addFlags(flags *pflag.FlagSet) {
	for _, r := range all {
		flags.StringVar(&r.name, r.flag, "", r.usage)
	}
}

// create opens the files, so that a file that cannot be written is reported before the
// work is done. Nothing appears under their names before writeFiles.
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
				return errors.New("only one report can be written to standard output")
			}
			return fmt.Errorf("%s: only one report can be written to a file", r.name)
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

// discard discards the files that have not been written.
func (all reports) discard() {
	for _, r := range all {
		if r.out != nil {
			r.out.Discard()
		}
	}
}

// writeFiles writes the reports to their files, each completely or not at all.
func (all reports) writeFiles(from *report.Report) error {
	for _, r := range all {
		if r.out == nil {
			continue
		}
		err := r.write(from, r.out)
		if err == nil {
			err = r.out.Commit()
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, tool.Cause(err))
		}
	}
	return nil
}

// print writes the report for standard output, or else the text.
func (all reports) print(w io.Writer, from *report.Report) error {
	for _, r := range all {
		if r.name == "-" {
			return r.write(from, w)
		}
	}
	return from.Text(w)
}

func attest(r *report.Report, w io.Writer) error {
	program, err := thisProgram()
	if err != nil {
		return err
	}
	return r.Attest(w, program)
}

// thisProgram describes the running program.
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

// builtProgram describes the running program without reading its file: all but the
// digest.
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
		Short: "Print the JSON Schema of the output of verify --json",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := cmd.OutOrStdout().Write(report.Schema); err != nil {
				return failure{err, 1}
			}
			return nil
		},
	}
}
