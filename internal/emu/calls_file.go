package emu

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"stage0/internal/emu/cpu"
)

// pathMax is the maximum length of a file name, in bytes (PATH_MAX).
const pathMax = 4096

// text returns the zero-terminated string at a, of at most limit bytes.
func text(mem *cpu.Memory, a uint64, limit int) (string, error) {
	var b []byte
	for len(b) < limit {
		// Up to the end of the page: the next page may not be readable.
		n := cpu.PageSize - int(a%cpu.PageSize)
		piece := mem.Bytes(a, n, cpu.Read)
		if piece == nil {
			return "", errno(eFAULT)
		}
		for i, c := range piece {
			if c == 0 {
				return string(append(b, piece[:i]...)), nil
			}
		}
		b = append(b, piece...)
		a += uint64(n)
	}
	return "", errno(eNAMETOOLONG)
}

// name returns the file name at a, made absolute and clean.
func (p *process) name(a uint64) (string, error) {
	s, err := text(p.mem, a, pathMax)
	if err == nil && s == "" {
		err = errno(eNOENT)
	}
	if err != nil {
		return "", err
	}
	return p.path(s), nil
}

// file returns the open file description of a descriptor.
func (p *process) file(fd uint64) (*description, error) {
	n := int(int32(fd))
	if n < 0 || n >= len(p.files) || p.files[n] == nil {
		return nil, errno(eBADF)
	}
	d := p.files[n]
	if d.out == nil {
		p.shares(d.opener)
	}
	return d, nil
}

// descriptor returns p's lowest free descriptor.
func (m *machine) descriptor(p *process) (int, error) {
	fd := slices.Index(p.files, nil)
	if fd < 0 {
		fd = len(p.files)
	}
	if fd >= m.Limits.Files {
		return 0, errno(eMFILE)
	}
	return fd, nil
}

// set makes fd, which is unused, a descriptor of d.
func (p *process) set(fd int, d *description) (int64, error) {
	if fd == len(p.files) {
		p.files = append(p.files, nil)
	}
	p.files[fd] = d
	d.refs++
	return int64(fd), nil
}

// atCWD is AT_FDCWD: names are relative to the working directory.
const atCWD = -100

// at turns a system call that takes a name into one that takes a directory descriptor
// before it.
func at(do func(*machine, *process, [6]uint64) (int64, error)) func(*machine, *process, [6]uint64) (int64, error) {
	return func(m *machine, p *process, a [6]uint64) (int64, error) {
		if int32(a[0]) != atCWD {
			return 0, errors.New("a directory other than AT_FDCWD is not supported")
		}
		return do(m, p, [6]uint64{a[1], a[2], a[3], a[4], a[5]})
	}
}

func sysOpen(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	fd, err := m.descriptor(p)
	if err != nil {
		return 0, err
	}
	d, err := m.open(p, name, a[1], a[2])
	if err != nil {
		return 0, err
	}
	return p.set(fd, d)
}

func sysClose(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	if err != nil {
		return 0, err
	}
	p.files[int32(a[0])] = nil
	return 0, m.release(d)
}

func sysDup(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	if err != nil {
		return 0, err
	}
	fd, err := m.descriptor(p)
	if err != nil {
		return 0, err
	}
	return p.set(fd, d)
}

// maxTransfer is the most that one read or write transfers, in bytes (MAX_RW_COUNT):
// M2libc expects to get all that it asks for. maxStream is the same for standard
// input.
const (
	maxTransfer = 1<<31 - 4096
	maxStream   = 64 << 10
)

func sysRead(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	if err != nil {
		return 0, err
	}
	count := int(min(a[2], maxTransfer))
	if d.inode != nil && d.canRead {
		if d.pos >= int64(len(d.data)) {
			return 0, nil
		}
		data := d.data[d.pos:]
		data = data[:min(count, len(data))]
		if !p.mem.Write(a[1], data) {
			return 0, errno(eFAULT)
		}
		d.pos += int64(len(data))
		return int64(len(data)), nil
	}
	buf := make([]byte, min(count, maxStream))
	n, err := d.read(buf)
	if err == nil && !p.mem.Write(a[1], buf[:n]) {
		err = errno(eFAULT)
	}
	return int64(n), err
}

