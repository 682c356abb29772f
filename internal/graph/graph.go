// Package graph turns the ledger of a ladder into a build graph: build.ninja for
// Ninja, default.nix for Nix, and a picture for Graphviz.
//
// # From a script to a graph
//
// The commands of a ladder's scripts run one after the other. The ledger has the
// files that each command read and wrote, so the graph keeps only the order that
// the files require. A command that wrote a file becomes a node, together with the
// commands that its program runs by itself, as M2-Mesoplanet does.
//
//   - A node has the working directory, the arguments and the environment of its
//     program. What kaem did for that (cd, variables, aliases, if) is not in the
//     graph, and kaem is not a node.
//   - A command that wrote nothing (a condition, a check of digests, rm, mkdir)
//     is left out, and named in a comment. A final check of all digests
//     replaces the ladder's own.
//   - chmod is an error: file permissions are not part of a graph.
//   - A file that does not exist at the end, and that no other node reads, is a
//     temporary file. Nodes that share one must not run at the same time.
//   - A name that a format cannot express, such as one with a line feed for Ninja,
//     is an error. So are other invisible characters (see package clean), except in
//     the picture.
//   - A file that two nodes write is an error, and so is one of the tree that is
//     both read and written: Ninja could not tell the versions apart. Nix can. The
//     ladders of release 1.9.1 have neither.
//
// # Execution
//
// Ninja and Nix run the seeds, and the programs built from them, on the processor.
// A program that is not in the tree, as in the sample, is replaced by ours: stage0
// tool NAME. The final digests are those of the replay that the graph was made from.
package graph

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/source"
)

// A Graph is a ladder as commands that read each other's files.
type Graph struct {
	arch     arch.Arch
	Commands []*Command           // in the order in which they were run
	left     []*bootstrap.Step    // the commands that are left out
	Digests  []bootstrap.Digested // of what is there at the end, in the order of their paths
	last     map[string]*Command  // that wrote what is there at the end
}

// A Command is a command that wrote a file. Its paths are relative to the tree.
type Command struct {
	*bootstrap.Step
	owner *Command // whose program ran it; nil if a script did
	Reads []Input  // its program first, unless that is ours; each path once
}

// An Input is a file that a command reads.
type Input struct {
	Path string
	from *Command // that wrote it; nil for a file of the tree
}

// ours reports whether the command's program is not in the tree, so that stage0 tool
// replaces it.
func (c *Command) ours() bool { return c.File.Digest == bootstrap.Digest{} }

// New returns the graph of a ladder, which must have been replayed to its end.
func New(l *bootstrap.Ledger) (*Graph, error) {
	failure := l.Failure()
	switch {
	case l.Err != nil:
		return nil, l.Err
	case failure >= 0:
		return nil, refuse(l.Steps[failure], "failed: "+l.Steps[failure].Reason)
	}
	g := &Graph{arch: l.Arch, last: map[string]*Command{}}
	commands := make([]*Command, len(l.Steps))
	runs := make([]bool, len(l.Steps)) // whether a step runs others
	for _, step := range l.Steps {
		if step.Parent >= 0 {
			runs[step.Parent] = true
		}
	}
	for i, step := range l.Steps {
		if program, _, _ := strings.Cut(step.Program, " "); program == "chmod" {
			return nil, refuse(step, "chmod changes permissions, which a graph of files cannot say")
		}
		owner := owner(l, commands, step)
		if len(step.Outputs) == 0 {
			if owner == nil && !runs[i] {
				g.left = append(g.left, step)
			}
			continue
		}
		c := &Command{Step: step, owner: owner}
		commands[i] = c
		g.Commands = append(g.Commands, c)
	}
	if len(g.Commands) == 0 {
		return nil, errors.New("no step of the ladder writes a file")
	}
	for _, a := range l.Artefacts {
		if a.From >= 0 {
			g.last[a.Path] = commands[a.From]
			g.Digests = append(g.Digests, bootstrap.Digested{Path: a.Path, Digest: a.Digest})
		}
	}
	for _, c := range g.Commands {
		if !c.ours() {
			c.read(commands, c.File)
		}
		for _, in := range c.Inputs {
			c.read(commands, in)
		}
		for _, out := range c.Outputs {
			g.leave(c.owner, out.Path)
		}
	}
	return g, nil
}

// read records that a command reads a file, unless it wrote the file itself.
func (c *Command) read(commands []*Command, f bootstrap.File) {
	input := Input{Path: f.Path}
	if f.From >= 0 {
		input.from = commands[f.From]
	}
	if input.from != c && !slices.Contains(c.Reads, input) {
		c.Reads = append(c.Reads, input)
	}
}

// leave takes a file from what a command writes, and from what its owners do: a
// program that it runs writes it, and after it. An executed M2-Mesoplanet makes the
// files that it has others write, and has its own output open meanwhile.
func (g *Graph) leave(c *Command, path string) {
	for ; c != nil && g.last[path] != c; c = c.owner {
		step := *c.Step
		step.Outputs = slices.DeleteFunc(slices.Clone(step.Outputs), func(f bootstrap.File) bool { return f.Path == path })
		if len(step.Outputs) > 0 {
			c.Step = &step
		}
	}
}

