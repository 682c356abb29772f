package graph

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"stage0/arch"
	"stage0/internal/clean"
	"stage0/internal/report"
)

// maxNotes is the maximum number of the tree's files that the picture names for a
// node.
const maxNotes = 4

// Dot writes the graphs as a picture for Graphviz. A box is a node: the file that it
// writes, its program, and its line of the script. A frame is a phase. A thick arrow
// leads from a program to the nodes that run it, a thin arrow from a file to the nodes
// that read it. Files of the tree are listed in the box.
func Dot(w io.Writer, graphs []*Graph) error {
	out := &dot{bufio.NewWriter(w)}
	out.printf("digraph ladders {\n")
	out.printf("  rankdir=LR fontname=\"sans-serif\"\n  node [shape=box fontname=\"sans-serif\" fontsize=10]\n")
	for _, g := range graphs {
		nodes, err := g.Nodes()
		if err != nil {
			return err
		}
		out.ladder(g.arch, nodes)
	}
	out.printf("}\n")
	return out.Flush()
}

// dot writes a picture.
type dot struct{ *bufio.Writer }

func (out *dot) printf(format string, args ...any) { fmt.Fprintf(out.Writer, format, args...) }

func (out *dot) ladder(a arch.Arch, nodes []*Node) {
	id := func(path string) string { return quote(a.Name + " " + visible(path)) }
	out.printf("  subgraph %s {\n    label=%s\n", quote("cluster "+a.Name), quote(a.Name))
	var phases []string
	writers := map[string]*Node{}
	for _, n := range nodes {
		for _, file := range n.Writes {
			writers[file] = n
		}
		if phase := n.phase(a); !slices.Contains(phases, phase) {
			phases = append(phases, phase)
		}
	}
	for _, phase := range phases {
		out.printf("    subgraph %s {\n      label=%s style=rounded color=gray\n", quote("cluster "+a.Name+" "+phase), quote(phase))
		for _, n := range nodes {
			if n.phase(a) == phase {
				out.printf("      %s [label=%s]\n", id(n.name()), quote(n.label()))
			}
		}
		out.printf("    }\n")
	}
	seeds := map[string]bool{}
	for _, n := range nodes {
		var notes []string
		for _, file := range n.Reads {
			writer := writers[file]
			program := !n.ours() && file == n.File.Path
			switch {
			case writer != nil && program:
				out.printf("    %s -> %s [style=bold]\n", id(writer.name()), id(n.name()))
			case writer != nil:
				out.printf("    %s -> %s\n", id(writer.name()), id(n.name()))
			case program:
				if !seeds[file] {
					out.printf("    %s [label=%s shape=octagon style=bold]\n", id(file), quote(visible(path.Base(file))))
					seeds[file] = true
				}
				out.printf("    %s -> %s [style=bold]\n", id(file), id(n.name()))
			default:
				notes = append(notes, visible(file))
			}
		}
		if len(notes) > 0 {
			note := id("for " + n.name())
			out.printf("    %s [label=%s shape=note fontsize=8]\n", note, quote(fewLines(notes)))
			out.printf("    %s -> %s [style=dashed]\n", note, id(n.name()))
		}
	}
	out.printf("  }\n")
}

// name returns the path that the node is named after: of what it writes, the
// last.
func (n *Node) name() string {
	if len(n.Writes) > 0 {
		return n.Writes[len(n.Writes)-1]
	}
	return n.Temporary[len(n.Temporary)-1]
}

// phase returns the part of a's ladder to which the node belongs.
func (n *Node) phase(a arch.Arch) string {
	number, title := report.Phase(a, n.name())
	if number == "" {
		return title
	}
	return number + ": " + title
}

func (n *Node) label() string {
	program := path.Base(n.File.Path)
	if n.ours() {
		program = "stage0 tool " + n.Program
	}
	return fmt.Sprintf("%s\n%s\n%s", visible(path.Base(n.name())), visible(program), place(n.At))
}

// fewLines returns a list with a line for each entry, and for the rest one in all.
func fewLines(list []string) string {
	if rest := len(list) - maxNotes; rest > 1 {
		list = append(slices.Clone(list[:maxNotes]), fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(list, "\n")
}

// visible returns a name with escapes for what is not shown, so that no two names
// become one.
func visible(name string) string {
	if clean.String(name) == name && !strings.ContainsAny(name, "\t\\") {
		return name
	}
	quoted := strconv.QuoteToGraphic(name)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

// quote quotes a string as Graphviz reads it.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
