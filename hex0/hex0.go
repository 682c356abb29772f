// Package hex0 is the first assembler of the ladder: hex digits in, bytes out.
//
// # The format
//
// A hex0 text consists of hex digits of either case and comments. Two digits
// make a byte, the high digit first. A '#' or ';' starts a comment that runs to
// the end of the line. Any other character is skipped, also between the two
// digits of a byte.
//
//	48C7C0 3C000000   # mov rax, 60
//	48C7C7 2A000000   ; mov rdi, 42
//	0F05
//
// # Upstream
//
// This package behaves like hex0-seed of stage0-posix 1.9.1, whose source is
// <ARCH>/hex0_<ARCH>.hex0. The seeds differ in small ways, which Options
// covers:
//
//   - riscv32 and riscv64 also end a comment at CR.
//   - x86 and amd64 accept g and G as digits of value 16.
//
// Input that upstream accepts silently is reported to Options.Diagnostics: an
// odd last digit (dropped), a character that is not a digit, white space or
// part of a comment (skipped), and the digit g.
package hex0

import (
	"bytes"
	"io"

	"stage0/source"
	"stage0/strtoint"
)

// Options selects the seed's variant and how to treat doubtful input. The zero
// value is the aarch64 seed.
type Options struct {
	CommentEndsAtCR bool // CR ends a comment, as LF does
	DigitG          bool // g and G are digits of value 16
	source.Diagnostics
}

// seeds has the options of the architectures' seeds that are not zero.
var seeds = map[string]Options{
	"x86":     {DigitG: true},
	"amd64":   {DigitG: true},
	"riscv32": {CommentEndsAtCR: true},
	"riscv64": {CommentEndsAtCR: true},
}

// ForArch returns the options of the architecture's seed.
func ForArch(name string) Options { return seeds[name] }

// Classes of bytes that are not digits. A digit's class is its value (0 to 16).
const (
	space   = 0x20 + iota // white space
	comment               // starts a comment
	other                 // does not belong in hex0
)

// classes returns the class of each byte.
func (opt Options) classes() *[256]byte {
	var class [256]byte
	for c := range class {
		class[c] = other
	}
	for _, c := range " \t\n\v\f\r" {
		class[c] = space
	}
	class['#'], class[';'] = comment, comment
	for c := range class {
		if v := strtoint.Digit(byte(c)); v < 16 {
			class[c] = byte(v)
		}
	}
	if opt.DigitG {
		class['G'], class['g'] = 16, 16
	}
	return &class
}

// Assemble writes the bytes that src encodes to w. Its errors are those of w,
// and, if opt is strict, *source.Error.
func Assemble(w io.Writer, src source.Source, opt Options) error {
	var (
		text  = src.Text
		class = opt.classes()
		out   = make([]byte, 0, 32<<10)
		high  byte // value of the high digit, if there is one
		at    = -1 // its offset, or -1
	)
	for i := 0; i < len(text); i++ {
		switch v := class[text[i]]; v {
		default:
			if v == 16 {
				if err := opt.Report(src, i, "%s is taken for a digit of value 16", source.Char(text[i])); err != nil {
					return err
				}
			}
			if at < 0 {
				high, at = v<<4, i
				continue
			}
			at = -1
			if out = append(out, high+v); len(out) == cap(out) {
				if _, err := w.Write(out); err != nil {
					return err
				}
				out = out[:0]
			}
		case space:
		case comment:
			i += opt.comment(text[i:])
		case other:
			if err := opt.Report(src, i, "%s is not a hex digit; skipped", source.Char(text[i])); err != nil {
				return err
			}
		}
	}
	if at >= 0 {
		if err := opt.Report(src, at, "the last digit has no partner; dropped"); err != nil {
			return err
		}
	}
	_, err := w.Write(out)
	return err
}

// comment returns the length of the comment at the start of text, without its
// line end.
func (opt Options) comment(text []byte) int {
	ends := "\n"
	if opt.CommentEndsAtCR {
		ends = "\r\n"
	}
	if n := bytes.IndexAny(text, ends); n >= 0 {
		return n
	}
	return len(text)
}