func sysWrite(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	if err != nil {
		return 0, err
	}
	b := p.mem.Bytes(a[1], int(min(a[2], maxTransfer)), cpu.Read)
	if b == nil {
		return 0, errno(eFAULT)
	}
	n, err := m.write(d, b)
	return int64(n), err
}

func sysLseek(m *machine, p *process, a [6]uint64) (int64, error) {
	offset := int64(a[1])
	if p.on.bits == 32 {
		offset = int64(int32(a[1]))
	}
	return seek(p, a[0], offset, a[2])
}

// sysLlseek is the lseek of 32-bit processors: the offset is passed in two halves,
// and the result is stored in memory.
func sysLlseek(m *machine, p *process, a [6]uint64) (int64, error) {
	pos, err := seek(p, a[0], int64(a[1]<<32|a[2]&0xFFFFFFFF), a[4])
	if err != nil {
		return 0, err
	}
	if !p.mem.Store(a[3], 8, uint64(pos)) {
		return 0, errno(eFAULT)
	}
	return 0, nil
}

func seek(p *process, fd uint64, offset int64, whence uint64) (int64, error) {
	d, err := p.file(fd)
	switch {
	case err != nil:
		return 0, err
	case d.inode == nil:
		return 0, errno(eSPIPE)
	}
	switch whence {
	case 0:
	case 1:
		offset += d.pos
	case 2:
		offset += int64(len(d.data))
	default:
		return 0, errno(eINVAL)
	}
	if offset < 0 {
		return 0, errno(eINVAL)
	}
	d.pos = offset
	return offset, nil
}

func sysAccess(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	info, err := p.fsys.Stat(name)
	if err != nil {
		return 0, err
	}
	if want := fs.FileMode(a[1]&7) << 6; info.Mode()&want != want {
		return 0, errno(eACCES)
	}
	return 0, nil
}

func sysChmod(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	return 0, p.fsys.Chmod(name, fs.FileMode(a[1]&0o777))
}

func sysFchmod(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	switch {
	case err != nil:
		return 0, err
	case d.inode == nil || d.removed:
		return 0, errno(eINVAL)
	}
	return 0, p.fsys.Chmod(d.name, fs.FileMode(a[1]&0o777))
}

func sysMkdir(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	return 0, p.fsys.Mkdir(name, fs.FileMode(a[1]&0o777)&^p.umask)
}

func sysUnlinkat(m *machine, p *process, a [6]uint64) (int64, error) {
	if a[2] != 0 {
		return 0, errors.New("removing a directory is not supported")
	}
	return at(sysUnlink)(m, p, a)
}

func sysUnlink(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	if err := p.fsys.Remove(name); err != nil {
		return 0, err
	}
	if i := m.inodes[name]; i != nil {
		p.shares(i.program)
		i.removed = true
		delete(m.inodes, name)
	}
	return 0, nil
}

func sysUmask(m *machine, p *process, a [6]uint64) (int64, error) {
	old := p.umask
	p.umask = fs.FileMode(a[0] & 0o777)
	return int64(old), nil
}

func sysGetcwd(m *machine, p *process, a [6]uint64) (int64, error) {
	b := append([]byte(p.dir), 0)
	if uint64(len(b)) > a[1] {
		return 0, errno(eRANGE)
	}
	if !p.mem.Write(a[0], b) {
		return 0, errno(eFAULT)
	}
	return int64(len(b)), nil
}

func sysChdir(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	info, err := p.fsys.Stat(name)
	switch {
	case err != nil:
		return 0, err
	case !info.IsDir():
		return 0, errno(eNOTDIR)
	}
	p.dir = path.Clean(name)
	return 0, nil
}

func sysFchdir(m *machine, p *process, a [6]uint64) (int64, error) {
	d, err := p.file(a[0])
	switch {
	case err != nil:
		return 0, err
	case d.dir == "":
		return 0, errno(eNOTDIR)
	}
	p.dir = d.dir
	return 0, nil
}

// sysIoctl fails for every file as if it is not a terminal.
func sysIoctl(m *machine, p *process, a [6]uint64) (int64, error) {
	if _, err := p.file(a[0]); err != nil {
		return 0, err
	}
	return 0, errno(eNOTTY)
}
