// Package unpack implements the programs of mescc-tools-extra that unpack files:
// unbz2, ungz, unxz and untar.
//
// # Compressed files
//
// Deflate, bzip2 and LZMA are decoded by compress/flate, compress/bzip2 and
// github.com/ulikunitz/xz/lzma. The output is that of upstream's programs: one
// gzip member, one bzip2 stream, one .lzma stream, or .xz streams that follow
// each other without padding. The number of bytes after that is returned. These
// accept more than upstream:
//
//   - ungz: stored blocks (upstream compares signed bytes with unsigned ones),
//     extra fields (upstream takes their length from four bytes instead of
//     two), header checksums, and empty files.
//   - unxz: .xz files without a check, empty ones, and streams that follow one
//     with more than 127 blocks.
//
// These are stricter, with an error where upstream writes something:
//
//   - ungz: the checksum and length at the end must match the data; names and
//     comments have at most 511 bytes.
//   - unbz2: the checksum of the whole must match, as must those of the blocks.
//   - unxz: the checks, the sizes, the index and the footer of .xz must match.
//   - all: output is limited, and the limit also bounds the memory of a
//     dictionary.
//
// Like upstream's, unxz supports neither filters other than LZMA2, nor SHA-256
// checks, nor .lzma files with lc + lp above 4. Its exit statuses are those of
// the ladders' builds, which differ from those of GCC's: see headerErrorf and
// lzmaFault. A fault in LZMA2 data is 1, where upstream has numbers for some.
//
// # Archives
//
// A tar archive consists of blocks of 512 bytes: for each member a header,
// followed by its data. archive/tar cannot replace upstream's reader (untar.c),
// which knows neither the prefix of ustar, nor pax headers, nor numbers that
// are not octal:
//
//	offset  length
//	     0     100  name, up to a NUL; a name of 100 bytes runs into the mode
//	   100       8  permissions, used for directories but not for files
//	   124      12  size
//	   148       8  sum of the header's bytes, with spaces in these eight places
//	   156       1  1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory,
//	                6 pipe, all others files
//	   157     100  what a symbolic link leads to
//
// Numbers are octal; anything before and after the digits is ignored. The sum
// treats bytes as signed, so an archive with names outside ASCII written by
// other programs is rejected. A block of zeros ends the archive.
package unpack

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// DefaultLimit is the default limit of unpacked bytes: upstream's programs keep
// sizes in 32-bit ints.
const DefaultLimit = 1<<31 - 1

// An Error is a fault in a binary file.
type Error struct {
	Name   string // of the file
	Offset int64  // in bytes, where the fault was noticed
	Code   int    // exit status of upstream's program
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: byte %d: %s", e.Name, e.Offset, e.Msg) }

// An input is a source read from its start.
type input struct {
	source.Source
	buf        *bufio.Reader // which shows what comes, and reads bytes
	off        int64         // bytes read so far
	dictionary bool          // of an .xz file: upstream has made a dictionary
}

func newInput(src source.Source) *input {
	return &input{Source: src, buf: bufio.NewReader(bytes.NewReader(src.Text))}
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.buf.Read(p)
	in.off += int64(n)
	return n, err
}

func (in *input) ReadByte() (byte, error) {
	b, err := in.buf.ReadByte()
	if err == nil {
		in.off++
	}
	return b, err
}

// rest returns how many bytes have not been read.
func (in *input) rest() int64 { return int64(len(in.Text)) - in.off }

// errorf returns an Error at the input's current offset.
func (in *input) errorf(code int, format string, args ...any) error {
	return &Error{in.Name, in.off, code, fmt.Sprintf(format, args...)}
}

// A writeError is an error of writing the unpacked data.
type writeError struct{ error }

func (e writeError) Unwrap() error { return e.error }

// unpack copies r, which decodes in, to w. fault turns errors of r into Errors;
// errors of w are returned unchanged.
func unpack(w io.Writer, r io.Reader, in *input, limit int64, fault func(error) error) error {
	// Read one byte more than the limit, to see whether there is one.
	n, err := io.Copy(writer{w}, io.LimitReader(r, min(limit, 1<<62)+1))
	var wrote writeError
	switch {
	case errors.As(err, &wrote):
		return wrote.error
	case err != nil:
		return fault(err)
	case n > limit:
		return in.errorf(1, "it unpacks to more than the limit; raise that with --limit if it is meant to")
	}
	return nil
}

// A writer marks the errors of an io.Writer as writeErrors.
type writer struct{ w io.Writer }

func (w writer) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		err = writeError{err}
	}
	return n, err
}
