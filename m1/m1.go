// Package m1 is the macro assembler of the ladder, M1, and its ancestor M0. It
// turns macros, strings and numbers into hex2.
//
// # The format
//
// A text consists of tokens separated by white space: spaces, tabs and LFs. A
// '#' or ';' where a token could start begins a comment, which ends at a CR or
// LF. Several texts form one text, with a line end between them. A token is one
// of these:
//
//	DEFINE NAME VALUE   replaces NAME by VALUE everywhere, even earlier; the last DEFINE of a NAME counts
//	NAME                its value, which is not expanded again
//	'48C7C0'            the text between the quotes, unchanged
//	"text"              the bytes of the text and a NUL, in digits
//	!1 @1 $1 ~1 %1 &1   a number in 1, 2, 2, 3, 4 or 4 bytes
//	<8                  as many zero bytes; a lone < is left for hex2
//	:label              a label, copied for hex2
//	!label, &label>base one of !@$~%& before something that is not a number, copied for hex2
//	^                   copied for hex2, with whatever follows it
//
// Numbers are decimal, hex after 0x, octal after 0, or binary after 0b. A '-'
// comes right before the digits (0x-1), and underscores may stand anywhere
// among them. Numbers are written in either byte order.
//
// A quoted token ends at the next quote of its kind, on any line. There are no
// escapes. A quote, # or ; inside another token is part of it.
//
// The expansions of tokens are separated by spaces, or by a line end where the
// text has one or more line ends, or a definition. Blank lines disappear. Bytes
// are written as hex, octal or binary digits.
//
// RISC-V has other numbers: !1, @1 and ~1 are the immediates of the formats I,
// S and U, written as a word after a '.', which hex2 merges with the opcode; $1
// is two bytes, %1 four; &1 is not a number. On Knight a number without a sigil
// is a 16-bit immediate, and a string in hex is padded with more zeros.
//
// # Upstream
//
// This is M1 1.7.0 of mescc-tools: M1-macro.c and stringify.c there. Input that
// it accepts silently gives the same output here, and is reported to
// Options.Diagnostics:
//
//   - DEFINE at the end of a line: the next token is dropped. DEFINE NAME at
//     the end of a line: NAME stands for a line end. DEFINE of a string, which
//     has no effect.
//   - Two values for one NAME. A macro's name as a value: it is not expanded.
//   - %08 and the like, which are not numbers in the base that the 0 announces:
//     taken for 0.
//   - A number of more than 32 bits: its low 32 bits count; if those are 0, it
//     is a label.
//   - A number that upstream accepts although it does not fit in its bytes,
//     such as !256, which becomes 00.
//   - <0 and <word, which are copied.
//   - Octal output of a number of more than one byte: the octal digits of the
//     whole number, cut into threes.
//   - A CR in a token.
//
// What upstream rejects is an error here: a token that is none of the above, a
// number out of range (even in an unused value), <-1, a text without tokens,
// DEFINE at the end of the last text, a token or string of more than 4095 bytes
// (counting a string's opening quote), an unterminated string.
//
// Three things are errors here but not upstream: a NUL in a token, which cuts
// the token and leaves its rest to corrupt later ones; a byte from 0x80 in a
// string, whose first digit upstream reads from the memory before its digits;
// and a <N whose digits do not fit in 31 bits, where upstream overflows.
//
// Upstream's builds differ about numbers that do not fit in 32 bits. We do as
// GCC's and the ladders' for 32-bit processors do. Those for 64-bit processors
// wrap at 64 bits and then set bit 31 if any higher bit is set: %4294967297 is
// 01000080, not 01000000; %4294967296 is 00000080, not a label; and !4294967297
// is out of range, not 01.
//
// # M0
//
// Each ladder has its own M0, <ARCH>/M0_<ARCH>.hex2 of stage0-posix 1.9.1. It
// differs from M1:
//
//   - Each token's expansion is on a line of its own. Strings have no spaces
//     between their bytes. Numbers are written with the low byte first.
//   - A DEFINE applies only to the tokens after it. The value keeps its opening
//     quote.
//   - What follows the first character of a token, whatever that is, is a
//     number if it is decimal, with or without a '-', or if its own second
//     character is an x and upper-case hex follows (: to @ are the digits 3 to
//     9). If it starts with 0 but is not a number, it is 0. No number is out of
//     range: its low bits are used. It has 4 bytes after %, 2 after @, and 1
//     after anything else.
//   - On RISC-V, % ! @ ~ work as in M1, and anything else before a number is an
//     error.
//   - Any other token is copied.
//   - Comments end only at LF. A NUL ends an atom like white space, and
//     elsewhere begins a comment. Byte 0xFC where a token could start ends the
//     text.
//   - Tokens have at most 255 bytes; 511 on RISC-V, and for strings on aarch64.
//
// M0 reports: a number without a sigil (41 is 01), out of range, or in the
// wrong base; a token that means nothing to hex2 either; 0xFC; a NUL in a
// string, which ends the string; DEFINE of a string, or with a string or a
// macro's name as the value; a CR in a token.
//
// Where M0 crashes, hangs or corrupts its memory, there is an error: the end of
// the text in a comment, a token or a string; a longer token; DEFINE with fewer
// than two tokens after it, or as the last thing in a text; a text without
// tokens; on RISC-V a NUL in a string.
package m1

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"stage0/source"
	"stage0/strtoint"
)

