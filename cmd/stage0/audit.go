package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"stage0/internal/audit"
	"stage0/internal/clean"
	"stage0/source"
	"stage0/tool"
)

func newAudit() *cobra.Command {
	var opt audit.Options
	var severity string
	var quiet bool
	var with []string
	cmd := &cobra.Command{
		Use:   "audit FILE|TREE...",
		Short: "List hand-written files, and check their comments against the bytes",
		Long: `Lists each FILE, in hex0, hex1, hex2, M1 or ELF: for each line, the address, the
bytes, the label, the disassembled instruction, and the author's comment. Comments,
names of macros and headers are compared with the bytes. Where they contradict the
bytes, a finding is printed below the line.

Of a TREE of stage0-posix, it lists the tables of definitions (*_defs.M1) with
the compilers whose output is assembled with them: each word that a compiler can
write must be defined, and each piece of code be whole instructions. What the
compilers can write is known of the releases, not read from the TREE.

Exit status: 0 if there are no findings of the severity or above, 1 if there are,
2 if a FILE cannot be read or is in none of these formats, or a TREE has no table.`,
		Example: `  stage0 audit hello.hex0
  stage0 audit --arch riscv64 --with defs.M1 --quiet hello.M1
  stage0 audit stage0-posix`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			least, err := audit.ParseSeverity(severity)
			if err != nil {
				return err
			}
			for _, name := range with {
				text, err := readAll(name)
				if err != nil {
					return failure{err, 2}
				}
				opt.With = append(opt.With, source.Bytes(name, text))
			}
			found := false
			for _, name := range args {
				if info, err := os.Stat(name); err == nil && info.IsDir() {
					good, err := auditTables(cmd.OutOrStdout(), name, quiet)
					if err != nil {
						return failure{err, 2}
					}
					found = found || !good
					continue
				}
				text, err := readAll(name)
				if err != nil {
					return failure{err, 2}
				}
				l, err := audit.File(source.Bytes(name, text), opt)
				if err != nil {
					return failure{err, 2}
				}
				findings := l.Findings(least)
				found = found || len(findings) > 0
				if !quiet {
					if err := l.Print(cmd.OutOrStdout()); err != nil {
						return failure{err, 2}
					}
					continue
				}
				for _, f := range findings {
					if _, err := fmt.Fprintln(clean.Writer{W: cmd.OutOrStdout()}, f); err != nil {
						return failure{err, 2}
					}
				}
			}
			if found {
				return status(1)
			}
			return nil
		},
	}
	cmd.Flags().Var(archName{&opt.Arch}, "arch", "the `architecture` of the files (default: from the ELF header or the path)")
	cmd.Flags().Uint64Var(&opt.Base, "base-address", 0, "the `address` of the first byte, if the file has no ELF header")
	cmd.Flags().StringArrayVar(&with, "with", nil, "a `file` with macros and labels that the files use; may be repeated")
	cmd.Flags().StringVar(&severity, "severity", "error", "the lowest `severity` of findings that count: note, warning or error")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "print the findings only")
	return cmd
}

// auditTables compares the tables of definitions in a tree with what the compilers can
// write. It is good if they agree.
func auditTables(w io.Writer, tree string, quiet bool) (good bool, err error) {
	root, err := os.OpenRoot(tree)
	if err != nil {
		return false, fmt.Errorf("%s: cannot open: %w", tree, tool.Cause(err))
	}
	defer root.Close()
	pairs, err := audit.Compilers(root.FS())
	if err != nil {
		return false, fmt.Errorf("%s: %w", tree, err)
	}
	if len(pairs) == 0 {
		return false, fmt.Errorf("%s: there is no ARCH/ARCH_defs.M1, and no M2libc/ARCH/ARCH_defs.M1", tree)
	}
	good = true
	for _, p := range pairs {
		good = good && len(p.Findings) == 0
		if quiet && len(p.Findings) == 0 {
			continue
		}
		if err := p.Print(w); err != nil {
			return false, err
		}
	}
	return good, nil
}
