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
	same := 0
	for _, f := range m.Free {
		same += len(f.Values)
	}
	var b strings.Builder
	r := m.Refuted
	fmt.Fprintf(&b, "  Of %d programs that differ from it in one byte,\n", m.Programs)
	for _, row := range []struct {
		n    int
		what string
	}{
		{m.Rejected, "cannot be loaded"},
		{r.Calls, "are refuted: they make another system call"},
		{r.Faults, "are refuted: they execute an instruction that fails"},
		{r.Loops, "are refuted: they loop for ever without a system call"},
		{r.Slow, fmt.Sprintf("are refuted if a program must make a system call within %d instructions", longest)},
		{same, "are proved to do the same"},
		{len(m.Named), "are proved to do the same for files called in and out, whose names they load"},
		{len(m.Undecided), "are undecided"},
	} {
		fmt.Fprintf(&b, "    %6d %s\n", row.n, row.what)
	}
	fmt.Fprintf(&b, "  Bytes with other values that do the same, and how many:\n")
	for _, f := range m.Free {
		why := ""
		if f.Unused == len(f.Values) {
			why = ", unused"
		}
		fmt.Fprintf(&b, "    byte %3d, in %s: %d%s\n", f.Offset, f.Place, len(f.Values), why)
	}
	for _, u := range m.Named {
		fmt.Fprintf(&b, "    byte %3d: %#02x loads the names\n", u.Offset, u.Value)
	}
	for _, u := range m.Undecided {
		fmt.Fprintf(&b, "    byte %3d: %#02x is undecided\n", u.Offset, u.Value)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
