package mesoplanet

import (
	"bytes"
	"strings"

	"stage0/source"
)

// A Command is a program to be run.
type Command struct {
	Note    string   // printed on standard output before
	Message string   // printed on standard error before
	Args    []string // Args[0] is the program's name
}

// A Link says what is to be made of a preprocessed program.
type Link struct {
	Target
	Program     string   // file that holds it; empty if there are only object files
	Stdio       bool     // it includes stdio.h
	Objects     []Object // to link it with, in the order of the command line
	Output      string   // file to write
	CompileOnly bool     // an object file, not a program
	Debug       bool     // with a blood-elf footer, except for UEFI
}

// An Object is an object file: the M1 text of a part of a program.
type Object struct {
	Name  string
	Stdio int // how often upstream finds that it needs stdio
}

// objectChunk is how much of an object file upstream looks at, at a time.
const objectChunk = 65536

// NewObject looks at the text of an object file.
// upstream: spawn_catm
func NewObject(src source.Source) Object {
	object := Object{Name: src.Name}
	buf := make([]byte, objectChunk) // what a shorter piece leaves of a longer one stays
	for rest := src.Text; ; {
		n := copy(buf, rest)
		rest = rest[n:]
		text, _, _ := bytes.Cut(buf, []byte{0})
		if bytes.Contains(text, []byte("__init_malloc")) {
			object.Stdio++
		}
		if n < objectChunk {
			return object
		}
	}
}

// The temporary files of a Link, which upstream names after the programs. What
// M2-Planet writes is to be empty if there is no Program.
const (
	Compiled  = "M2-Planet"
	merged    = "catm"
	footer    = "blood-elf"
	assembled = "M1-macro"
)

// Temporaries returns what the names of the temporary files start with that
// Commands needs, in the order in which upstream makes them.
func (l Link) Temporaries() []string {
	names := []string{Compiled}
	if l.CompileOnly {
		return names // and does not use it
	}
	if len(l.Objects) > 0 {
		names = append(names, merged)
	}
	if l.debug() {
		names = append(names, footer)
	}
	return append(names, assembled)
}

// debug reports whether the program gets a footer.
func (l Link) debug() bool { return l.Debug && l.System != uefi }

// Commands returns the commands that do it, in order. temp has the names of
// the files that Temporaries asks for.
// upstream: spawn_processes
func (l Link) Commands(temp map[string]string) []Command {
	text := temp[Compiled]
	if l.CompileOnly {
		text = l.Output
	}
	var commands []Command
	if l.Program != "" {
		commands = append(commands, l.compile(text))
	}
	if l.CompileOnly {
		return commands
	}
	if len(l.Objects) > 0 {
		commands = append(commands, l.merge(temp[merged], text))
		text = temp[merged]
	}
	if l.debug() {
		commands = append(commands, l.footer(text, temp[footer]))
	}
	return append(commands, l.assemble(text, temp[footer], temp[assembled]), l.link(temp[assembled]))
}

// upstream: spawn_M2
func (l Link) compile(output string) Command {
	args := []string{"M2-Planet", "--file", l.Program, "--output", output, "--architecture", l.Arch}
	if l.debug() {
		args = append(args, "--debug")
	}
	return Command{Note: "# starting M2-Planet build\n", Args: args}
}

// merge has the object files follow the program, the last one first.
// upstream: spawn_catm
func (l Link) merge(output, program string) Command {
	args := []string{"catm", output, program}
	found := 0
	for i := len(l.Objects) - 1; i >= 0; i-- {
		args = append(args, l.Objects[i].Name)
		found += l.Objects[i].Stdio
	}
	return Command{
		Note:    "# starting catm merging of object files\n",
		Message: strings.Repeat("STDIO_USED\n", found),
		Args:    args,
	}
}

// upstream: spawn_blood_elf
func (l Link) footer(input, output string) Command {
	args := []string{"blood-elf", "--file", input, l.byteOrder(), "--output", output}
	if l.word() > 4 {
		args = append(args, "--64")
	}
	return Command{Note: "# starting Blood-elf stub generation\n", Args: args}
}

// upstream: spawn_M1
func (l Link) assemble(input, symbols, output string) Command {
	stdio := l.Stdio
	for _, object := range l.Objects {
		stdio = stdio || object.Stdio > 0
	}
	args := []string{"M1", "--file", l.Definitions(), "--file", l.Start(stdio), "--file", input, l.byteOrder(), "--architecture", l.Arch}
	if l.debug() {
		args = append(args, "--file", symbols)
	}
	return Command{Note: "# starting M1 assembly\n", Args: append(args, "--output", output)}
}

// upstream: spawn_hex2
func (l Link) link(input string) Command {
	return Command{
		Note: "# starting hex2 linking\n",
		Args: []string{"hex2", "--file", l.Header(l.debug()), "--file", input, "--output", l.Output, "--architecture", l.Arch, "--base-address", l.base(), l.byteOrder()},
	}
}

// ObjectName returns the name of the object file that is made of a program if
// none is given; source is the name of its first file.
func ObjectName(source string) string {
	name := source[strings.LastIndexByte(source, '/')+1:]
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[:i]
	}
	return name + ".o"
}
