package graph

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// nixSystems has Nix's names of the architectures.
var nixSystems = map[string]string{
	"x86":     "i686-linux",
	"amd64":   "x86_64-linux",
	"aarch64": "aarch64-linux",
	"riscv32": "riscv32-linux",
	"riscv64": "riscv64-linux",
}

// splitFlags are those with which a program that runs others writes, to what
// would be the output of the last one, what it would hand on to the first.
var splitFlags = map[string]string{
	"M2-Mesoplanet": "-E",
}

// Nix writes the graphs as a default.nix, which needs only Nix. It is a function of the
// tree. In its result, ARCH is a list of the ladder's artefacts, whose digests Nix
// checks when it builds them, and made.ARCH has each artefact by its path.
//
// Each command is a derivation, as in nixpkgs' hand-written ones: the builder is the
// program, and the arguments are paths in the store. There is no working directory, so
// names are absolute. Of the environment, only variables are kept that name a
// directory from which the command read a file that no argument names.
//
// M2-Mesoplanet looks its programs up in a directory, which no program built before it
// can create. So it is run for the preprocessed source (-E) only, and the commands that
// it would run are derivations, too. That source has one more line, a comment.
func Nix(w io.Writer, graphs []*Graph) error {
	out := &nix{Writer: bufio.NewWriter(w)}
	ours := slices.ContainsFunc(graphs, func(g *Graph) bool { return slices.ContainsFunc(g.Commands, (*Command).ours) })
	out.printf("%s", nixHead)
	if ours {
		out.printf(", stage0 # the program, for what the tree lacks\n")
	}
	out.printf("}:\nlet\n%s", nixFunctions)
	out.sources(graphs)
	for _, g := range graphs {
		if err := out.ladder(g); err != nil {
			return err
		}
	}
	out.printf("in\n{\n  inherit made;\n")
	for _, g := range graphs {
		out.printf("  %s = map (checked made.%[1]s) digests.%[1]s;\n", g.arch.Name)
	}
	out.printf("}\n")
	return out.Flush()
}

const nixHead = `# Ladders of stage0-posix, for Nix: nix-build FILE --arg tree DIR -A ARCH
# Made by: stage0 graph --format nix

{ tree
`

const nixFunctions = `  out = builtins.placeholder "out";

  run = system: name: builder: args: vars: derivation (vars // { inherit system name builder args; });

  # Nix itself computes the digests.
  checked = made: { path, sha256 }:
    let have = builtins.hashFile "sha256" made.${path}; in
    if have == sha256 then made.${path} else throw "${path}: SHA-256 is ${have}, expected ${sha256}";

  # Of the tree only what is read: another file changes no derivation.
  source = builtins.path {
    name = "source";
    path = tree;
    filter = path: type: builtins.hasAttr (builtins.substring (1 + builtins.stringLength (toString tree)) (-1) path) read;
  };
`

// nix writes a default.nix.
type nix struct {
	*bufio.Writer
}

func (out *nix) printf(format string, args ...any) { fmt.Fprintf(out.Writer, format, args...) }

// sources writes which files of the tree are read, with their directories.
func (out *nix) sources(graphs []*Graph) {
	read := map[string]bool{}
	for _, g := range graphs {
		for _, c := range g.Commands {
			for _, in := range c.Reads {
				for p := in.Path; in.from == nil && p != "."; p = path.Dir(p) {
					read[p] = true
				}
			}
		}
	}
	out.printf("\n  read = {\n")
	for _, p := range slices.Sorted(maps.Keys(read)) {
		out.printf("    %s = true;\n", nixString(p))
	}
	out.printf("  };\n")
}

func (out *nix) ladder(g *Graph) error {
	l := nixLadder{graph: g, keys: map[*Command]string{}, parts: map[*Command][]*Command{}}
	writers := map[string]int{}
	for _, c := range g.Commands {
		writers[c.Outputs[0].Path]++
	}
	at := map[string]int{} // how many there are of a place in a script
	for _, c := range g.Commands {
		l.keys[c] = c.Outputs[0].Path
		if writers[l.keys[c]] > 1 && g.last[l.keys[c]] != c {
			l.keys[c] += fmt.Sprintf(" of %s:%d", c.At.Name, c.At.Line)
			if at[l.keys[c]]++; at[l.keys[c]] > 1 { // where only the script's line is known that runs another script
				l.keys[c] += fmt.Sprintf(", %d", at[l.keys[c]])
			}
		}
		if c.owner != nil {
			l.parts[c.owner] = append(l.parts[c.owner], c)
		}
	}
	out.printf("\n  made.%s = let made' = made.%[1]s; in {\n", g.arch.Name)
	for _, step := range g.left {
		out.printf("    # left out, writes nothing: %s\n", comment(step))
	}
	for _, c := range g.Commands {
		text, err := l.derivation(c)
		if err != nil {
			return err
		}
		out.printf("\n    # %s\n    %s = %s;\n", place(c.At), nixString(l.keys[c]), text)
	}
	out.printf("  };\n\n  digests.%s = [\n", g.arch.Name)
	for _, d := range g.Digests {
		out.printf("    { path = %s; sha256 = \"%s\"; }\n", nixString(d.Path), d.Digest)
	}
	out.printf("  ];\n")
	return nil
}

