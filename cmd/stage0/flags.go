package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/internal/audit"
)

// archNames is the value of a flag with the names of architectures, separated by
// commas. They are accepted in upper case, as the directories of a tree have them, and
// with spaces.
type archNames struct{ names *[]string }

func (a archNames) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		*a.names = append(*a.names, strings.ToLower(strings.TrimSpace(name)))
	}
	return nil
}

func (a archNames) String() string {
	if a.names == nil {
		return ""
	}
	return strings.Join(*a.names, ",")
}

func (a archNames) Type() string { return "architectures" }

// archName is the value of a flag with the name of one architecture, as archNames.
type archName struct{ name *string }

func (a archName) Set(s string) error {
	*a.name = strings.ToLower(strings.TrimSpace(s))
	return nil
}

func (a archName) String() string {
	if a.name == nil {
		return ""
	}
	return *a.name
}

func (a archName) Type() string { return "architecture" }

// addLadders adds the flag that selects ladders.
func addLadders(flags *pflag.FlagSet, names *[]string) {
	flags.Var(archNames{names}, "arch", "only the ladders of these `architectures`, separated by commas")
}

// oneSpelling accepts --architecture, which upstream's tools have, for --arch.
func oneSpelling(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "architecture" {
		name = "arch"
	}
	return pflag.NormalizedName(name)
}

// completions has the values of flags, by their names. directoryFlags take directories;
// all others, files or something else.
var (
	completions = map[string]func() []string{
		"arch":     allArchs,
		"engine":   func() []string { return engineNames },
		"format":   func() []string { return slices.Sorted(maps.Keys(graphFormats())) },
		"only":     toolNames,
		"severity": func() []string { return []string{audit.Note.String(), audit.Warning.String(), audit.Error.String()} },
	}
	directoryFlags = []string{"against", "cache", "digests", "dir", "output", "reference", "tree"}
)

func allArchs() []string { return archsOf(arch.All) }

func archsOf(rows []arch.Arch) []string {
	var names []string
	for _, a := range rows {
		names = append(names, a.Name)
	}
	return names
}

// addCompletions adds the completions of flags and arguments to root's commands, for the
// scripts that stage0 completion prints.
func addCompletions(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			values := completions[f.Name]
			list := f.Value.Type() == "stringSlice"
			if _, ok := f.Value.(archNames); ok { // of ladders
				list = true
				values = func() []string { return archsOf(arch.Ladders()) }
			}
			switch {
			case values != nil:
				must(cmd.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
					before := ""
					if list {
						before = typed[:strings.LastIndex(typed, ",")+1]
					}
					var all []string
					for _, v := range values() {
						all = append(all, before+v)
					}
					return all, cobra.ShellCompDirectiveNoFileComp
				}))
			case slices.Contains(directoryFlags, f.Name):
				must(cmd.MarkFlagDirname(f.Name))
			}
		})
		switch cmd.Name() {
		case "tool":
			cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				if len(args) > 0 {
					return nil, cobra.ShellCompDirectiveDefault
				}
				return toolNames(), cobra.ShellCompDirectiveNoFileComp
			}
		case "explain":
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				if len(args) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				return artefacts(cmd.Flags().Changed("tree"), typed), cobra.ShellCompDirectiveNoFileComp
			}
		case "verify", "graph", "fetch", "links":
			cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
				if len(args) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				return nil, cobra.ShellCompDirectiveFilterDirs
			}
		}
	}
}

// artefacts returns what the ladders of the last release make, or of the sample, if the
// path begins with typed.
func artefacts(release bool, typed string) []string {
	ref, err := bootstrap.LoadReference("", sample.Known(), ".")
	if release {
		var all []*bootstrap.Reference
		if all, err = bootstrap.References(); err == nil {
			ref = all[len(all)-1]
		}
	}
	if err != nil {
		return nil
	}
	var paths []string
	for _, files := range ref.Artefacts {
		for _, f := range files {
			if strings.HasPrefix(f.Path, typed) {
				paths = append(paths, f.Path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// must panics if a command of newRoot is put together wrongly.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
