// Package hex2 assembles hex digits with labels, and links several texts of
// them. It is mescc-tools' hex2, and the two assemblers of the ladders that lead
// to it, hex1 and hex2-0.
//
// # The format
//
// As in hex0, two hex digits make a byte, whatever stands between them is
// skipped, and '#' or ';' starts a comment that runs to the end of the line. The
// digits can be octal, three a byte, or binary, eight a byte, instead.
//
//	:name      a label: name is the address of the byte that comes next
//	!name      1 byte: the distance to name
//	@name      2 bytes: the distance
//	~name      3 bytes: the distance
//	%name      4 bytes: the distance
//	$name      2 bytes: the address
//	&name      4 bytes: the address
//	%name>base the distance from base to name; also with ! @ and ~
//	^          changes how the next distance is counted
//	<          NULs up to the next multiple of 4
//
// A name ends at a space, a tab, a line end or '>'. Distances count from the end
// of the pointer; the architectures differ in the details, which is what
// '^' is about: see relation.
//
// On RISC-V there are no ! @ ~ $ of these sizes. They and '.' set bits of the
// instruction that follows, which is then xored with them:
//
//	!name      the I field: the low 12 bits of the distance from 4 bytes earlier
//	@name      the B field: a branch
//	$name      the J field: a jump
//	~name      the U field: the high 20 bits of the distance, rounded
//	.93000000  the bits of 4 bytes
//
// # Modes
//
// Mode Hex2 is hex2 of mescc-tools 1.7.0. Modes SeedHex1 and SeedHex2 are hex1
// and hex2-0 of stage0-posix 1.9.1, one an architecture, written in hex0 and
// hex1. Their names are one character and have less than all of the above;
// what each does is a row of the table dialects.
package hex2

import (
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// A Mode is one of the programs that assemble hex with labels.
type Mode int

const (
	Hex2     Mode = iota // mescc-tools' hex2
	SeedHex1             // hex1 of the architecture's ladder
	SeedHex2             // its hex2-0
)

// String returns the program's name.
func (m Mode) String() string { return [...]string{"hex2", "hex1", "hex2-0"}[m] }

// Options is what the output depends on besides the texts. The zero value lacks
// the architecture.
type Options struct {
	Mode Mode
	Arch string // as package arch names it; the seeds are there for those with a ladder

	// For mescc-tools' hex2 only; what the seeds do is fixed.
	BigEndian bool   // byte order of the pointers, not of bytes
	Base      uint32 // address of the first byte
	Radix     int    // of the bytes: 16, 8 or 2; 0 stands for 16

	source.Diagnostics
}

// maxName is the longest name of a label, in bytes (upstream: max_string).
const maxName = 4095

// Link writes what srcs, one after the other, stand for to w. Its errors are
// w's, those of reading srcs, and, if a text is wrong, a *source.Error.
func Link(w io.Writer, srcs []source.Source, opt Options) error {
	l, err := newLinker(srcs, opt)
	if err != nil {
		return err
	}
	return l.link(w, 32<<10)
}

// Locate returns the place in srcs from which the byte at offset of the output
// comes: its first digit, or the pointer or '<' that it is a part of. It makes
// the output again up to there.
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

// untilOffset is a writer that fails with errReached once it has taken as
// many bytes as it says, and is given the next.
type untilOffset int64

var errReached = errors.New("reached")

func (u *untilOffset) Write(p []byte) (int, error) {
	if *u -= untilOffset(len(p)); *u < 0 {
		return 0, errReached
	}
	return len(p), nil
}
