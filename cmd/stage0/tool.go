package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"stage0/tool/registry"
)

func newTool() *cobra.Command {
	names := toolNames()
	return &cobra.Command{
		Use:   "tool NAME [ARGUMENT]...",
		Short: "Run one of the tools",
		Long: `Runs the tool NAME with the given arguments. The tools are
` + strings.Join(names, ", ") + `.
Each has the option --help.`,
		Example:               "  stage0 tool hex0 -A x86 hello.hex0 hello",
		DisableFlagParsing:    true, // the flags are the tool's
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("expected the name of a tool; there are %s", strings.Join(names, ", "))
			}
			if args[0] == "-h" || args[0] == "--help" {
				return cmd.Help()
			}
			p, ok := registry.Lookup(args[0])
			if !ok {
				return noTool(args[0])
			}
			if s := status(p.RunOnHost(args)); s != 0 {
				return s
			}
			return nil
		},
	}
}

// toolNames returns the names of all tools.
func toolNames() []string {
	var names []string
	for _, p := range registry.Programs() {
		names = append(names, p.Name)
	}
	return names
}

// noTool is the error for a name that no tool has.
func noTool(name string) error {
	return fmt.Errorf("there is no tool %q; there are %s", name, strings.Join(toolNames(), ", "))
}
