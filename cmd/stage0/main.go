// Stage0 replays and verifies the bootstrap of stage0-posix, and holds all of
// its tools. Called by the name of one of them, through a link, it is that one.
//
// Exit status: 0 for success (of verify: everything matched), 1 for failure
// (something did not), 2 for wrong usage (or that verify could not run).
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"stage0/tool"
)

func main() { os.Exit(run()) }

func run() int {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if p, ok := tool.Lookup(name); ok {
		return p.RunOnHost(os.Args)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command, err := newRoot().ExecuteContextC(ctx)
	var s status
	var f failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &s):
		return int(s)
	case errors.As(err, &f):
		if p, ok := f.error.(*fs.PathError); ok && p.Path == os.Stdout.Name() {
			f.error = fmt.Errorf("standard output: cannot write: %w", p.Err)
		}
		fmt.Fprintf(os.Stderr, "%s: %v\n", command.CommandPath(), f.error)
		return f.status
	}
	fmt.Fprintf(os.Stderr, "%s: %v\nTry: %s --help\n", command.CommandPath(), err, command.CommandPath())
	return 2
}

// A status ends the program; all has been said.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// A failure is an error that is not one of usage.
type failure struct {
	error
	status int
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "stage0",
		Short: "Replay and verify the bootstrap of stage0-posix",
		Long: `Stage0 replays the bootstrap of stage0-posix, from hex0 to M2-Planet, with tools
written in Go, and compares every file that is made with what upstream's own
tools make. It also holds those tools, as commands for daily use.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newVerify(), newRun(), newAudit(), newFetch(), newLinks(), newTool(), newExplain(), newDiff(), newGraph(), newSchema(), newVersion())
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() == "help" { // cobra's own says it is no error if there is no such command
			help.Args = func(_ *cobra.Command, args []string) error {
				_, _, err := root.Find(args)
				return err
			}
		}
	}
	return root
}
