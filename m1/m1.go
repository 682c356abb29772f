// Package m1 is the macro assembler of the ladder, M1, and its ancestor M0:
// macros, strings and numbers in, hex2 out.
//
// # The format
//
// A text is tokens with white space between them: spaces, tabs and LFs. A '#'
// or ';' where a token could start begins a comment, which ends at a CR or LF.
// Texts that are given together are one text, with a line end between them. A
// token is one of these:
//
//	DEFINE NAME VALUE   NAME stands for VALUE, everywhere, even before; of two DEFINEs the last counts
//	NAME                what it stands for; a value is not looked at again
//	'48C7C0'            what is between the quotes, as it is
//	"text"              the bytes of the text and a NUL, in digits
//	!1 @1 $1 ~1 %1 &1   a number in 1, 2, 2, 3, 4 or 4 bytes
//	<8                  as many zero bytes; < alone is for hex2
//	:label              for hex2, as it is: a label
//	!label, &label>base for hex2, as it is: one of !@$~%&, with what is no number
//	^                   for hex2, as it is, with whatever is after it
//
// Numbers are decimal, hex after 0x, octal after 0, binary after 0b. A '-'
// comes before the digits (0x-1), and underscores stand anywhere among them.
// They are written with the high byte first, or the low one.
//
// A quoted token ends at the next quote of its kind, on whatever line. There
// are no escapes. A quote, # or ; inside another token is a part of it.
//
// What the tokens stand for comes out with spaces between, and with a line end
// where the text has one or several, or a definition. Blank lines are gone.
// Bytes are hex, octal or binary digits.
//
// RISC-V has other numbers: !1, @1 and ~1 are the immediates of the formats I,
// S and U, written as a word after a '.', for hex2 to merge with the opcode;
// $1 is two bytes, %1 four; &1 is none. On Knight a number without a sigil is
// a 16-bit immediate, and in hex a string has further zeros after it.
//
// # Upstream
//
// This is M1 1.7.0 of mescc-tools: M1-macro.c and stringify.c there. What it
// takes in silence is taken here alike, and reported to Options.Diagnostics:
//
//   - DEFINE at the end of a line: what comes next is dropped. DEFINE NAME at
//     the end of a line: NAME stands for a line end. DEFINE of a string, which
//     has no effect.
//   - Two values for one NAME. A value that is a macro's name: it is not
//     replaced.
//   - %08 and the like, no number in the base that its 0 announces: 0.
//   - A number of more than 32 bits: its low 32 bits, or a label if these are 0.
//   - A number that upstream lets pass although its bytes cannot hold it, such
//     as !256, which is 00.
//   - <0 and <word, which are copied.
//   - A byte from 0x80 in a string. Its first digit is not a digit (hex: space,
//     e, x, i, s, t, LF, and from 0xF0 on the string ends there).
//   - Octal output of a number that is not one byte: the octal digits of the
//     whole number, cut in threes.
//   - A CR in a token.
//
// What it refuses is an error here: a token that is nothing of the above, a
// number out of range (even in a value that nobody uses), <-1, a text without
// tokens, DEFINE at the end of the last text, a token or string of more than
// 4095 bytes (a string with its opening quote), a string that does not end.
//
// These are errors here, and not upstream: a NUL in a token, which cuts the
// token and leaves its rest in the way of those after it; a <N whose digits do
// not fit in 31 bits, where upstream overflows.
//
// Upstream's builds differ about numbers that do not fit in 32 bits. We do as
// GCC's and the ladders' for 32-bit processors do. Those for 64-bit processors
// wrap at 64 bits and then set bit 31 if any higher bit is set: %4294967297 is
// 01000080, not 01000000; %4294967296 is 00000080, not a label; and !4294967297
// is out of range, not 01.
//
// # M0
//
// M0, of which each ladder has its own, is <ARCH>/M0_<ARCH>.hex2 of
// stage0-posix 1.9.1. It differs from M1 in this:
//
//   - What a token stands for has a line of its own. Strings have no spaces
//     between their bytes. Numbers are written with the low byte first.
//   - A DEFINE counts for the tokens after it only. The value keeps its opening
//     quote.
//   - What comes after the first character of a token, whatever that is, is a
//     number if it is decimal, maybe with a '-', or if its second character is
//     an x and upper-case hex follows (: to @ are the digits 3 to 9). A 0 that
//     does not say a number is 0. No number is out of range: its low bits count.
//     The number has 4 bytes after %, 2 after @, 1 after all else.
//   - On RISC-V it is % ! @ ~ as in M1, and after all else an error.
//   - Any other token is copied.
//   - Comments end at LF only. A NUL is white space after an atom, and else
//     begins a comment. Byte 0xFC where a token could start ends the text.
//   - Tokens have up to 255 bytes; 511 on RISC-V, and for strings on aarch64.
//
// Reported are: a number without a sigil (41 is 01), out of range, or in the
// wrong base; a token that is nothing for hex2 either; 0xFC; a NUL in a string,
// where the string ends; DEFINE of a string, a string or a macro's name as a
// value; a CR in a token.
//
// Errors are, where upstream crashes, hangs or corrupts its memory: the end of
// the text in a comment, a token or a string; a longer token; DEFINE with less
// than two tokens after it, or as the last thing in a text; a text without
// tokens; on RISC-V a NUL in a string.
package m1

