package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"stage0/internal/audit"
	"stage0/internal/clean"
	"stage0/source"
)

func newAudit() *cobra.Command {
	var opt audit.Options
	var severity string
	var quiet bool
	var with []string
	cmd := &cobra.Command{
		Use:   "audit FILE...",
		Short: "List hand-written files, and check their comments against the bytes",
		Long: `Lists each FILE, in hex0, hex1, hex2, M1 or ELF: for each line, the address, the
bytes, the label, the disassembled instruction, and the author's comment. Comments,
names of macros and headers are compared with the bytes. Where they contradict the
bytes, a finding is printed below the line.

Exit status: 0 if there are no findings of the severity or above, 1 if there are,
2 if a FILE cannot be read or is in none of these formats.`,
		Example: `  stage0 audit hello.hex0
  stage0 audit --arch riscv64 --with defs.M1 --quiet hello.M1`,
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
