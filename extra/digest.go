package extra

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha3"
	"fmt"
	"io"

	"stage0/source"
)

// SHA256 returns the SHA-256 of text in hex.
func SHA256(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text)) }

// SHA3 returns the SHA3 of text in hex. bits is 224, 256, 384 or 512.
func SHA3(text []byte, bits int) (string, error) {
	var sum any
	switch bits {
	case 224:
		sum = sha3.Sum224(text)
	case 256:
		sum = sha3.Sum256(text)
	case 384:
		sum = sha3.Sum384(text)
	case 512:
		sum = sha3.Sum512(text)
	default:
		return "", fmt.Errorf("there is no SHA3 of %d bits; there are 224, 256, 384 and 512", bits)
	}
	return fmt.Sprintf("%x", sum), nil
}

// A Checksum is a line of a list that sha256sum checks.
type Checksum struct {
	Digest string // in hex, lower case
	Name   string
}

// maxName is the maximum length of a file's name in bytes.
const maxName = 4095

// A ChecksumList is read line by line, because upstream checks a file before it
// reads the next line.
type ChecksumList struct {
	src  source.Source
	diag source.Diagnostics
	off  int // of the next line
}

// NewChecksumList returns the list in src. It reports a last line without a line
// end to diag: upstream may read on behind the list.
func NewChecksumList(src source.Source, diag source.Diagnostics) *ChecksumList {
	return &ChecksumList{src: src, diag: diag}
}

// Next returns the next line, or io.EOF after the last. A list without lines is
// an error. upstream: check_file, sha256sum.c
func (l *ChecksumList) Next() (c Checksum, err error) {
	rest := l.src.Text[l.off:]
	if l.off > 0 && (len(rest) == 0 || rest[0] == 0) {
		return c, io.EOF
	}
	line, _, ended := bytes.Cut(rest, []byte("\n"))
	const digits = 2 * sha256.Size
	digest := make([]byte, 0, digits)
	for i := range digits {
		switch {
		case i == len(line):
			return c, l.errorf(i, "the line ends in the digest, expected %d digits", digits)
		case '0' <= line[i] && line[i] <= '9', 'a' <= line[i] && line[i] <= 'f':
			digest = append(digest, line[i])
		case line[i] == 'F':
			digest = append(digest, 'f')
		default:
			return c, l.errorf(i, "found %s in the digest, expected 0 to 9 and a to f", source.Char(line[i]))
		}
	}
	name, ok := bytes.CutPrefix(line[digits:], []byte("  "))
	if !ok {
		return c, l.errorf(digits, "expected two spaces between the digest and the name")
	}
	if len(name) > maxName {
		return c, l.errorf(digits+2, "the name is longer than %d bytes", maxName)
	}
	if !ended {
		err := l.diag.Report(l.src, len(l.src.Text), "the list ends in a name, expected a line end; upstream may read on")
		if err != nil {
			return c, err
		}
	}
	l.off += min(len(line)+1, len(rest))
	name, _, _ = bytes.Cut(name, []byte{0}) // end of a C string
	return Checksum{string(digest), string(name)}, nil
}

func (l *ChecksumList) errorf(col int, format string, args ...any) error {
	return l.src.Errorf(l.off+col, format, args...)
}
