// Stage0 replays and verifies the bootstrap of stage0-posix, and contains all of its
// tools. Called through a link with the name of a tool, it acts as that tool.
//
// Exit status: 0 for success, 1 for failure (for example, verify found a difference), 2
// for wrong usage, or if a command could not do its work.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stage0/internal/clean"
	"stage0/tool"
	"stage0/tool/registry"
)

func main() { os.Exit(run()) }

func run() int {
	name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	if p, ok := registry.Lookup(name); ok {
		return p.RunOnHost(os.Args)
	}
	root, out := newRoot(), new(stdout)
	root.SetOut(out)
	command, err := root.ExecuteC()
	if err == nil && out.err != nil { // help, for example, ignores errors
		err = failure{out.err, 1}
	}
	messages := clean.Writer{W: os.Stderr} // messages quote names and texts of files
	var s status
	var f failure
	switch {
	case err == nil:
		return 0
	case errors.As(err, &s):
		return int(s)
	case errors.As(err, &f):
		fmt.Fprintf(messages, "%s: %v\n", command.CommandPath(), f.error)
		return f.status
	}
	fmt.Fprintf(messages, "%s: %v\nTry: %s --help\n", command.CommandPath(), err, command.CommandPath())
	return 2
}

// A stdout is standard output. It keeps the last error.
type stdout struct{ err error }

func (w *stdout) Write(p []byte) (int, error) {
	n, err := os.Stdout.Write(p)
	if err != nil {
		w.err = fmt.Errorf("standard output: cannot write: %w", tool.Cause(err))
	}
	return n, w.err
}

// untilSignal returns a context that ends when a signal asks the program to end, for
// commands that have to clean up. A second signal ends the program at once. Until stop
// is called, writing to a closed pipe is such a signal, too.
func untilSignal(ctx context.Context) (_ context.Context, stop func()) {
	signals := tool.EndSignals()
	if len(signals) == 0 { // NotifyContext would take that for all signals
		return ctx, func() {}
	}
	ctx, stop = signal.NotifyContext(ctx, signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// A status ends the program with an exit status, without a message.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// A failure is an error that is not about usage.
type failure struct {
	error
	status int
}

// wantValues refuses flags with an empty value, for example from an unset variable in a
// script: they would be treated as if they were not given.
func wantValues(cmd *cobra.Command, _ []string) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.String() == "" || f.Value.String() == "[]" {
			err = fmt.Errorf("flag needs an argument: --%s", f.Name)
		}
	})
	return err
}

func newRoot() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "stage0",
		Short: "Replay and verify the bootstrap of stage0-posix",
		Long: `Stage0 replays the bootstrap of stage0-posix, from hex0 to M2-Planet, with tools
written in Go, and compares every file that they make with the file that upstream's
own tools make. It also contains these tools as commands for daily use.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !version {
				return cmd.Help()
			}
			if err := printVersion(cmd.OutOrStdout()); err != nil {
				return failure{err, 1}
			}
			return nil
		},
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: wantValues,
	}
	root.Flags().BoolVar(&version, "version", false, "print the version, as stage0 version does")
	root.SetGlobalNormalizationFunc(oneSpelling)
	root.AddCommand(newVerify(), newRun(), newAudit(), newBuild(), newKnight(), newFetch(), newLinks(), newTool(), newExplain(), newDiff(), newCheck(), newProve(), newGraph(), newSchema(), newVersion())
	addCompletions(root)
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() == "help" { // cobra's own accepts commands that do not exist
			help.Args = func(_ *cobra.Command, args []string) error {
				_, _, err := root.Find(args)
				return err
			}
		}
	}
	return root
}
