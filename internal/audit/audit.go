// Package audit takes a hand-written file of a ladder apart, in hex0, hex1,
// hex2 or M1, or a program in ELF, and lists it: addresses, bytes, the
// instructions that the bytes are, labels, and the author's own comments. And it
// checks what these say of each other.
//
// # What is checked
//
// Each finding has the name of its check:
//
//	hidden       a control character, or one that has no width or orders text
//	text         what the assembler skips or drops
//	instruction  a comment that is an instruction, or an M1 line: it is the one that the bytes are
//	size         a number with a sigil at the end of that: it has as many bytes (x86)
//	address      a comment that states an address, or the distance to a target (+12B): it is that
//	bytes        a comment that states bytes, a string or a word: these are the bytes
//	field        a comment that names a field of the ELF header: it is there, and has the value stated
//	define       a DEFINE: its name says which instruction, register or number it is, and the bytes are that;
//	             two of a name are the same
//	unknown      an M1 word that nothing DEFINEs
//	elf          the ELF header: against the file, the architecture and the labels
//	code         bytes that the processor gets to: they are instructions
//	unreached    an instruction that nothing leads to
//	label        a label that nothing refers to
//	undefined    a pointer to a label that no text has
//
// A comment is taken for an instruction if its first word is a mnemonic of the
// architecture, or a name such as authors give to one, and all that follows is
// operands; tables (*_spelling.go) have the spellings. A DEFINE whose
// name no table has is not checked, and counted in Listing.Unchecked; so is
// a line with code whose comment is not understood.
//
// # What is not
//
// Whether a program does what its author wants; what prose says of it; whether a
// number is the right system call; which of several encodings of an instruction the
// bytes are. A comment that is wrong in the same way as the bytes is taken for
// right. There is no check of what an architecture without disassembler (knight,
// ppc64le) executes. A DEFINE holds in all of a text and in those it is used with,
// as in M1; that in M0 it holds from there on is not looked at.
package audit

import (
	"fmt"
	"slices"

	"stage0/source"
)

// A Severity is how bad a finding is.
type Severity int

// The severities.
const (
	Note    Severity = iota // to be known
	Warning                 // may be wrong
	Error                   // two statements that contradict each other
)

var severities = []string{"note", "warning", "error"}

func (s Severity) String() string { return severities[s] }

// ParseSeverity returns the severity of that name.
func ParseSeverity(name string) (Severity, error) {
	if i := slices.Index(severities, name); i >= 0 {
		return Severity(i), nil
	}
	return 0, fmt.Errorf("severity %q is none of note, warning, error", name)
}

// A Finding is something that an auditor should look at.
type Finding struct {
	source.Position        // Line is 0 in a binary
	Address         uint64 // of the bytes in question
	Severity        Severity
	Check           string // its name, as in the package comment
	Message         string // lower case, one line
}

func (f Finding) String() string {
	where := f.Position.String()
	if f.Line == 0 {
		where = fmt.Sprintf("%s:%#x", f.Name, f.Address)
	}
	return fmt.Sprintf("%s: %v: %s [%s]", where, f.Severity, f.Message, f.Check)
}

// A Format is what kind of file a listing is of.
type Format string

// The formats.
const (
	Hex0   Format = "hex0"
	Hex1   Format = "hex1"
	Hex2   Format = "hex2"
	M1     Format = "M1"
	Binary Format = "ELF"
)

// A Listing is a file taken apart.
type Listing struct {
	Name   string
	Format Format
	Arch   string // as in package arch
	Base   uint64 // address of the first byte
	Size   int    // in bytes
	Lines  []Line

	// Unchecked counts the lines with code whose author's comment is not
	// understood, or missing, and the DEFINEs whose name is not understood.
	Unchecked int
}

// A Line is a line of the source, or so many bytes of a binary.
type Line struct {
	Number  int      // from 1; 0 in a binary
	Text    string   // the line as it stands, without its end; empty in a binary
	Code    string   // what of it is not comment, without white space around it
	Comment string   // what is, without the signs that start it
	Labels  []string // defined here, also in a comment where the format has no labels

	Address    uint64 // of the first byte, or of the next if there is none
	Bytes      []byte
	Unresolved []bool // for each of Bytes: it is a pointer to a label that no text has, and shown as 0; nil if none is

	Insts    []Inst // those that start in Bytes, in order
	Checked  bool   // what the author says of the bytes has been understood, and compared
	Findings []Finding
}

// An Inst is an instruction of a listing.
type Inst struct {
	Address uint64
	Len     int // in bytes; it can reach into the lines that follow
	Text    string
	Target  string // the label that it jumps to, if there is one
	Reached bool   // something leads to it
}

// Findings returns the findings of at least that severity, in the order of the
// lines.
func (l *Listing) Findings(least Severity) []Finding {
	var all []Finding
	for _, line := range l.Lines {
		for _, f := range line.Findings {
			if f.Severity >= least {
				all = append(all, f)
			}
		}
	}
	return all
}

// Options says what a file does not say itself.
type Options struct {
	Arch string // as in package arch; if empty, what the ELF header says
	Base uint64 // address of the first byte; an ELF header in the file has precedence

	// With is texts that the file is used with: their DEFINEs hold, and their
	// labels are defined, and may refer to those of the file.
	With []source.Source
}
