package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stage0/tool"
	"stage0/tool/registry"
)

// hostCommands are the tools that have the name of a command of most systems, but not
// its options: chmod +x FILE sets mode 000, as upstream's chmod does.
var hostCommands = []string{"chmod", "cp", "mkdir", "rm", "sha256sum", "sha3sum", "unxz"}

func newLinks() *cobra.Command {
	var relative, all bool
	var only []string
	cmd := &cobra.Command{
		Use:   "links DIR",
		Short: "Make a link to this program for each tool",
		Long: `Makes a symbolic link to this program in DIR for each tool that it contains. Called
through such a link, the program acts as that tool. With DIR in PATH, scripts that
are written for upstream's tools use these.

Tools with the name of a common command are left out, because they would take that
command's place without having its options: ` + strings.Join(hostCommands, ", ") + `.
With --all, they get links, too.

DIR is created if it does not exist. Existing files are not replaced: it is an
error if one has the name of a tool and is not such a link.

Exit status: 0 for success, 1 if a link could not be made (then none is made), 2
for wrong usage.`,
		Example: `  stage0 links ~/stage0/bin
  PATH=~/stage0/bin kaem --verbose --file build.kaem
  stage0 links --only hex2,M1 --relative ~/.local/bin`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			names, err := linkNames(only, all)
			if err != nil {
				return err
			}
			target, err := linkTarget(args[0], relative)
			if err == nil {
				err = link(args[0], target, names)
			}
			if err != nil {
				return failure{err, 1}
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "make links for these `tools` only, separated by commas")
	cmd.Flags().BoolVar(&all, "all", false, "also make links for tools with the name of a common command")
	cmd.Flags().BoolVar(&relative, "relative", false, "make links relative to DIR, so that both can be moved together")
	cmd.MarkFlagsMutuallyExclusive("only", "all")
	return cmd
}

// linkNames returns the names of the links: only, or all tools, or those that are not
// hostCommands.
func linkNames(only []string, all bool) ([]string, error) {
	for _, name := range only {
		if _, ok := registry.Lookup(name); !ok {
			return nil, noTool(name)
		}
	}
	if only != nil {
		return only, nil
	}
	return slices.DeleteFunc(toolNames(), func(name string) bool {
		return !all && slices.Contains(hostCommands, name)
	}), nil
}

// linkTarget returns what links in dir to this program contain.
func linkTarget(dir string, relative bool) (string, error) {
	target, err := os.Executable()
	if err != nil || !relative {
		return target, err
	}
	// A link is followed from the directory that contains it, not from a link to that.
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	if target, err = filepath.EvalSymlinks(target); err != nil {
		return "", err
	}
	return filepath.Rel(dir, target)
}

// link makes links to target in dir. If one cannot be made, none is.
func link(dir, target string, names []string) (err error) {
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
	for _, name := range names {
		name = filepath.Join(dir, name)
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
