// Package audit lists a hand-written file of a ladder, in hex0, hex1, hex2 or
// M1, or an ELF program: addresses, bytes, the instructions they encode,
// labels, and the author's own comments. It also checks these against each
// other.
//
// # What is checked
//
// Each finding has the name of its check:
//
//	hidden       a control character, or one that has no width or orders text
//	text         what the assembler skips or drops
//	instruction  a comment that is an instruction, or an M1 line: the bytes are that instruction
//	size         a number with a sigil that ends an instruction: it has that many bytes (x86)
//	address      a comment that states an address, or the distance to a target (+12B): it is right
//	bytes        a comment that states bytes, a string or a word: the bytes are those
//	field        a comment that names a field of the ELF header: it is there, and has the stated value
//	define       a DEFINE: the digits are the instruction, register or number that its name states,
//	             as many come after it as the name states, and memory has the stated size (x86);
//	             two of the same name have the same bytes
//	unknown      an M1 word that nothing DEFINEs
//	elf          the ELF header: it agrees with the file, the architecture and the labels
//	code         bytes that the processor reaches: they are instructions
//	unreached    an instruction that nothing leads to
//	label        a label that nothing refers to
//	undefined    a pointer to a label that no text has
//
// A comment counts as an instruction if its first word is a mnemonic of the
// architecture, or a name that authors use for one, and the rest is operands;
// the tables in *_spelling.go have the spellings. They also have words that are
// made of parts: a DEFINE of less than an instruction (armv7l) is compared by the
// instruction that it is part of. A DEFINE whose name is in no table is not
// checked, and is counted in Listing.Unchecked, like a line with code whose
// comment is not understood.
//
// Compilers compares tables of definitions with all that the compilers can write.
//
// # What is not checked
//
// Whether a program does what its author wants; whether prose about it is true;
// whether a number is the right system call; which of several encodings of an
// instruction the bytes are. A comment that is wrong in the same way as the
// bytes counts as right. For an architecture without a disassembler (knight,
// ppc64le), code is not checked, but Knight's DEFINEs are. Bits that an
// armv7l instruction ignores are not compared. A DEFINE applies to a whole text
// and to those it is used with, as in M1; that M0 applies it only to later tokens
// is ignored.
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
	Note    Severity = iota // for information
	Warning                 // may be wrong
	Error                   // two statements contradict each other
)

var severities = []string{"note", "warning", "error"}

func (s Severity) String() string { return severities[s] }

// ParseSeverity returns the severity called name.
func ParseSeverity(name string) (Severity, error) {
	if i := slices.Index(severities, name); i >= 0 {
		return Severity(i), nil
	}
	return 0, fmt.Errorf("severity %q is none of note, warning, error", name)
}

// A Finding is something for an auditor to look at.
type Finding struct {
	source.Position        // Line is 0 in a binary
	address         uint64 // of the bytes in question
	Severity        Severity
	Check           string // as in the package comment
	Message         string // lower case, one line
}

func (f Finding) String() string {
	where := f.Position.String()
	if f.Line == 0 {
		where = fmt.Sprintf("%s:%#x", f.Name, f.address)
	}
	return fmt.Sprintf("%s: %v: %s [%s]", where, f.Severity, f.Message, f.Check)
}

// A Format is the kind of file that is listed.
type Format string

// The formats.
const (
	Hex0   Format = "hex0"
	Hex1   Format = "hex1"
	Hex2   Format = "hex2"
	M1     Format = "M1"
	Binary Format = "ELF"
)

// A Listing is the listing of a file.
type Listing struct {
	name   string
	Format Format
	Arch   string // as in package arch
	Base   uint64 // address of the first byte
	Size   int    // in bytes
	Lines  []Line

	// Unchecked counts the lines with code whose comment is missing or not
	// understood, and the DEFINEs whose name is not understood.
	Unchecked int
}

// A Line is a line of the source, or a row of a binary.
type Line struct {
	Number  int      // from 1; 0 in a binary
	Text    string   // without its line end; empty in a binary
	Code    string   // the part that is not comment, trimmed
	Comment string   // without the signs that start it
	Labels  []string // defined here; if the format has no labels, also in a comment

	Address    uint64 // of the first byte; if there is none, of the next one
	Bytes      []byte
	Unresolved []bool // for each of Bytes: part of a pointer to an undefined label, shown as 0; nil if none is

	Insts    []Inst // those that start in Bytes, in order
	Checked  bool   // what the author says about the bytes has been understood and compared
	Findings []Finding
}

// An Inst is an instruction of a listing.
type Inst struct {
	Address uint64
	Len     int // in bytes; may extend into the following lines
	Text    string
	Target  string // label of its target, if any
	reached bool   // something leads to it
}

// Findings returns the findings of at least severity least, in line order.
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

// Options has what a file does not say itself.
type Options struct {
	Arch string // as in package arch; empty means as in the ELF header
	Base uint64 // address of the first byte; an ELF header in the file takes precedence

	// With has texts that are used with the file: their DEFINEs apply, their
	// labels are defined, and they may refer to labels of the file.
	With []source.Source
}