import (
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// Options says for what to assemble, and how.
type Options struct {
	Architecture string // a name in package arch
	BigEndian    bool   // a number's high byte comes first
	Radix        int    // of the digits: 16, 8 or 2; 0 stands for 16
	source.Diagnostics
}

// flushSize is how much output is collected before it is written, in bytes.
const flushSize = 64 << 10

// An assembler is a run of Assemble.
type assembler struct {
	*scanner
	*macros
	source.Diagnostics
	dialect      *dialect
	immediates   [256]*immediate // by sigil
	form         form
	stringBytes  *[256]string // the bytes of strings, in that form
	littleEndian bool

	w   io.Writer
	out []byte
}

// Assemble writes to w what srcs, one after the other, stand for. Its errors
// are w's, those of reading srcs, and, for what is wrong in them, a
// *source.Error. It reads srcs up to three times, and holds no more of them
// than the macros.
func Assemble(w io.Writer, srcs []source.Source, opt Options) error {
	a := assembler{
		Diagnostics:  opt.Diagnostics,
		littleEndian: !opt.BigEndian,
		w:            w,
	}
	var known bool
	a.form, known = forms[opt.Radix]
	for i := range dialects {
		if dialects[i].name == opt.Architecture {
			a.dialect = &dialects[i]
		}
	}
	switch {
	case a.dialect == nil:
		return fmt.Errorf("unknown architecture %q", opt.Architecture)
	case !known:
		return fmt.Errorf("unknown radix %d", opt.Radix)
	case len(srcs) == 0:
		return errors.New("no input")
	}
	a.immediates = bySigil(a.dialect.immediates)
	a.stringBytes = a.form.stringBytes()
	var err error
	if a.macros, err = collect(srcs, opt.Diagnostics); err != nil {
		return err
	}
	a.scanner = newScanner(srcs, opt.Diagnostics)
	return a.run()
}

// run writes the expression of every token. Between two of them is a line end
// if there is a line end or a definition between the tokens, else a space.
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
			a.out = append(a.out, between...)
			between = " "
			if err := a.expression(); err != nil {
				return err
			}
			if err := a.flush(); err != nil {
				return err
			}
		}
	}
	switch {
	case a.err != nil:
		return a.err
	case between == "":
		return a.src.Errorf(a.src.Size, "found the end of the input, want something to assemble")
	}
	_, err := a.w.Write(append(a.out, between...))
	return err
}

// flush writes what is collected if it is much.
func (a *assembler) flush() error {
	if len(a.out) < flushSize {
		return nil
	}
	_, err := a.w.Write(a.out)
	a.out = a.out[:0]
	return err
}
