package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"stage0/tool"
	"stage0/tool/registry"
)

func newLinks() *cobra.Command {
	return &cobra.Command{
		Use:   "links DIR",
		Short: "Make a link to this program for each tool",
		Long: `Makes a symbolic link to this program in DIR for each tool that it contains. Called
through such a link, the program acts as that tool. With DIR in PATH, scripts that
are written for upstream's tools use these.

DIR is created if it does not exist. Existing files are not replaced: it is an
error if one has the name of a tool and is not such a link.

Exit status: 0 for success, 1 if a link could not be made (then none is made), 2
for wrong usage.`,
		Example: `  stage0 links ~/stage0/bin
  PATH=~/stage0/bin kaem --verbose --file build.kaem`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := link(args[0]); err != nil {
				return failure{err, 1}
			}
			return nil
		},
	}
}

// link makes the links in dir. If one cannot be made, none is.
func link(dir string) (err error) {
	target, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("%s: cannot make directory: %w", dir, tool.Cause(err))
	}
	var made []string
	defer func() {
		if err != nil {
			for _, name := range made {
				os.Remove(name)
			}
		}
	}()
	for _, p := range registry.Programs() {
		name := filepath.Join(dir, p.Name)
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		old, err := os.Readlink(name)
		switch {
		case err == nil && old == target:
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: exists, and is not a link to %s", name, target)
		}
		if err := os.Symlink(target, name); err != nil {
			return err
		}
		made = append(made, name)
	}
	return nil
}
