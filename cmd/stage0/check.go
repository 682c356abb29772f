package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/check"
	"stage0/internal/diff"
	"stage0/tool"
)

// maxList is the maximum size of a text with digests, in bytes.
const maxList = 16 << 20

func newCheck() *cobra.Command {
	var (
		tree, architecture string
		dirs               []string
	)
	cmd := &cobra.Command{
		Use:   "check DIR|FILE|-",
		Short: "Compare programs that somebody else built with releases",
		Long: `Compares programs that somebody else built with those that releases of
stage0-posix make. It says which match, which differ, and what the likely cause
of a difference is. The argument is one of

  DIR   a directory: all files below it are compared; for example an output of
        Nix or Guix, or /usr/bin of live-bootstrap
  FILE  a program, or a text with digests in the format of sha256sum or of
        sha256sum -c, which may be part of a script's output
  -     standard input, with such a text

Files are recognized by the name of an artefact or by their bytes. Other files are
listed, but do not count. All files should be of the same release and
architecture: those that most of them match.

Exit status: 0 if all recognized files match one release, 1 if not, 2 if nothing
could be compared.`,
		Example: `  stage0 check /usr/bin
  stage0 check result --tree stage0-posix
  stage0 check boot.log
  sha256sum bin/* | stage0 check - --arch amd64`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := untilSignal(cmd.Context())
			defer stop()
			if _, ok := ladderOf(architecture); architecture != "" && !ok {
				return failure{fmt.Errorf("there is no ladder for %q (--arch)", architecture), 2}
			}
			releases, err := checkReferences(ctx, tree, architecture, dirs, cmd.ErrOrStderr())
			if err != nil {
				return failure{err, 2}
			}
			files, done, err := checkFiles(ctx, args[0], cmd.InOrStdin())
			if err != nil {
				return failure{err, 2}
			}
			defer done()
			result := check.Check(files, releases, architecture)
			if err := result.Print(cmd.OutOrStdout()); err != nil {
				return failure{err, 2}
			}
			switch {
			case result.Known() == 0:
				return status(2)
			case !result.Good():
				return status(1)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&tree, "tree", "", "also compare with the files that the ladders of this `tree` make, byte by byte")
	cmd.Flags().Var(archName{&architecture}, "arch", "the `architecture` of the programs")
	cmd.Flags().StringArrayVar(&dirs, "reference", nil, "also compare with the digests in this `directory`, written by verify --digests; may be repeated")
	return cmd
}

// ladderOf returns the architecture called name, and whether there is a ladder for it.
func ladderOf(name string) (arch.Arch, bool) {
	a, ok := arch.Lookup(name)
	return a, ok && a.Dir != ""
}

// checkReferences returns the releases to compare with.
func checkReferences(ctx context.Context, tree, architecture string, dirs []string, w io.Writer) ([]check.Release, error) {
	var list []check.Release
	if tree != "" {
		replayed, err := checkTree(ctx, tree, architecture, w)
		if err != nil {
			return nil, err
		}
		list = append(list, replayed)
	}
	for _, dir := range dirs {
		ref, err := bootstrap.LoadReference(dir, os.DirFS(dir), ".")
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", dir, err)
		case len(ref.Artefacts) == 0:
			return nil, fmt.Errorf("%s: the directory has no file ARCH.sha256", dir)
		}
		list = append(list, check.Release{Reference: ref, Apart: true})
	}
	known, err := bootstrap.References()
	for _, ref := range known {
		list = append(list, check.Release{Reference: ref})
	}
	return list, err
}

// checkTree returns the files that the ladders of a tree make.
func checkTree(ctx context.Context, tree, architecture string, w io.Writer) (r check.Release, err error) {
	var names []string
	if architecture != "" {
		names = []string{architecture}
	}
	runs, err := replay(ctx, []string{tree}, names)
	if err != nil {
		return r, err
	}
	r = check.Release{Reference: &bootstrap.Reference{Name: tree, Artefacts: map[string][]bootstrap.Digested{}}, Apart: true}
	if r.Contents, err = runs[0].Contents(); err != nil {
		return r, fmt.Errorf("%s: %w", tree, err)
	}
	for _, l := range runs[0].Ledgers {
		if l.Err != nil {
			return r, fmt.Errorf("%s: %s: %w", tree, l.Arch.Name, l.Err)
		}
		missing := 0
		for _, a := range l.Artefacts {
			if a.From < 0 {
				missing++
				continue
			}
			r.Artefacts[l.Arch.Name] = append(r.Artefacts[l.Arch.Name], bootstrap.Digested{Path: a.Path, Digest: a.Digest})
		}
		if missing > 0 {
			fmt.Fprintf(w, "stage0 check: warning: %s: the ladder of %s did not make %d of its files\n", tree, l.Arch.Name, missing)
		}
	}
	return r, nil
}

// checkFiles returns the files that an argument names. They can be read until done is
// called.
func checkFiles(ctx context.Context, name string, stdin io.Reader) (files []check.File, done func(), err error) {
	done = func() {}
	if name == "-" {
		text, err := io.ReadAll(io.LimitReader(stdin, maxList+1))
		if err != nil {
			return nil, done, fmt.Errorf("standard input: cannot read: %w", tool.Cause(err))
		}
		files, err = parseList("standard input", text)
		return files, done, err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, done, fmt.Errorf("%s: %w", name, tool.Cause(err))
	}
	if info.IsDir() {
		root, err := os.OpenRoot(name)
		if err != nil {
			return nil, done, fmt.Errorf("%s: %w", name, tool.Cause(err))
		}
		files, err = check.Walk(ctx, root.FS())
		if err != nil {
			return nil, done, fmt.Errorf("%s: %w", name, err)
		}
		return files, func() { root.Close() }, nil
	}
	data, err := readAll(name)
	if err != nil {
		return nil, done, err
	}
	if diff.KindOf(data) == diff.Binary {
		return []check.File{check.Bytes(filepath.ToSlash(filepath.Clean(name)), data, info)}, done, nil
	}
	files, err = parseList(name, data)
	return files, done, err
}

func parseList(name string, text []byte) ([]check.File, error) {
	if len(text) > maxList {
		return nil, fmt.Errorf("%s: larger than %d MiB", name, maxList>>20)
	}
	return check.Parse(name, text)
}
