package graph

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Ninja writes the graphs as a build.ninja, to be run in the tree. Beside Ninja
// it needs sh, env, printf, mv and sha256sum of the machine.
//
// Names and arguments with line feeds are errors, since Ninja cannot express them, and
// so is a program's name with =, which env would take for a variable.
//
// Each ladder has a target with the name of its architecture. At the end, all
// digests are checked: ARCH.sha256 is written only if they are right.
func Ninja(w io.Writer, graphs []*Graph) error {
	out := &ninja{Writer: bufio.NewWriter(w), vars: map[string]string{}}
	out.printf("%s", ninjaHead)
	var targets []string
	for _, g := range graphs {
		if err := out.ladder(g); err != nil {
			return err
		}
		targets = append(targets, g.arch.Name)
	}
	out.printf("\ndefault %s\n", strings.Join(targets, " "))
	return out.Flush()
}

const ninjaHead = `# A ladder of stage0-posix, for Ninja. Run it in the tree: ninja -f FILE ARCH
# Made by: stage0 graph --format ninja

ninja_required_version = 1.5

rule run
  command = $cd env -i $vars $argv
  description = $at $out

# The program is not in the tree: that of stage0, which is looked for in PATH.
rule tool
  command = stage0=$$(command -v stage0) && $cd env -i $vars "$$stage0" $argv
  description = $at $out

rule check
  command = printf '%s\n' $digests >$out.part && sha256sum --quiet -c $out.part && mv $out.part $out
  description = compare the digests of $arch

# Ninja has no escape for it in paths.
bar = |

# One at a time: those that use the same temporary files.
pool temporary
  depth = 1
`

// ninja writes a build.ninja.
type ninja struct {
	*bufio.Writer
	vars map[string]string // the names of those environments that have been given one
}

func (out *ninja) printf(format string, args ...any) { fmt.Fprintf(out.Writer, format, args...) }

func (out *ninja) ladder(g *Graph) error {
	nodes, err := g.Nodes()
	if err != nil {
		return err
	}
	out.printf("\n# %s\n", g.arch.Name)
	for _, step := range g.left {
		out.printf("# left out, writes nothing: %s\n", comment(step))
	}
	var made []string
	for _, c := range g.Commands {
		if err := checkNinja(c); err != nil {
			return err
		}
	}
	for _, n := range nodes {
		if len(n.Writes) > 0 { // else nobody reads what it writes
			if err := out.node(n); err != nil {
				return err
			}
			made = append(made, n.Writes...)
		}
	}
	var digests []string
	for _, d := range g.Digests {
		digests = append(digests, shell(d.Digest.String()+"  "+d.Path))
	}
	out.printf("\nbuild %s.sha256: check %s\n", g.arch.Name, paths(made))
	out.printf("  arch = %s\n", g.arch.Name)
	out.printf("  digests = %s\n", value(strings.Join(digests, " ")))
	out.printf("build %s: phony %[1]s.sha256\n", g.arch.Name)
	return nil
}

func (out *ninja) node(n *Node) error {
	rule, argv := "run", append([]string{n.program()}, n.Args[1:]...)
	if n.ours() {
		rule, argv = "tool", n.tool()
	}
	vars := out.environment(n)
	out.printf("\nbuild %s: %s", paths(n.Writes), rule)
	if len(n.Reads) > 0 {
		out.printf(" | %s", paths(n.Reads))
	}
	out.printf("\n")
	out.printf("  at = %s\n", value(place(n.At)))
	if n.Dir != "." {
		out.printf("  cd = %s\n", value("cd "+shell("./"+n.Dir)+" &&")) // it may start with a dash
	}
	if vars != "" {
		out.printf("  vars = $%s\n", vars)
	}
	if len(n.Temporary) > 0 {
		out.printf("  pool = temporary\n")
	}
	out.printf("  argv = %s\n", value(words(argv)))
	return nil
}

// checkNinja returns an error for a command that Ninja or env would misread.
func checkNinja(c *Command) error {
	if err := c.check("Ninja", "\t"); err != nil {
		return err
	}
	if program := c.program(); !c.ours() && strings.Contains(program, "=") {
		return refuse(c.Step, fmt.Sprintf("%s has = in its name, which env takes for a variable", program))
	}
	for _, v := range c.Vars {
		if strings.HasPrefix(v, "-") || !strings.Contains(v, "=") {
			return refuse(c.Step, fmt.Sprintf("%q is not a variable that env can set", v))
		}
	}
	return nil
}

// environment returns the name of the variable that has the node's
// environment, which is written if need be, or "" for an empty one.
func (out *ninja) environment(n *Node) string {
	if len(n.Vars) == 0 {
		return ""
	}
	text := words(n.Vars)
	name, ok := out.vars[text]
	if !ok {
		name = fmt.Sprintf("environment%d", len(out.vars)+1)
		out.vars[text] = name
		out.printf("\n%s = %s\n", name, value(text))
	}
	return name
}

// value quotes a value as Ninja reads it.
func value(s string) string {
	return strings.ReplaceAll(s, "$", "$$")
}

// paths quotes paths as Ninja reads them in a build line.
func paths(list []string) string {
	quote := strings.NewReplacer("$", "$$", " ", "$ ", ":", "$:", "|", "${bar}")
	quoted := make([]string, len(list))
	for i, p := range list {
		quoted[i] = quote.Replace(p)
	}
	return strings.Join(quoted, " ")
}

// words quotes words as a shell reads them.
func words(list []string) string {
	quoted := make([]string, len(list))
	for i, word := range list {
		quoted[i] = shell(word)
	}
	return strings.Join(quoted, " ")
}

// shell quotes a word as a shell reads it.
func shell(word string) string {
	plain := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./=:,+@%", r))
	}
	if word != "" && strings.IndexFunc(word, plain) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
