// Package extra is the programs of mescc-tools-extra, the small commands that
// a bootstrap script needs besides a compiler: catm, replace, sha256sum,
// sha3sum, unbz2, ungz, unxz and untar. (chmod, cp, match, mkdir, rm and wrap
// are nothing but files and exit codes; they are in package tool.)
//
// # Digests
//
// A line of sha256sum is the digest in lower case, two spaces, the name and a
// line end. In a list to be checked, the only capital that is a digit is F, as
// upstream's. A list that ends without a line end is reported: upstream looks
// for one in the memory behind it, and may find more lines. sha3sum prints the
// same for SHA3-224, -256, -384 and -512.
//
// # Compressed files
//
// Deflate, bzip2 and LZMA are decoded by compress/flate, compress/bzip2 and
// github.com/ulikunitz/xz/lzma. What is written is what upstream's programs
// write: one gzip member, one bzip2 stream, one .lzma stream, or .xz streams
// that follow each other without padding; what comes after that is left alone,
// and its length returned. Wider than upstream are
//
//   - ungz: stored blocks (upstream compares signed bytes with unsigned ones),
//     extra fields (upstream takes their length from four bytes instead of two)
//     and header checksums are read; an empty file can be had.
//   - unxz: .xz files without a check, and empty ones, are read; streams that
//     follow one of more than 127 blocks are, too.
//
// and stricter, with an error where upstream writes something,
//
//   - ungz: the checksum and the length at the end must be those of the data; names and comments have at most 511 bytes.
//   - unbz2: so must be the checksum of the whole, besides those of blocks.
//   - unxz: so must be the checks, the sizes, the index and the footer of .xz.
//   - all: no more is written than a limit. That is also the most memory that
//     a dictionary takes.
//
// As upstream's, unxz reads LZMA2 without other filters, no SHA-256, and .lzma
// files with lc + lp of at most 4. It exits as the builds of the ladders do, which
// GCC's does not: see headerErrorf and lzmaFault. A fault in LZMA2 data is 1,
// where upstream has numbers for some.
//
// # Archives
//
// A tar archive is blocks of 512 bytes: a header for each member, and then its
// data. archive/tar cannot stand for upstream's reader (untar.c), which knows
// neither the prefix of ustar, nor pax headers, nor numbers that are not
// octal:
//
//	offset  length
//	     0     100  name, up to a NUL; a name of 100 bytes runs into the mode
//	   100       8  permissions; of directories only, those of files are not used
//	   124      12  size
//	   148       8  sum of the header's bytes, with spaces in these eight places
//	   156       1  1 hard link, 2 symbolic link, 3 and 4 devices, 5 directory,
//	                6 pipe, all others files
//	   157     100  what a symbolic link leads to
//
// Numbers are octal; what is before and after the digits does not count. Bytes
// are signed in the sum, so that an archive with names outside of ASCII that
// other programs wrote is refused. A block of zeros is the end.
package extra

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"stage0/source"
)

// DefaultLimit is how much is unpacked, in bytes, unless more is asked for:
// the sizes of upstream's programs are ints of 32 bits.
const DefaultLimit = 1<<31 - 1

// An Error is a fault in a file that is not text.
type Error struct {
	Name   string // of the file
	Offset int64  // in bytes, where the fault was noticed
	Code   int    // exit status of upstream's program for it
	Msg    string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: byte %d: %s", e.Name, e.Offset, e.Msg) }

// An input is a source that is read from its start.
type input struct {
	source.Source
	buf        *bufio.Reader
	off        int64 // in bytes, how far it has been read
	dictionary bool  // of an .xz file: upstream has made a dictionary
}

func newInput(src source.Source) *input {
	return &input{Source: src, buf: bufio.NewReader(io.NewSectionReader(src.Text, 0, src.Size))}
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
func (in *input) rest() int64 { return in.Size - in.off }

// errorf returns an Error at the place where the input is.
func (in *input) errorf(code int, format string, args ...any) error {
	return &Error{in.Name, in.off, code, fmt.Sprintf(format, args...)}
}

// A writeError is what stopped the writing of what was unpacked.
type writeError struct{ error }

func (e writeError) Unwrap() error { return e.error }

// unpack copies r, which decodes in, to w. Errors of r are made into Errors by
// fault; those of w are returned as they are.
func unpack(w io.Writer, r io.Reader, in *input, limit int64, fault func(error) error) error {
	// A byte more than the limit is read, to see whether there is one.
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

// A writer makes the errors of an io.Writer known as such.
type writer struct{ w io.Writer }

func (w writer) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	if err != nil {
		err = writeError{err}
	}
	return n, err
}
