// Package bloodelf writes the ELF footer that gives a program its symbols.
//
// # The format
//
// The input is M1 text, of which only the labels matter: a ':' starts one, and
// its name extends to the next space, tab, line end or '>'. A '#' or ';' starts
// a comment, which ends at LF or CR, and a '"' a string, which ends at the next
// '"'; both are skipped.
//
//	:main            # the symbol main
//	"not :this one"
//
// The output, also M1 text, is assembled after the program: the string table,
// the symbol table and the section headers that an ELF header made for
// debugging points to. Its numbers are quoted, so that M1 passes them on to
// hex2, and are written in hex, octal or binary, in either byte order. Symbols
// are in the order of their labels, preceded by those in Options.Entries. A
// name that starts with '_' is hidden, unless it is the last entry.
//
// # Upstream
//
// This is blood-elf 2.0.1 of mescc-tools 1.7.0, byte for byte. In octal a byte
// is three digits of three bits, so a number above 255 takes nine bits per byte
// and is wrong; in big-endian 64-bit output the halves of a word are in the
// wrong order. Input that upstream accepts silently is reported to
// Options.Diagnostics:
//
//   - a ':' inside a token starts a label, though for M1 it is part of the
//     token;
//   - white space or '>' after a ':' is the first byte of the name;
//   - a NUL cuts a name short;
//   - the end of the text may end a string;
//   - octal output with more than 254 symbols, as explained above.
//
// It differs from upstream:
//
//   - A missing option argument is an error; upstream crashes.
//   - Of several --output files only the last is written; upstream truncates
//     the others.
//   - Byte 0xFF is an ordinary byte; blood-elf-0 of the amd64 ladder takes it
//     for the end of the file.
package bloodelf

import (
	"bufio"
	"bytes"
	"io"

	"stage0/source"
)

// maxName is the maximum length of a label's name in bytes (upstream:
// max_string).
const maxName = 4095

// Options is everything besides the texts that the output depends on. The zero
// value is 32-bit, little-endian, hex.
type Options struct {
	Wide      bool     // 64-bit ELF
	BigEndian bool     // byte order of the numbers
	Radix     int      // of the numbers: 16, 8 or 2; 0 means 16
	Entries   []string // symbols to put first, whether labels or not
	source.Diagnostics
}

// Footer writes the footer for the program in srcs. Its errors are those of w,
// and *source.Error if a text is wrong.
func Footer(w io.Writer, srcs []source.Source, opt Options) error {
	var syms symbols
	for _, name := range opt.Entries {
		syms.add([]byte(name))
	}
	for _, src := range srcs {
		s := scanner{src: src, text: src.Text, diag: opt.Diagnostics, syms: &syms}
		if err := s.scan(); err != nil {
			return err
		}
	}
	if opt.Radix == 8 && 1+syms.count > 0xFF && len(srcs) > 0 {
		last := srcs[len(srcs)-1]
		if err := opt.Report(last, len(last.Text), "%d symbols are too many to be counted in octal; sh_info is wrong", syms.count); err != nil {
			return err
		}
	}
	out := bufio.NewWriterSize(w, 64<<10) // Flush returns its errors
	write(out, &syms, opt)
	return out.Flush()
}

// symbols holds the names of the symbols, in order.
type symbols struct {
	names []byte // each followed by a NUL
	count int
}

// add appends name, up to the first NUL in it.
func (s *symbols) add(name []byte) {
	name, _, _ = bytes.Cut(name, []byte{0})
	s.names = append(append(s.names, name...), 0)
	s.count++
}

// all calls yield for each name.
func (s *symbols) all(yield func(name []byte) bool) {
	for rest := s.names; len(rest) > 0; {
		end := bytes.IndexByte(rest, 0)
		if !yield(rest[:end]) {
			return
		}
		rest = rest[end+1:]
	}
}

// A scanner finds the labels of a text.
type scanner struct {
	src  source.Source
	text []byte // of src
	diag source.Diagnostics
	syms *symbols
}

// A set is a set of bytes.
type set [256]bool

var (
	starts  = set{':': true, '#': true, ';': true, '"': true}
	lineEnd = set{'\n': true, '\r': true}
	quote   = set{'"': true}
	nameEnd = set{' ': true, '\t': true, '\n': true, '>': true}
)

// next returns the offset of the first byte at or after offset i that is in
// stops, or the length of the text if there is none.
func (s *scanner) next(i int, stops *set) int {
	for i < len(s.text) && !stops[s.text[i]] {
		i++
	}
	return i
}

// scan adds the labels to the symbols (upstream: first_pass).
func (s *scanner) scan() (err error) {
	for i := s.next(0, &starts); i < len(s.text) && err == nil; i = s.next(i+1, &starts) {
		switch s.text[i] {
		case ':':
			i, err = s.label(i)
		case '"':
			start := i
			if i = s.next(i+1, &quote); i == len(s.text) {
				err = s.diag.Report(s.src, start, "the text ends in a string")
			}
		default:
			i = s.next(i+1, &lineEnd)
		}
	}
	return err
}

// label adds the label whose ':' is at offset colon. It returns the offset of
// the byte that ends it, as next does.
func (s *scanner) label(colon int) (end int, err error) {
	if colon > 0 {
		before := s.text[colon-1]
		if !nameEnd[before] && before != '"' && before != '\r' { // a CR ends a comment
			if err := s.diag.Report(s.src, colon, "':' inside a token is taken for the start of a label"); err != nil {
				return colon, err
			}
		}
	}
	start := colon + 1
	if start == len(s.text) {
		return start, s.src.Errorf(colon, "the text ends where the name of a label should be")
	}
	if first := s.text[start]; nameEnd[first] {
		if err := s.diag.Report(s.src, colon, "label without a name; the next byte, %s, is taken into it", source.Char(first)); err != nil {
			return start, err
		}
	}
	end = s.next(start+1, &nameEnd)
	name := s.text[start:end]
	if len(name) > maxName {
		return end, s.src.Errorf(colon, "the name of a label is longer than %d bytes", maxName)
	}
	if bytes.IndexByte(name, 0) >= 0 {
		if err := s.diag.Report(s.src, colon, "label has a byte 0x00 in it; its name is cut there"); err != nil {
			return end, err
		}
	}
	s.syms.add(name)
	return end, nil
}
