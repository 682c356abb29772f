package emu

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// An FS is the file system that programs see. Names are absolute and clean, with
// slashes. Errors are recognized with errors.Is and the errors of io/fs; the program
// sees any other error as EACCES.
type FS interface {
	// ReadFile returns the contents of a file. The caller does not modify them.
	ReadFile(name string) ([]byte, error)

	// WriteFile creates or replaces a file with permissions perm. It keeps data.
	WriteFile(name string, data []byte, perm fs.FileMode) error

	Stat(name string) (fs.FileInfo, error)
	Chmod(name string, perm fs.FileMode) error
	Remove(name string) error // a file, not a directory
	Mkdir(name string, perm fs.FileMode) error
}

// FileInfo describes a file or a directory of an FS in memory, of which no time is known.
func FileInfo(name string, size int64, mode fs.FileMode) fs.FileInfo {
	return fileInfo{path.Base(name), size, mode}
}

type fileInfo struct {
	name string
	size int64
	mode fs.FileMode
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode }
func (i fileInfo) ModTime() time.Time { return time.Time{} }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }

// An inode is a file that at least one process has open. Writes are visible to all
// processes that have it open; the file system sees them when a description that can
// write is closed.
type inode struct {
	name    string
	program int // program that opened it first
	data    []byte
	borrow  bool // data belongs to the file system and must not be modified
	dirty   bool // the file system does not have the current data
	removed bool
	open    int // number of descriptions
	writers int // number of descriptions that can write
}

// A description is an open file description: the descriptors that dup and fork create
// share it.
type description struct {
	*inode           // nil for a directory or a stream
	opener    int    // the program that opened it; 0 for a stream
	fsys      FS     // of the program that opened it
	dir       string // a directory's name
	in        io.Reader
	out       *stream
	pos       int64
	canRead   bool
	canWrite  bool
	appending bool
	refs      int // number of descriptors
}

// Flags of open, the same on all architectures here.
const (
	oAccess = 3 // mask
	oRDONLY = 0
	oWRONLY = 1
	oRDWR   = 2
	oCREAT  = 0o100
	oEXCL   = 0o200
	oTRUNC  = 0o1000
	oAPPEND = 0o2000
)

// open opens the file called name for p.
func (m *machine) open(p *process, name string, flags, mode uint64) (*description, error) {
	d := &description{
		opener:    p.number,
		fsys:      p.fsys,
		canRead:   flags&oAccess != oWRONLY,
		canWrite:  flags&oAccess == oWRONLY || flags&oAccess == oRDWR,
		appending: flags&oAPPEND != 0,
	}
	info, err := p.fsys.Stat(name)
	switch {
	case err == nil && flags&(oCREAT|oEXCL) == oCREAT|oEXCL:
		return nil, fs.ErrExist
	case err == nil && info.IsDir():
		if d.canWrite {
			return nil, errno(eISDIR)
		}
		d.dir = name
		return d, nil
	case err == nil && info.Mode()&0o200 == 0 && d.canWrite, err == nil && info.Mode()&0o400 == 0 && d.canRead:
		return nil, fs.ErrPermission
	case err == nil && flags&oTRUNC != 0 && !d.canWrite:
		return nil, errors.New("truncating a file opened for reading is not supported")
	case errors.Is(err, fs.ErrNotExist) && flags&oCREAT != 0:
		err = p.fsys.WriteFile(name, nil, fs.FileMode(mode)&0o777&^p.umask)
		flags |= oTRUNC
	}
	if err != nil {
		return nil, err
	}
	i := m.inodes[name]
	if i == nil {
		i = &inode{name: name, program: p.number, borrow: true}
		if flags&oTRUNC == 0 {
			if i.data, err = p.fsys.ReadFile(name); err != nil {
				return nil, err
			}
		}
		m.inodes[name] = i
	}
	switch {
	case d.canWrite || i.dirty:
		p.shares(i.program)
	case i.program != p.number: // it reads the file as if it were not open elsewhere
		if _, err := p.fsys.ReadFile(name); err != nil {
			return nil, err
		}
	}
	if d.canWrite {
		i.writers++
		if flags&oTRUNC != 0 {
			i.data, i.borrow, i.dirty = nil, false, true
		}
	}
	i.open++
	d.inode = i
	return d, nil
}

