package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stage0/arch"
	"stage0/internal/prove"
)

func newProve() *cobra.Command {
	var asJSON, mutate bool
	cmd := &cobra.Command{
		Use:   "prove TREE|FILE...",
		Short: "Prove that a hex0-seed does what hex0 does, for every input",
		Long: `Explores every state that a hex0-seed can be in when it makes a system call, and
every answer that the call can have, and compares each next call with the
specification of hex0. When no new state appears, the seed is proved: there is
no input of any length for which it does anything else.

The programs are each FILE, or the hex0-seeds of a TREE of stage0-posix.
For one that is not hex0, prove prints a shortest input that shows it.

Exit status: 0 if all programs are proved, 1 if not, 2 if one cannot be read or
is not a program for one of the ladders' processors.`,
		Example: `  stage0 prove stage0-posix
  stage0 prove bootstrap-seeds/POSIX/AMD64/hex0-seed
  stage0 prove --mutate bootstrap-seeds/POSIX/AMD64/hex0-seed`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			seeds, err := findSeeds(args)
			if err != nil {
				return failure{err, 2}
			}
			var proofs []proofOf
			good := true
			for _, name := range seeds {
				file, err := readAll(name)
				if err != nil {
					return failure{err, 2}
				}
				p, err := prove.Prove(file)
				if err != nil {
					return failure{fmt.Errorf("%s: %w", name, err), 2}
				}
				all := proofOf{File: name, Proof: p}
				if good = good && p.Proved; mutate && p.Proved {
					if all.Mutants, err = prove.Mutate(ctx, file); err != nil {
						return failure{err, 2}
					}
				}
				if proofs = append(proofs, all); !asJSON {
					if err := all.print(cmd.OutOrStdout()); err != nil {
						return failure{err, 2}
					}
				}
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", " ")
				if err := e.Encode(proofs); err != nil {
					return failure{err, 2}
				}
			}
			if !good {
				return status(1)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the proofs as JSON")
	cmd.Flags().BoolVar(&mutate, "mutate", false, "also change each byte of a proved program to each other value, and prove or refute these programs (minutes)")
	return cmd
}

// A proofOf is what prove says of a program.
type proofOf struct {
	File string `json:"file"`
	*prove.Proof
	Mutants *prove.Mutants `json:"mutants,omitempty"`
}

func (p proofOf) print(w io.Writer) error {
	if err := p.Print(w, p.File); err != nil || p.Mutants == nil {
		return err
	}
	return p.Mutants.Print(w)
}

// findSeeds returns the programs that names stand for: files, and trees whose seeds
// are meant.
func findSeeds(names []string) ([]string, error) {
	var seeds []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			seeds = append(seeds, name)
			continue
		}
		n := len(seeds)
		for _, a := range arch.Ladders() {
			seed := filepath.Join(name, "bootstrap-seeds", "POSIX", a.Dir, "hex0-seed")
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
