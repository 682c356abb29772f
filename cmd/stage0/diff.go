package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
	"stage0/internal/diff"
	"stage0/internal/report"
	"stage0/source"
	"stage0/tool"
)

// maxRead is the maximum size of a file to compare or audit, in bytes.
const maxRead = 256 << 20

func newDiff() *cobra.Command {
	var from []string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Show where two binaries, texts or ledgers differ",
		Long: `Compares two files, and shows where they differ:

  binaries   by label, if they have symbols (blood-elf adds them); by
             instruction, for the processor in the ELF header; and by source
             line, if --source names the sources of A
  texts      (hex0, hex1, hex2, M1) by label and word; white space and comments
             are ignored
  ledgers    (from stage0 verify --json) by the first step whose output differs,
             and whether its input was the same; for each architecture and
             engine that both ledgers have

Exit status: 0 if the files are the same, 1 if not, 2 if they could not be
compared.`,
		Example: `  stage0 diff made/AMD64/bin/M1 native/AMD64/bin/M1
  stage0 diff --source ELF.hex2 --source hello.hex2 hello other
  stage0 diff monday.json tuesday.json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			same, err := runDiff(cmd.OutOrStdout(), args[0], args[1], from)
			switch {
			case err != nil:
				return failure{err, 2}
			case !same:
				return status(1)
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&from, "source", nil, "a `source` of the binary A: its hex0 file, or an input of hex2; repeat for several inputs, in their order")
	return cmd
}

// runDiff compares the files called a and b, and prints how they differ.
func runDiff(w io.Writer, a, b string, from []string) (same bool, err error) {
	dataA, err := readAll(a)
	if err != nil {
		return false, err
	}
	dataB, err := readAll(b)
	if err != nil {
		return false, err
	}
	kind, other := diff.KindOf(dataA), diff.KindOf(dataB)
	if kind != other && (kind == diff.JSON || other == diff.JSON) {
		return false, fmt.Errorf("%s is %s, and %s is %s", a, kind, b, other)
	}
	if kind != diff.Binary && other != diff.Binary && len(from) > 0 {
		return false, errors.New("--source is for binaries")
	}
	switch {
	case kind == diff.JSON:
		return diffLedgers(w, a, dataA, b, dataB)
	case kind == diff.Text && other == diff.Text:
		d := diff.CompareTexts(source.Bytes(a, dataA), source.Bytes(b, dataB))
		return d.Same(), d.Print(w)
	}
	var sources diff.Sources
	for _, name := range from {
		text, err := readAll(name)
		if err != nil {
			return false, err
		}
		sources = append(sources, source.Bytes(name, text))
	}
	d := diff.CompareBinaries(diff.Side{Name: a, Data: dataA}, diff.Side{Name: b, Data: dataB}, sources)
	return d.Same(), d.Print(w)
}

// diffLedgers compares the ledgers of each architecture and engine. If each side has
// only one engine, the engines may be different.
func diffLedgers(w io.Writer, a string, dataA []byte, b string, dataB []byte) (same bool, err error) {
	runsA, err := report.ReadJSON(bytes.NewReader(dataA))
	if err != nil {
		return false, fmt.Errorf("%s: %w", a, err)
	}
	runsB, err := report.ReadJSON(bytes.NewReader(dataB))
	if err != nil {
		return false, fmt.Errorf("%s: %w", b, err)
	}
	same, n := true, 0
	for _, ra := range runsA {
		for _, rb := range runsB {
			if ra.Engine != rb.Engine && (len(runsA) > 1 || len(runsB) > 1) {
				continue
			}
			for _, la := range ra.Ledgers {
				for _, lb := range rb.Ledgers {
					if la.Arch != lb.Arch {
						continue
					}
					if n++; n > 1 {
						fmt.Fprintln(w)
					}
					d := diff.CompareLedgers(la, lb)
					same = same && d.Same()
					if err := d.Print(w, side(a, ra), side(b, rb)); err != nil {
						return false, err
					}
				}
			}
		}
	}
	if n == 0 {
		return false, fmt.Errorf("%s and %s have no ladder in common", a, b)
	}
	return same, nil
}

func side(name string, run *bootstrap.Run) string {
	return fmt.Sprintf("%s, engine %s", name, run.Engine)
}

// readAll returns the contents of a file of at most maxRead bytes.
func readAll(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot open: %w", name, tool.Cause(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRead+1))
	if err != nil {
		return nil, fmt.Errorf("%s: cannot read: %w", name, tool.Cause(err))
	}
	if len(data) > maxRead {
		return nil, fmt.Errorf("%s: larger than %d MiB", name, maxRead>>20)
	}
	return data, nil
}