// release drops one reference of d.
func (m *machine) release(d *description) error {
	d.refs--
	if d.refs > 0 || d.inode == nil {
		return nil
	}
	i := d.inode
	i.open--
	if d.canWrite {
		i.writers--
	}
	if i.removed {
		return nil
	}
	if i.open == 0 {
		delete(m.inodes, i.name)
	}
	if !d.canWrite || !i.dirty {
		return nil
	}
	i.borrow, i.dirty = true, false
	return d.fsys.WriteFile(i.name, i.data, 0)
}

// openFiles returns the values of Exec.Open and Exec.Written.
func (m *machine) openFiles() (open, written []string) {
	open = slices.Sorted(maps.Keys(m.inodes))
	for _, name := range open {
		if m.inodes[name].dirty {
			written = append(written, name)
		}
	}
	return open, written
}

// descriptors returns the value of Exec.Descriptors for p.
func (p *process) descriptors() string {
	names := make([]string, len(p.files))
	for fd, d := range p.files {
		switch {
		case d == nil:
			names[fd] = "-"
		case d.out != nil:
			names[fd] = d.out.name
		case d.in != nil:
			names[fd] = "in"
		case d.dir != "":
			names[fd] = "dir"
		default:
			names[fd] = "file"
		}
	}
	return strings.Join(names, " ")
}

// read reads at the current position.
func (d *description) read(b []byte) (int, error) {
	switch {
	case d.dir != "":
		return 0, errno(eISDIR)
	case !d.canRead:
		return 0, errno(eBADF)
	case d.in != nil:
		n, err := d.in.Read(b)
		if n > 0 || errors.Is(err, io.EOF) {
			err = nil
		}
		return n, err
	case d.inode == nil || d.pos >= int64(len(d.data)):
		return 0, nil
	}
	n := copy(b, d.data[d.pos:])
	d.pos += int64(n)
	return n, nil
}

// write writes at the current position.
func (m *machine) write(d *description, b []byte) (int, error) {
	switch {
	case !d.canWrite:
		return 0, errno(eBADF)
	case len(b) == 0:
		return 0, nil
	}
	if m.output += uint64(len(b)); m.output > m.Limits.Output {
		return 0, limitError("Output", "the programs write more than %s", bytesText(m.Limits.Output))
	}
	if d.out != nil {
		return d.out.write(m, b)
	}
	i := d.inode
	if d.appending {
		d.pos = int64(len(i.data))
	}
	end := d.pos + int64(len(b))
	if end < 0 {
		return 0, errno(eINVAL)
	}
	if grow := end - int64(len(i.data)); grow > int64(len(b)) { // a hole, filled with zeros
		if m.output += uint64(grow); m.output > m.Limits.Output {
			return 0, limitError("Output", "the programs write more than %s", bytesText(m.Limits.Output))
		}
	}
	if i.borrow {
		i.data, i.borrow = append([]byte(nil), i.data...), false
	}
	i.dirty = true
	if d.pos > int64(len(i.data)) {
		i.data = append(i.data, make([]byte, d.pos-int64(len(i.data)))...)
	}
	n := copy(i.data[d.pos:], b)
	i.data = append(i.data, b[n:]...)
	d.pos = end
	return len(b), nil
}

// A stream is standard output or standard error. Output is buffered; it is flushed
// when the buffer is full, when the other stream is written to, and when the run
// ends.
type stream struct {
	name string
	w    io.Writer // nil: output is discarded
	buf  []byte
}

const streamBuffer = 32 << 10

func (s *stream) write(m *machine, b []byte) (int, error) {
	if m.last != s {
		if err := m.flush(); err != nil {
			return 0, err
		}
		m.last = s
	}
	if s.w == nil {
		return len(b), nil
	}
	s.buf = append(s.buf, b...)
	if len(s.buf) >= streamBuffer || m.Step != nil { // the caller of Step wants to see output immediately
		return len(b), m.flush()
	}
	return len(b), nil
}

// flush flushes the stream that was written to last.
func (m *machine) flush() error {
	s := m.last
	if s == nil || len(s.buf) == 0 {
		return nil
	}
	_, err := s.w.Write(s.buf)
	s.buf = s.buf[:0]
	return err
}

// path makes a name that p uses absolute and clean.
func (p *process) path(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(p.dir, name)
}
