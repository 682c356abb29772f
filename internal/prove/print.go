package prove

import (
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// Print writes the proof of the program in the file called name as text for people.
func (p *Proof) Print(out io.Writer, name string) error {
	w := clean.Writer{W: out}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d bytes, sha256 %s\n", name, p.Arch, p.Size, p.SHA256)
	switch {
	case p.Proved:
		fmt.Fprintf(&b, "  proved: for every input, of any length, it makes the system calls of hex0 and no others.\n")
		if len(p.Variant) > 0 {
			fmt.Fprintf(&b, "  It is the hex0 in which %s.\n", strings.Join(p.Variant, ", and "))
		}
		fmt.Fprintf(&b, "  It has %d states in which it reads a byte, and each of %d ways on from them is as specified.\n", p.States, p.Transitions)
		if p.Arch != knightNative {
			fmt.Fprintf(&b, "  The stack was at two addresses, which differ in each bit that Linux chooses at random, but for those in a page.\n")
		}
		fmt.Fprintf(&b, "  It executes %d of its bytes, which are these instructions: %s.\n", p.Executed, strings.Join(p.Instructions, " "))
		if len(p.Facts) > 0 {
			fmt.Fprintf(&b, "  When something fails:\n")
		}
		for _, f := range p.Facts {
			fmt.Fprintf(&b, "    %-38s  %s\n", f.World, strings.Join(f.Ends, "; or "))
		}
	case p.Difference != nil:
		d := p.Difference
		fmt.Fprintf(&b, "  refuted %s\n", d)
		fmt.Fprintf(&b, "  Expected: %s\n", d.Expected)
		fmt.Fprintf(&b, "  Got:      %s\n", d.Call)
		if p.Arch == knightNative {
			break // there is no such machine to try it on
		}
		command := name
		if !strings.Contains(name, "/") {
			command = "./" + name // which a shell does not look for in PATH
		}
		fmt.Fprintf(&b, "  Try: printf '%s' >in; %s in out\n", octal(d.Input), command)
	default:
		fmt.Fprintf(&b, "  not proved: %s\n", p.Reason)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String says where the difference is.
func (d *Difference) String() string {
	where := fmt.Sprintf("after the input %q", d.Input)
	switch {
	case d.AtEnd:
		where = fmt.Sprintf("at the end of the input %q", d.Input)
	case len(d.Input) == 0:
		where = "before it reads anything"
	}
	if d.Stack != 0 {
		where += fmt.Sprintf(", if the stack ends at %#x", d.Stack)
	}
	return where
}

// octal returns a text as printf of a POSIX shell takes it.
func octal(text []byte) string {
	var b strings.Builder
	for _, c := range text {
		fmt.Fprintf(&b, "\\%03o", c)
	}
	return b.String()
}

// Print writes the table as text for people.
func (m *Mutants) Print(out io.Writer) error {
	w := clean.Writer{W: out}
	free := 0
	for _, f := range m.Free {
		free += len(f.Values)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  Of %d programs that differ from it in one byte, %d are refuted, %d cannot be executed, %d are proved to do the same, and %d are undecided.\n",
		m.Refuted+m.Rejected+free+len(m.Undecided), m.Refuted, m.Rejected, free, len(m.Undecided))
	for _, f := range m.Free {
		fmt.Fprintf(&b, "  byte %3d: %3d other values do the same\n", f.Offset, len(f.Values))
	}
	for _, u := range m.Undecided {
		fmt.Fprintf(&b, "  byte %3d: %#02x is undecided\n", u.Offset, u.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
