package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"stage0/arch"
	"stage0/internal/clean"
	"stage0/internal/prove"
	"stage0/internal/recheck"
	"stage0/internal/report"
	"stage0/tool"
)

func newProve() *cobra.Command {
	var asJSON, mutate, knight, bounded bool
	var length int
	var certificate, check, automaton string
	cmd := &cobra.Command{
		Use:   "prove TREE|FILE...",
		Short: "Prove that a hex0-seed does what hex0 does, for every input",
		Long: `Explores every state that a hex0-seed can be in when it makes a system call, and
every answer that the call can have, and compares each next call with the
specification of hex0. When no new state appears, the seed is proved: there is
no input, of any length, that makes it do anything else, if it is started with
two arguments, and its calls succeed.

The programs are each FILE, or the hex0-seeds of a TREE of stage0-posix.
For one that is not hex0, prove prints a shortest input that shows it. With
--knight, each FILE is a program for a Knight in native mode, which has no header.

A certificate lists all states and where each answer leads. It is written if the
program is proved. With --check, the program is executed on this machine's
processor instead of the emulator, from each state with each answer, and must do
what the certificate says.

With --bounded, the programs are those that a ladder makes after hex0: hex1, hex2-0,
catm, M0, the C compiler and kaem-0. They have tables in memory, so that there is no
proof for all inputs. Each is executed on every input of a few symbols, such as a
digit, a sigil or a word of its language, and must do the same as the tool.

With --mutate, each byte of a proved program is also changed to each other value.
With --automaton, the hex0 that a program is proved to be is drawn.

Exit status: 0 if all programs are proved, or do the same as the tools, or the
certificate is right; 1 if not; 2 if a file cannot be read or written, if a program
is not one for the ladders' processors, or if this machine cannot check the
certificate.`,
		Example: `  stage0 prove stage0-posix
  stage0 prove bootstrap-seeds/POSIX/AMD64/hex0-seed
  stage0 prove --knight bootstrap-seeds/NATIVE/knight/hex0-seed
  stage0 prove --certificate hex0.proof bootstrap-seeds/POSIX/AMD64/hex0-seed
  stage0 prove --check hex0.proof bootstrap-seeds/POSIX/AMD64/hex0-seed`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if cmd.Flags().Changed("length") && (!bounded || length < 1) {
				return fmt.Errorf("--length is %d, expected at least 1, and --bounded", length)
			}
			if bounded {
				same, err := proveBounded(ctx, cmd.OutOrStdout(), args, length, asJSON)
				if err != nil {
					return failure{err, 2}
				}
				if !same {
					return status(1)
				}
				return nil
			}
			seeds, err := findSeeds(args)
			if err != nil {
				return failure{err, 2}
			}
			for _, flag := range []string{"certificate", "check", "automaton"} {
				if cmd.Flags().Changed(flag) && len(seeds) != 1 {
					return failure{fmt.Errorf("--%s is for one program, not %d", flag, len(seeds)), 2}
				}
			}
			if check != "" {
				return checkCertificate(cmd.OutOrStdout(), seeds[0], check)
			}
			find := prove.Prove
			switch {
			case knight:
				find = prove.ProveKnight
			case certificate != "":
				find = func(file []byte) (*prove.Proof, error) { return certify(certificate, file) }
			}
			proofs := []proofOf{}
			var failed []error
			good := true
			for _, name := range seeds {
				all := proveProgram(ctx, name, find, mutate)
				if all.err != nil {
					failed = append(failed, all.err)
					all.Error = all.err.Error()
				}
				good = good && all.err == nil && all.Proved
				if good && automaton != "" {
					if err := writeFile(automaton, func(w io.Writer) error { return prove.WriteAutomaton(w, all.Text) }); err != nil {
						return failure{err, 2}
					}
				}
				if proofs = append(proofs, all); !asJSON && all.err == nil {
					if err := all.print(cmd.OutOrStdout()); err != nil {
						return failure{err, 2}
					}
				}
			}
			if asJSON {
				if err := writeJSON(cmd.OutOrStdout(), proofs); err != nil {
					return failure{err, 2}
				}
			}
			if len(failed) > 0 {
				return failure{errors.Join(failed...), 2}
			}
			if !good {
				return status(1)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the proofs as JSON")
	cmd.Flags().BoolVar(&mutate, "mutate", false, "also change each byte of a proved program to each other value, and prove or refute these programs (minutes)")
	cmd.Flags().BoolVar(&knight, "knight", false, "treat each FILE as a program for a Knight in native mode")
	cmd.Flags().StringVar(&certificate, "certificate", "", "write the proof of a program to this file, for a checker")
	cmd.Flags().StringVar(&automaton, "automaton", "", "draw the hex0 that a program is proved to be, in this file (SVG)")
	cmd.Flags().StringVar(&check, "check", "", "check this certificate of a program, on this machine's processor (Linux, amd64)")
	cmd.Flags().BoolVar(&bounded, "bounded", false, "instead, compare the programs that follow hex0 with the tools, on every input up to a size (minutes)")
	cmd.Flags().IntVar(&length, "length", 0, "the `number` of symbols of the longest inputs for --bounded (default: 2 to 6, by program)")
	for _, other := range []string{"automaton", "certificate", "check", "knight", "mutate"} {
		cmd.MarkFlagsMutuallyExclusive("bounded", other)
	}
	for _, other := range []string{"automaton", "certificate", "json", "mutate", "knight"} {
		cmd.MarkFlagsMutuallyExclusive("check", other)
	}
	cmd.MarkFlagsMutuallyExclusive("automaton", "knight")
	cmd.MarkFlagsMutuallyExclusive("certificate", "knight")
	cmd.MarkFlagsMutuallyExclusive("mutate", "knight")
	return cmd
}

// checkCertificate checks the certificate of a program, both by the names of their files.
func checkCertificate(w io.Writer, program, certificate string) error {
	file, err := readAll(program)
	if err != nil {
		return failure{err, 2}
	}
	text, err := readAll(certificate)
	if err != nil {
		return failure{err, 2}
	}
	result, err := recheck.Check(file, bytes.NewReader(text))
	if machine := (*recheck.MachineError)(nil); errors.As(err, &machine) {
		return failure{fmt.Errorf("%s: cannot check here: %w", program, err), 2}
	}
	if err != nil {
		return failure{fmt.Errorf("%s: %w", certificate, err), 1}
	}
	_, err = fmt.Fprintf(clean.Writer{W: w}, "%s: %d states and %d ways on from them are as in %s: the processor executed %d instructions.\n",
		program, result.States, result.Transitions, certificate, result.Steps)
	return err
}

// proveProgram proves the program in the file called name with find.
func proveProgram(ctx context.Context, name string, find func([]byte) (*prove.Proof, error), mutate bool) proofOf {
	all := proofOf{File: name}
	file, err := readAll(name)
	if err != nil {
		all.err = err
		return all
	}
	if all.Proof, err = find(file); err == nil && mutate && all.Proved {
		all.Mutants, err = prove.Mutate(ctx, file)
	}
	if err != nil {
		all.err = fmt.Errorf("%s: %w", name, err)
	}
	return all
}

// errRefuted ends the writing of a certificate of a program that is not proved.
var errRefuted = errors.New("not proved")

// certify proves a program, and writes the certificate to the file called name if it is
// proved.
func certify(name string, program []byte) (p *prove.Proof, err error) {
	err = writeFile(name, func(w io.Writer) error {
		if p, err = prove.Certify(w, program); err == nil && !p.Proved {
			return errRefuted
		}
		return err
	})
	if err == errRefuted {
		return p, nil
	}
	return p, err
}

// writeFile writes the file called name, completely or not at all.
func writeFile(name string, write func(io.Writer) error) error {
	out, err := tool.Host{}.Create(name, 0o666)
	if err != nil {
		return fmt.Errorf("%s: cannot create: %w", name, tool.Cause(err))
	}
	if err := write(out); err != nil {
		out.Discard()
		return err
	}
	if err := out.Commit(); err != nil {
		return fmt.Errorf("%s: cannot write: %w", name, tool.Cause(err))
	}
	return nil
}

// A proofOf is what prove says of a program.
type proofOf struct {
	File string `json:"file"`
	*prove.Proof
	Mutants *prove.Mutants `json:"mutants,omitempty"`
	Error   string         `json:"error,omitempty"` // why there is no proof, or no table of mutants
	err     error          // the same
}

func (p proofOf) print(w io.Writer) error {
	if err := p.Print(w, p.File); err != nil || p.Mutants == nil {
		return err
	}
	return p.Mutants.Print(w)
}

// seedOf returns the path of the hex0-seed of an architecture in a tree.
func seedOf(a arch.Arch) string { return path.Join("bootstrap-seeds", "POSIX", a.Dir, "hex0-seed") }

// proveSeeds proves the seeds of a tree's ladders.
func proveSeeds(tree *ladderTree) []report.Seed {
	seeds := make([]report.Seed, len(tree.ladders))
	var workers sync.WaitGroup
	for i, a := range tree.ladders {
		workers.Go(func() {
			name := seedOf(a)
			file, err := tree.ReadFile(name)
			var p *prove.Proof
			if err == nil {
				p, err = prove.Prove(file)
			}
			switch {
			case err != nil:
				p = &prove.Proof{Arch: a.Name, Reason: tool.Cause(err).Error()}
			case p.Proved && p.Arch != a.Name:
				p = &prove.Proof{Arch: a.Name, SHA256: p.SHA256, Size: p.Size, Reason: "it is a program for " + p.Arch}
			}
			seeds[i] = report.Seed{Path: name, Proof: p}
		})
	}
	workers.Wait()
	return seeds
}

// findSeeds returns the programs that names stand for: files, and trees whose seeds
// are meant.
func findSeeds(names []string) ([]string, error) {
	var seeds []string
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || !info.IsDir() {
			seeds = append(seeds, name) // opening it gives the error
			continue
		}
		n := len(seeds)
		for _, a := range arch.Ladders() {
			seed := filepath.Join(name, filepath.FromSlash(seedOf(a)))
			if _, err := os.Stat(seed); err == nil {
				seeds = append(seeds, seed)
			}
		}
		if len(seeds) == n {
			return nil, fmt.Errorf("%s: there is no bootstrap-seeds/POSIX/ARCH/hex0-seed", name)
		}
	}
	return seeds, nil
}