// owner returns the nearest command among those that ran a step, or nil.
func owner(l *bootstrap.Ledger, commands []*Command, step *bootstrap.Step) *Command {
	for i := step.Parent; i >= 0; i = l.Steps[i].Parent {
		if commands[i] != nil {
			return commands[i]
		}
	}
	return nil
}

// A Node is a command, with the commands that its program runs.
type Node struct {
	*Command
	Reads     []string // each once
	Writes    []string // what is there at the end, or read by another node
	Temporary []string // the rest of what it writes
}

// Nodes returns the nodes in topological order.
func (g *Graph) Nodes() ([]*Node, error) {
	var (
		nodes  []*Node
		of     = map[*Command]*Node{}
		fixed  = map[string]*Node{}    // that reads a file of the tree
		shared = map[string]*Command{} // whose file is read by another node
	)
	for _, c := range g.Commands {
		n := of[c.owner]
		if c.owner == nil {
			n = &Node{Command: c}
			nodes = append(nodes, n)
		}
		of[c] = n
	}
	for _, c := range g.Commands {
		n := of[c]
		for _, in := range c.Reads {
			if in.from != nil && of[in.from] == n {
				continue
			}
			if in.from == nil {
				fixed[in.Path] = n
			} else {
				shared[in.Path] = in.from
			}
			if !slices.Contains(n.Reads, in.Path) {
				n.Reads = append(n.Reads, in.Path)
			}
		}
	}
	writers := map[string]*Node{}
	for _, c := range g.Commands {
		n := of[c]
		for _, out := range c.Outputs {
			if g.last[out.Path] != c && shared[out.Path] != c {
				n.Temporary = append(n.Temporary, out.Path)
				continue
			}
			if other := writers[out.Path]; other != nil {
				return nil, refuse(c.Step, fmt.Sprintf("writes %s, as %s does", out.Path, place(other.At)))
			}
			if reader := fixed[out.Path]; reader != nil {
				return nil, refuse(c.Step, fmt.Sprintf("writes %s, which is in the tree, and %s reads it", out.Path, place(reader.At)))
			}
			writers[out.Path] = n
			n.Writes = append(n.Writes, out.Path)
		}
	}
	for _, n := range nodes {
		for _, path := range n.Temporary {
			if other := writers[path]; other != nil {
				return nil, refuse(n.Step, fmt.Sprintf("writes %s, as %s does", path, place(other.At)))
			}
		}
	}
	return nodes, nil
}

// refuse returns an error with the position of a step.
func refuse(step *bootstrap.Step, message string) error {
	if step.At.Name == "" { // the first, which no script asks for
		return errors.New(clean.String(message))
	}
	return fmt.Errorf("%s: %s", place(step.At), clean.String(message))
}

// place returns a position as SCRIPT:LINE, as comments and errors show it.
func place(at source.Position) string { return fmt.Sprintf("%s:%d", clean.String(at.Name), at.Line) }

// comment returns a step as a comment shows it, in a line.
func comment(step *bootstrap.Step) string {
	return clean.String(fmt.Sprintf("%s: %s", place(step.At), words(step.Args)))
}

// check refuses a command whose file names or words have characters, other than
// those in allowed, that are not shown. format is what cannot hand them on.
func (c *Command) check(format, allowed string) error {
	hidden := func(r rune) bool {
		return !strings.ContainsRune(allowed, r) && (!clean.Shown(r) || r == '\t' || r == utf8.RuneError)
	}
	names := []string{c.File.Path, c.Dir}
	for _, in := range c.Reads {
		names = append(names, in.Path)
	}
	for _, out := range c.Outputs {
		names = append(names, out.Path)
	}
	for _, name := range slices.Concat(names, c.Args, c.Vars) {
		if i := strings.IndexFunc(name, hidden); i >= 0 {
			r, _ := utf8.DecodeRuneInString(name[i:])
			return refuse(c.Step, fmt.Sprintf("%q has %s, which %s cannot hand on", name, clean.Name(r), format))
		}
	}
	return nil
}

// resolve returns the path of the tree that an argument or a variable of c
// would name, or "" if it is none.
func (c *Command) resolve(name string) string {
	if name == "" || path.IsAbs(name) {
		return ""
	}
	return path.Join(c.Dir, name)
}

// program returns how to name the command's program from its directory: as the
// script does, or, if it was looked for in PATH, by its path.
func (c *Command) program() string {
	if strings.Contains(c.Args[0], "/") && c.resolve(c.Args[0]) == c.File.Path {
		return c.Args[0]
	}
	up := ""
	if c.Dir != "." {
		up = strings.Repeat("../", strings.Count(c.Dir, "/")+1)
	}
	return "./" + up + c.File.Path
}

// tool returns the arguments of stage0 that run our program in the place of
// the command's.
func (c *Command) tool() []string {
	return slices.Concat([]string{"tool"}, strings.Fields(c.Program), c.Args[1:])
}
