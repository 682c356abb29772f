package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stage0/internal/graph"
)

// graphFormats maps the values of --format to functions that write graphs.
func graphFormats() map[string]func(io.Writer, []*graph.Graph) error {
	return map[string]func(io.Writer, []*graph.Graph) error{
		"dot":   graph.Dot,
		"ninja": graph.Ninja,
		"nix":   graph.Nix,
	}
}

func newGraph() *cobra.Command {
	var (
		names  []string
		format string
	)
	cmd := &cobra.Command{
		Use:   "graph --format dot|ninja|nix [TREE]",
		Short: "Print the ladders of a tree as a build graph",
		Long: `Replays the ladders of TREE, or of the sample, and prints their commands as a
graph of the files that they read and write. Nothing in TREE is executed.

  dot     a drawing, for dot of Graphviz
  ninja   a build.ninja, to be run in a copy of TREE, from the real seeds
  nix     a default.nix with a derivation for each command, whose builder is the
          output of earlier derivations; its argument tree is the tree

Builds with Ninja and Nix end with a comparison: the digests of all files that they
made must be those of this replay. If TREE lacks a program, as the sample does, the
build runs stage0 tool in its place: Ninja looks for stage0 in PATH, Nix takes it
from the argument stage0.

Exit status: 0 for success, 2 if the ladders could not be run or cannot be
expressed as a graph. If a file that a ladder makes is not confirmed, graph prints
a warning.`,
		Example: `  stage0 graph --format dot --arch x86 | dot -Tsvg >sample.svg
  stage0 graph --format ninja --arch amd64 stage0-posix >build.ninja
  stage0 graph --format nix --arch amd64 stage0-posix >default.nix`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := graphFormats()[format]
			if !ok {
				return fmt.Errorf("--format is %q, expected dot, ninja or nix", format)
			}
			runs, err := replay(cmd.Context(), args, names)
			if err != nil {
				return failure{err, 2}
			}
			var graphs []*graph.Graph
			for _, l := range runs[0].Ledgers {
				g, err := graph.New(l)
				if err != nil {
					return failure{fmt.Errorf("%s: %w", l.Arch.Name, err), 2}
				}
				if !l.Good() {
					fmt.Fprintf(cmd.ErrOrStderr(), "stage0 graph: warning: not every file that the ladder of %s makes is confirmed; see stage0 verify\n", l.Arch.Name)
				}
				graphs = append(graphs, g)
			}
			var text strings.Builder
			if err := write(&text, graphs); err != nil {
				return failure{err, 2}
			}
			if _, err := io.WriteString(cmd.OutOrStdout(), text.String()); err != nil {
				return failure{err, 2}
			}
			return nil
		},
	}
	addLadders(cmd.Flags(), &names)
	cmd.Flags().StringVar(&format, "format", "", "the output `format`: dot, ninja or nix")
	return cmd
}
