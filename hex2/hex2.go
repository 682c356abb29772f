// Package hex2 assembles hex digits with labels, and links several texts of
// them. It is hex2 of mescc-tools, and the two assemblers of the ladders that
// lead there, hex1 and hex2-0.
//
// # The format
//
// As in hex0, two hex digits make a byte, whatever white space is between them,
// and '#' or ';' starts a comment that ends at LF or CR. Instead of hex, the
// bytes can be in octal, three digits each, or binary, eight. Further:
//
//	:name       a label: name is the address of the byte that comes next
//	!name       1 byte, the distance to the label
//	@name       2 bytes, the distance
//	~name       3 bytes, the distance
//	%name       4 bytes, the distance
//	$name       2 bytes, the address of the label
//	&name       4 bytes, the address
//	%name>base  the distance from base to name; so for ! @ ~
//	^           changes how the distance that follows is counted
//	<           NULs up to the next multiple of 4; nothing on some architectures
//
// A name ends at a space, a tab, LF or '>', and has at most 4095 bytes. Only
// pointers, which is what starts with one of the sigils ! @ ~ % $ &, are in the
// byte order that is asked for. A distance counts from the end of the pointer,
// unless the architecture has it otherwise (see relation), and has to fit.
//
// On RISC-V the sigils ! @ $ ~ are for the parts of an instruction. They put out
// nothing, but set bits, with which the 4 bytes that follow are xored. So does
// a word:
//
//	!name      the I format: the low 12 bits of the distance, plus 4
//	@name      the B format: the distance of a branch
//	$name      the J format: the distance of a jump
//	~name      the U format: the high 20 bits of the distance, rounded
//	.93000000  these 4 bytes
//
// # Modes
//
// Mode Hex2 is hex2 of mescc-tools 1.7.0. Modes SeedHex1 and SeedHex2 are
// hex1 and hex2-0 of stage0-posix 1.9.1, of which each ladder has its own, in
// hex0 and hex1. They have less of the format, and names in hex1 are one
// character. What each has is a row of the table dialects.
//
// # Upstream
//
// The bytes are upstream's. Input that upstream takes in silence is reported to
// Options.Diagnostics:
//
//   - a character that means nothing; skipped
//   - digits that the last byte of a text lacks; what there is of it is dropped
//   - an octal number above 377; its high bit is dropped
//   - a label defined twice; the last one counts
//   - anything else inside a byte; a pointer then comes before that byte
//   - '>' after the name of a label, and after that in a RISC-V format; skipped,
//     so that digits in the name of the base are taken for bytes
//   - a base for $ or &; ignored, though it has to be defined
//   - a distance that '^' divides by 4 and is no multiple of 4; rounded down
//   - a RISC-V format or word with no instruction after it; dropped
//
// and from the seeds:
//
//   - a distance that does not fit; its high bits are dropped
//   - in hex1, a label that is not defined; its address is 0
//   - byte 0xFC, which some take for the end of the text
//   - in riscv64's hex1, a U format that also inverts the 4 bytes after the
//     instruction, because it is rounded up to a negative number of 64 bits
//   - in riscv's hex2-0, a word that the end of the text cuts off; dropped
//
// It is an error, with its position, where upstream does worse:
//
//   - NUL in a name (hex2 spoils the next name; the seeds end this one)
//   - a text that ends in a word (hex2 reads on for ever)
//   - for the seeds, a text that ends in a comment or in a name, if not
//     in a name for aarch64's hex2-0 (they read on for ever, or crash)
//   - a name that overflows the buffer of a hex2-0 (see dialect.maxName)
//   - NUL as a name in hex1 of x86, amd64 and aarch64 (its address would be
//     the seed's buffer), and names from 0x80 on in those of riscv (addresses
//     in the seed's code)
//
// What seeds have in memory for labels, 1 to 12 MiB, is no limit here. And ':' at
// the very end of a text is the label of the empty name, not of that of byte 0xFF.
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

// Options is what the output depends on besides the texts.
type Options struct {
	Mode Mode
	Arch string // as in package arch; for the seeds, one that has a ladder

	// The rest is for Hex2; the seeds have their own.
	BigEndian bool   // byte order of pointers
	Base      uint32 // address of the first byte; addresses are modulo 1<<32
	Radix     int    // of the digits: 16, 8 or 2; 0 stands for 16

	source.Diagnostics
}

// Link writes the bytes that srcs stand for, one text after the other, to w. Its
// errors are w's, those of reading srcs, and a *source.Error if a text is wrong.
// The output is at most twice as long as the texts; what of it comes before an
// error may have been written.
func Link(w io.Writer, srcs []source.Source, opt Options) error {
	l, err := newLinker(srcs, opt)
	if err != nil {
		return err
	}
	return l.link(w, 32<<10)
}

// Locate returns where in srcs the byte at offset of the output comes from: its
// first digit, or the pointer or '<' that it is a part of. It makes the output
// again, up to there.
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

// untilOffset is a writer that takes so many bytes and fails with errReached
// at the next.
type untilOffset int64

var errReached = errors.New("reached")

func (u *untilOffset) Write(p []byte) (int, error) {
	if *u -= untilOffset(len(p)); *u < 0 {
		return 0, errReached
	}
	return len(p), nil
}