// Options selects the target and the form of the output.
type Options struct {
	Arch      string // as in package arch
	BigEndian bool   // write numbers with the high byte first
	Radix     int    // of the digits: 16, 8 or 2; 0 means 16
	source.Diagnostics
}

// bufferSize is how many bytes of output are collected before a write.
const bufferSize = 64 << 10

// An assembler is the state of one run.
type assembler struct {
	*scanner
	*macros
	source.Diagnostics
	dialect      *dialect
	immediates   [256]*immediate // by sigil
	form         strtoint.Form
	littleEndian bool

	out    *bufio.Writer
	enough func() bool // asked after each token: ends the run with errEnough; may be nil
}

var errEnough = errors.New("enough output")

// Assemble writes the expansion of srcs, one after the other, to w. Its errors
// are those of w, and *source.Error if a text is wrong.
func Assemble(w io.Writer, srcs []source.Source, opt Options) error {
	a, err := newAssembler(w, srcs, opt)
	if err != nil {
		return err
	}
	return a.run()
}

// newAssembler returns an assembler of srcs that has collected their macros.
func newAssembler(w io.Writer, srcs []source.Source, opt Options) (*assembler, error) {
	a := &assembler{
		Diagnostics:  opt.Diagnostics,
		littleEndian: !opt.BigEndian,
		out:          bufio.NewWriterSize(w, bufferSize),
	}
	var known bool
	a.form, known = strtoint.FormOf(opt.Radix)
	for i := range dialects {
		if dialects[i].name == opt.Arch {
			a.dialect = &dialects[i]
		}
	}
	switch {
	case a.dialect == nil:
		return nil, fmt.Errorf("unknown architecture %q", opt.Arch)
	case !known:
		return nil, fmt.Errorf("unknown radix %d", opt.Radix)
	case len(srcs) == 0:
		return nil, errors.New("no input")
	}
	a.immediates = bySigil(a.dialect.immediates)
	var err error
	if a.macros, err = collect(srcs, opt.Diagnostics); err != nil {
		return nil, err
	}
	a.scanner = newScanner(srcs, opt.Diagnostics)
	return a, nil
}

// run writes the expression of every token. Between two tokens it writes a line
// end if the text has a line end or a definition there, and a space otherwise.
//
// upstream: print_hex
func (a *assembler) run() error {
	between := ""
	for a.next() {
		switch {
		case a.kind == newline:
			between = "\n"
		case a.isDefine():
			between = "\n"
			if d, ok := a.definition(); ok {
				if err := a.checkValue(d.value); err != nil {
					return err
				}
			}
		default:
			a.out.WriteString(between)
			between = " "
			if err := a.expression(); err != nil {
				return err
			}
			if a.enough != nil && a.enough() {
				return errEnough
			}
		}
	}
	switch {
	case a.err != nil:
		return a.err
	case between == "":
		return a.src.Errorf(len(a.src.Text), "found the end of the input, expected something to assemble")
	}
	a.out.WriteString(between)
	return a.out.Flush()
}
