// Package hex2 assembles hex digits with labels, and links several such texts.
// It implements hex2 of mescc-tools, and hex1 and hex2-0, the assemblers below
// it on the ladders.
//
// # The format
//
// As in hex0, two hex digits make a byte, with any white space between them,
// and '#' or ';' starts a comment, which here ends at LF or CR. Bytes can also
// be octal, three digits each, or binary, eight. In addition:
//
//	:name       a label: name is the address of the next byte
//	!name       1 byte, the distance to the label
//	@name       2 bytes, the distance
//	~name       3 bytes, the distance
//	%name       4 bytes, the distance
//	$name       2 bytes, the address of the label
//	&name       4 bytes, the address
//	%name>base  the distance from base to name; so for ! @ ~
//	^           changes how the following distance is counted
//	<           NULs up to the next multiple of 4; nothing on some architectures
//
// A name ends at a space, a tab, LF or '>', and has at most 4095 bytes. Only
// pointers, which start with one of the sigils ! @ ~ % $ &, depend on the byte
// order. A distance counts from the end of the pointer, unless the architecture
// defines it otherwise (see relation), and must fit.
//
// On RISC-V the sigils ! @ $ ~ stand for parts of an instruction. They produce
// no output, but set bits that are XORed into the 4 bytes that follow. A word
// does the same:
//
//	!name      the I format: the low 12 bits of the distance, plus 4
//	@name      the B format: the distance of a branch
//	$name      the J format: the distance of a jump
//	~name      the U format: the high 20 bits of the distance, rounded
//	.93000000  these 4 bytes
//
// # Modes
//
// Mode Hex2 is hex2 of mescc-tools 1.7.0. Modes SeedHex1 and SeedHex2 are hex1
// and hex2-0 of stage0-posix 1.9.1, written in hex0 and hex1; each ladder has
// its own. They support less of the format, and names in hex1 are one
// character. The table dialects has a row for each.
//
// # Upstream
//
// The output is identical to upstream's. Input that upstream accepts silently
// is reported to Options.Diagnostics:
//
//   - a character with no meaning; skipped
//   - an incomplete last byte of a text; dropped
//   - an octal number above 377; its high bit is dropped
//   - a label defined twice; the last one counts
//   - anything else inside a byte; a pointer there is output before that byte
//   - '>' after a name in a label's definition or in a RISC-V format; skipped,
//     so digits in the name of the base are taken for bytes
//   - a base for $ or &; ignored, though it must be defined
//   - a distance that '^' divides by 4 but that is not a multiple of 4; rounded
//     down
//   - a RISC-V format or word with no instruction after it; dropped
//
// and for the seeds:
//
//   - a distance that does not fit; its high bits are dropped
//   - in hex1, an undefined label; its address is 0
//   - byte 0xFC, which some seeds take for the end of the text
//   - in riscv64's hex1, a U format that also inverts the 4 bytes after the
//     instruction, because rounding makes it a negative 64-bit number
//   - in riscv's hex2-0, a word cut off by the end of the text; dropped
//
// Where upstream does worse, there is an error with a position:
//
//   - NUL in a name (hex2 corrupts the next name; the seeds end this one)
//   - a text that ends in a word (hex2 reads on forever)
//   - for the seeds, a text that ends in a comment or a name, except in a name
//     for aarch64's hex2-0 (they read on forever, or crash)
//   - a name that overflows the buffer of hex2-0 (see dialect.maxName)
//   - NUL as a name in hex1 of x86, amd64 and aarch64 (its address slot would
//     be in the seed's buffer), and names from 0x80 on in hex1 of riscv (their
//     slots would be in the seed's code)
//
// The seeds' memory for labels, 1 to 12 MiB, is not a limit here. A ':' at the
// very end of a text defines the empty name, not the name that is byte 0xFF.
package hex2

import (
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// A Mode is one of upstream's programs.
type Mode int

// The modes.
const (
	Hex2     Mode = iota // hex2 of mescc-tools
	SeedHex1             // hex1 of an architecture's ladder
	SeedHex2             // hex2-0 of an architecture's ladder
)

// String returns the program's name.
func (m Mode) String() string {
	switch m {
	case Hex2:
		return "hex2"
	case SeedHex1:
		return "hex1"
	case SeedHex2:
		return "hex2-0"
	}
	return fmt.Sprintf("Mode(%d)", int(m))
}

// Options is everything besides the texts that the output depends on.
type Options struct {
	Mode Mode
	Arch string // as in package arch; the seeds need one that has a ladder

	// The rest is for Hex2; the seeds have fixed values.
	BigEndian bool   // byte order of pointers
	Base      uint32 // address of the first byte; addresses are modulo 1<<32
	Radix     int    // of the digits: 16, 8 or 2; 0 means 16

	source.Diagnostics
}

// Link writes the bytes that srcs encode, one text after the other, to w. Its
// errors are those of w, of reading srcs, and *source.Error if a text is wrong.
// The output is at most twice as long as the texts. On an error, part of the
// output may have been written.
func Link(w io.Writer, srcs []source.Source, opt Options) error {
	l, err := newLinker(srcs, opt)
	if err != nil {
		return err
	}
	return l.link(w, 32<<10)
}

// Locate returns the position in srcs that the byte at offset of the output
// comes from: its first digit, or the pointer or '<' that it belongs to. It
// assembles the output again up to that byte.
func Locate(srcs []source.Source, opt Options, offset int64) (source.Position, error) {
	opt.Diagnostics = source.Diagnostics{}
	l, err := newLinker(srcs, opt)
	if err != nil {
		return source.Position{}, err
	}
	left := untilOffset(offset)
	err = l.link(&left, 1)
	if err == nil {
		return source.Position{}, fmt.Errorf("offset %d is past the end of the output", offset)
	}
	if err != errReached {
		return source.Position{}, err
	}
	return l.src.Position(l.at), nil
}

// untilOffset is a writer that accepts that many bytes and fails with
// errReached at the next.
type untilOffset int64

var errReached = errors.New("reached")

func (u *untilOffset) Write(p []byte) (int, error) {
	if *u -= untilOffset(len(p)); *u < 0 {
		return 0, errReached
	}
	return len(p), nil
}
