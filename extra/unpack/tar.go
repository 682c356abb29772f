package unpack

import (
	"bytes"
	"io"

	"stage0/source"
)

const tarBlock = 512

// Types of a Member that is not a regular file.
const (
	HardLink    = '1'
	SymLink     = '2'
	CharDevice  = '3'
	BlockDevice = '4'
	Directory   = '5'
	Pipe        = '6'
)

// A Member is a member of a tar archive.
type Member struct {
	Offset int64  // of its header
	Name   string // any bytes, as is Link
	Type   byte
	Mode   uint32
	Size   int64  // of its data in the archive, in bytes
	Link   string // target of a SymLink

	// Doubt says what other readers would see differently in the header. It is
	// usually empty.
	Doubt string
}

// A Tar is a tar archive being read.
type Tar struct {
	src source.Source
	off int64 // of the next header
}

// NewTar returns the archive in src.
func NewTar(src source.Source) *Tar { return &Tar{src: src} }

// Next returns the next member, or io.EOF at the end mark. Faults of the
// archive are Errors. upstream: untar
func (t *Tar) Next() (*Member, error) {
	at := t.off
	if int64(len(t.src.Text))-at < tarBlock {
		return nil, t.errorf(at, "the archive ends, expected a header of 512 bytes or a block of zeros")
	}
	head := t.src.Text[at:][:tarBlock]
	if bytes.Equal(head, make([]byte, tarBlock)) {
		return nil, io.EOF
	}
	if have, want := octal(head[148:156]), tarSum(head); have != want {
		return nil, t.errorf(at, "the checksum of the header is %o, expected %o", have, want)
	}
	m := &Member{
		Offset: at,
		Name:   cString(head),
		Type:   head[156],
		Mode:   uint32(octal(head[100:108])) & 0o7777,
		Size:   octal(head[124:136]),
		Link:   cString(head[157:257]),
		Doubt:  doubt(head),
	}
	if m.Name == "././@LongLink" {
		return nil, &Error{t.src.Name, at, 1, "found a name or link of more than 100 bytes, which untar does not read"}
	}
	if m.Type == Directory {
		m.Size = 0
	}
	t.off += tarBlock + (m.Size+tarBlock-1)/tarBlock*tarBlock
	return m, nil
}

// Data returns the data of a member. If the archive is too short for it, the
// error is an Error.
func (t *Tar) Data(m *Member) ([]byte, error) {
	start := m.Offset + tarBlock
	if blocks := (m.Size + tarBlock - 1) / tarBlock; int64(len(t.src.Text))-start < blocks*tarBlock {
		return nil, t.errorf(start, "the archive ends in %q, expected %d more blocks of 512 bytes", m.Name, blocks)
	}
	return t.src.Text[start:][:m.Size], nil
}

// errorf returns an Error with code 0, for errors that upstream does not have.
func (t *Tar) errorf(off int64, format string, args ...any) error {
	in := input{Source: t.src, off: off}
	return in.errorf(0, format, args...)
}

// doubt describes what upstream ignores or does not expect in a header.
func doubt(head []byte) string {
	name := bytes.IndexByte(head[:100], 0) < 0
	ustar := string(head[257:262]) == "ustar"
	prefix := ustar && string(head[262:265]) == "\x0000" && head[345] != 0
	number := func(field []byte) bool { // in the tar formats
		return len(bytes.Trim(bytes.Trim(field, " \x00"), "01234567")) == 0
	}
	switch {
	case name && number(head[100:108]):
		return "the name fills its field of 100 bytes, and runs into the one that follows"
	case prefix:
		return "the first part of the name, in the field for long names, is not used"
	case !number(head[124:136]):
		return "the size is not an octal number"
	case head[156] == 'x' || head[156] == 'g':
		return "a pax header is taken for a file"
	}
	return ""
}

// octal returns the first octal number in a field, or 0. upstream: parseoct
func octal(field []byte) int64 {
	const digits = "01234567"
	n := int64(0)
	if i := bytes.IndexAny(field, digits); i >= 0 {
		for _, c := range field[i:] {
			if c < '0' || c > '7' {
				break
			}
			n = n<<3 + int64(c-'0')
		}
	}
	return n
}

// tarSum computes a header's checksum. upstream: verify_checksum
func tarSum(head []byte) (sum int64) {
	for i, c := range head {
		if 148 <= i && i < 156 {
			c = ' '
		}
		sum += int64(int8(c))
	}
	return sum
}

// cString returns the bytes before the first NUL.
func cString(p []byte) string {
	s, _, _ := bytes.Cut(p, []byte{0})
	return string(s)
}
