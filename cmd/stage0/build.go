package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"stage0/internal/build"
	"stage0/mesoplanet"
	"stage0/source"
	"stage0/tool"
)

func newBuild() *cobra.Command {
	var (
		opt          build.Options
		output, tree string
		strict       bool
	)
	cmd := &cobra.Command{
		Use:   "build FILE...",
		Short: "Make a program of hex0, hex1, hex2, M1 or C",
		Long: `Makes a program for Linux of source files in one language, which their suffix says:
.hex0, .hex1, .hex2, .M1 or .c. Definitions, the ELF header, the footer and the base
address are those that M2-Mesoplanet would choose, and the bytes are the same.

Texts in hex0 and hex1 are whole programs. The other languages take what is missing
from M2libc, in the tree that --tree names, in the directory in M2LIBC_PATH, in the
tree in STAGE0_POSIX, or in ./M2libc: the ELF header, unless a text has the label
ELF_base; the label ELF_end, unless a text has it; for M1 the code that calls main,
unless a text has the label _start, and the definitions of words, unless the texts
have both that label and definitions; for C, all of it.

Errors and warnings have positions in these files. A program that cannot be made
completely is not made at all.

Exit status: 0 for success, 1 if there is an error in a source, 2 if a file cannot be
read or written.`,
		Example: `  stage0 build hello.hex0 --arch amd64
  stage0 build defs.M1 hello.M1 --arch aarch64 --tree stage0-posix -o hello
  stage0 build --debug hello.c --tree stage0-posix`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, flush, err := tool.HostEnv()
			if err != nil {
				return failure{err, 2}
			}
			defer flush()
			target, err := mesoplanet.Target{Arch: opt.Arch}.Discover(env.Machine.Name, env.Lookup)
			if opt.Arch == "" {
				if err != nil {
					return failure{err, 2}
				}
				opt.Arch = target.Arch
			}
			opt.Libc = findLibc(env, tree)
			opt.Open = func(name string) (source.Source, error) {
				src, err := env.Read(name)
				if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(name, opt.Libc+"/") {
					err = fmt.Errorf("%w; git submodule update --init gets the files of a clone", err)
				}
				return src, err
			}
			opt.Diagnostics = env.Diagnostics(strict)
			if output == "" {
				output = strings.TrimSuffix(path.Base(args[0]), path.Ext(args[0]))
			}
			srcs, err := env.ReadInputs(args, output)
			if err != nil {
				return failure{err, 2}
			}
			program, err := build.Program(srcs, opt)
			var fault *source.Error
			switch {
			case errors.As(err, &fault):
				return failure{err, 1}
			case errors.Is(err, build.ErrNoLibc):
				return failure{fmt.Errorf("%s: needs M2libc; name a stage0-posix tree with --tree, or make one with: stage0 fetch", args[0]), 2}
			case err != nil:
				return failure{err, 2}
			}
			err = env.Write(output, 0o755, func(w io.Writer) error {
				_, err := w.Write(program)
				return err
			})
			if err != nil {
				return failure{err, 2}
			}
			return nil
		},
	}
	cmd.Flags().VarP(archName{&opt.Arch}, "arch", "A", "the `architecture` of the program (default: ARCHITECTURE_OVERRIDE, or this machine's)")
	cmd.Flags().StringVarP(&output, "output", "o", "", "the `program` (default: the name of the first FILE without its suffix)")
	cmd.Flags().StringVar(&tree, "tree", "", "the stage0-posix `tree` with M2libc")
	cmd.Flags().BoolVar(&opt.Debug, "debug", false, "with symbols, for M1 and C (M2-Mesoplanet's default)")
	cmd.Flags().BoolVar(&strict, "strict", false, "make warnings errors")
	return cmd
}

// findLibc returns the directory of M2libc, or nothing.
func findLibc(env *tool.Env, tree string) string {
	if tree != "" {
		return tree + "/M2libc"
	}
	if libc, _ := env.Lookup("M2LIBC_PATH"); libc != "" {
		return libc
	}
	if tree, _ := env.Lookup("STAGE0_POSIX"); tree != "" {
		return tree + "/M2libc"
	}
	if env.IsDir("M2libc") {
		return "./M2libc"
	}
	return ""
}