// A nixLadder is a graph being written.
type nixLadder struct {
	graph *Graph
	keys  map[*Command]string // of the commands in made.ARCH
	parts map[*Command][]*Command
}

// derivation returns the call of run for a command.
func (l *nixLadder) derivation(c *Command) (string, error) {
	if err := c.check("a Nix expression", "\t\n\r"); err != nil {
		return "", err
	}
	if len(c.Outputs) != 1 {
		return "", refuse(c.Step, fmt.Sprintf("writes %d files, and a derivation makes one", len(c.Outputs)))
	}
	outputs := []string{c.Outputs[0].Path}
	program, _, _ := strings.Cut(c.Program, " ")
	if program == "" { // it is executed
		program = path.Base(c.File.Path)
	}
	split, known := splitFlags[program]
	if parts := l.parts[c]; len(parts) > 0 {
		if !known {
			return "", refuse(c.Step, program+" runs programs by itself, which a derivation cannot have it do")
		}
		for _, part := range parts {
			outputs = append(outputs, part.Outputs[0].Path)
		}
	}
	var args []string
	named, written := map[string]bool{}, false
	for _, arg := range c.Args[1:] {
		p := c.resolve(arg)
		i := slices.IndexFunc(c.Reads, func(in Input) bool { return in.Path == p })
		switch {
		case p != "" && slices.Contains(outputs, p):
			args, written = append(args, "out"), true
		case i >= 0:
			args, named[p] = append(args, l.input(c.Reads[i])), true
		default:
			args = append(args, nixString(arg))
		}
	}
	if !written {
		return "", refuse(c.Step, "no argument names what it writes, "+c.Outputs[0].Path)
	}
	if len(l.parts[c]) > 0 {
		args = append(args, nixString(split))
	}
	vars, err := l.variables(c, named)
	if err != nil {
		return "", err
	}
	system, builder := nixString(nixSystems[l.graph.arch.Name]), ""
	if c.ours() {
		system, builder = "builtins.currentSystem", `"${stage0}"`
		for i, word := range append([]string{"tool"}, strings.Fields(c.Program)...) {
			args = slices.Insert(args, i, nixString(word))
		}
	} else {
		builder = l.input(c.Reads[0])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "run %s %s %s", system, nixString(storeName(c.Outputs[0].Path)), builder)
	b.WriteString(" [")
	for _, arg := range args {
		b.WriteString("\n      " + arg)
	}
	b.WriteString("\n    ] {")
	for _, v := range vars {
		b.WriteString(" " + v)
	}
	b.WriteString(" }")
	return b.String(), nil
}

// variables returns the variables that the command needs to find those of its
// inputs that no argument names.
func (l *nixLadder) variables(c *Command, named map[string]bool) ([]string, error) {
	var vars []string
	for i, in := range c.Reads {
		ofPart := func(part *Command) bool { return part.File.Path == in.Path } // which it looks for in PATH
		if i == 0 && !c.ours() || named[in.Path] || slices.ContainsFunc(l.parts[c], ofPart) {
			continue
		}
		found := false
		for _, v := range c.Vars {
			name, value, _ := strings.Cut(v, "=")
			dir := c.resolve(value)
			if dir == "" || in.from != nil || !strings.HasPrefix(in.Path, dir+"/") {
				continue
			}
			found = true
			if v := fmt.Sprintf(`%s = "${source}/%s;`, nixString(name), nixString(dir)[1:]); !slices.Contains(vars, v) {
				vars = append(vars, v)
			}
		}
		if !found {
			return nil, refuse(c.Step, fmt.Sprintf("reads %s, which no argument names, and of which no variable names a directory", in.Path))
		}
	}
	return vars, nil
}

// input returns the expression for a file that is read.
func (l *nixLadder) input(in Input) string {
	if in.from == nil {
		return `"${source}/` + nixString(in.Path)[1:]
	}
	return "made'." + nixString(l.keys[in.from])
}

// nixString quotes a string as Nix reads it.
func nixString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// storeName returns the name that a file has in the store, which allows few
// characters.
func storeName(file string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+-._?=", r) {
			return r
		}
		return '_'
	}, strings.TrimLeft(path.Base(file), "."))
}
