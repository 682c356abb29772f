package emu

import (
	"errors"
	"fmt"

	"stage0/internal/emu/cpu"
)

func sysExit(m *machine, p *process, a [6]uint64) (int64, error) {
	if err := m.exit(p, int(a[0]&0xFF)<<8); err != nil {
		return 0, err
	}
	return 0, errNoResult
}

func sysFork(m *machine, p *process, a [6]uint64) (int64, error) {
	pid, err := m.fork(p)
	return int64(pid), err
}

// sysClone is fork: it supports no flags but the signal SIGCHLD at the end.
func sysClone(m *machine, p *process, a [6]uint64) (int64, error) {
	const sigchld = 17
	if a[0] != sigchld || a[1] != 0 {
		return 0, fmt.Errorf("flags %#x and stack %#x are not supported", a[0], a[1])
	}
	return sysFork(m, p, a)
}

func sysExecve(m *machine, p *process, a [6]uint64) (int64, error) {
	name, err := p.name(a[0])
	if err != nil {
		return 0, err
	}
	args, err := m.texts(p, a[1])
	if err != nil {
		return 0, err
	}
	env, err := m.texts(p, a[2])
	if err != nil {
		return 0, err
	}
	if err := m.exec(p, name, args, env); err != nil {
		return 0, err
	}
	return 0, errNoResult
}

// texts returns the strings of the null-terminated array of pointers at a.
func (m *machine) texts(p *process, a uint64) ([]string, error) {
	var texts []string
	word := uint64(p.on.bits / 8)
	for total := 0; a != 0; a += word {
		at, ok := p.mem.Load(a, int(word))
		switch {
		case !ok:
			return nil, errno(eFAULT)
		case at == 0:
			return texts, nil
		}
		s, err := text(p.mem, at, m.Limits.Arguments)
		if err != nil {
			return nil, err
		}
		texts = append(texts, s)
		if total += len(s) + 1 + 8; total > m.Limits.Arguments {
			return nil, errno(e2BIG)
		}
	}
	return nil, nil
}

// reap removes and returns a child that has ended, the first one if pid is -1.
// Children have always ended by then: they run before their parent continues.
func (p *process) reap(pid int) (zombie, error) {
	for i, z := range p.ended {
		if pid == -1 || z.pid == pid {
			p.ended = append(p.ended[:i:i], p.ended[i+1:]...)
			return z, nil
		}
	}
	return zombie{}, errno(eCHILD)
}

func sysWait4(m *machine, p *process, a [6]uint64) (int64, error) {
	z, err := p.reap(int(int32(a[0])))
	if err != nil {
		return 0, err
	}
	if a[1] != 0 && !p.mem.Store(a[1], 4, uint64(z.status)) {
		return 0, errno(eFAULT)
	}
	return int64(z.pid), nil
}

// Of a siginfo_t: the signal of a child, and the code for one that has exited.
const sigchld, cldExited = 17, 1

// sysWaitid fills in a siginfo_t as for SIGCHLD: signal, errno and code; then,
// aligned to 8 bytes if words have 64 bits, process, user and status. All are zero if
// there is no such child. The rest of the siginfo_t stays unchanged, as on Linux: the
// one of M2libc in Release_1.5.0 is too short.
func sysWaitid(m *machine, p *process, a [6]uint64) (int64, error) {
	const pAll, pPID, wExited = 0, 1, 4
	pid := int(int32(a[1]))
	switch a[0] {
	case pAll:
		pid = -1
	case pPID:
	default:
		return 0, errors.New("only P_ALL and P_PID are supported")
	}
	var signal, code uint64
	var z zombie
	var err error = errno(eINVAL)
	if a[3]&wExited != 0 {
		if z, err = p.reap(pid); err == nil {
			signal, code = sigchld, cldExited
		}
	}
	if a[2] == 0 {
		return 0, err
	}
	if !storeSiginfo(p.mem, p.on.bits, a[2], [...]uint64{signal, 0, code, uint64(z.pid), 0, uint64(z.status >> 8)}) {
		return 0, errno(eFAULT)
	}
	return 0, err
}

// storeSiginfo stores the fields of a siginfo_t that sysWaitid fills in, in their order.
func storeSiginfo(mem *cpu.Memory, bits int, at uint64, fields [6]uint64) bool {
	for i, v := range fields {
		if i == 3 && bits == 64 {
			at += 4
		}
		if !mem.Store(at, 4, v) {
			return false
		}
		at += 4
	}
	return true
}

// sysBrk moves the end of the heap. It returns the new end, or the old one if the
// heap cannot end there.
func sysBrk(m *machine, p *process, a [6]uint64) (int64, error) {
	end := a[0]
	if end < p.mem.HeapBase() {
		return int64(p.brk), nil
	}
	if end > p.mem.Break() {
		if err := m.checkMemory(end - p.mem.Break()); err != nil {
			return 0, err
		}
	}
	if p.mem.SetBreak(end) {
		p.brk = end
	}
	return int64(p.brk), nil
}

// sysUname describes the system in six strings, the last of which is the domain name.
func sysUname(m *machine, p *process, a [6]uint64) (int64, error) {
	return p.uname(a[0], "Linux", "emulated", "5.10.0", "#1", p.on.uname, "(none)")
}

// sysOldUname is sysUname without the domain name.
func sysOldUname(m *machine, p *process, a [6]uint64) (int64, error) {
	return p.uname(a[0], "Linux", "emulated", "5.10.0", "#1", p.on.uname)
}

func (p *process) uname(at uint64, names ...string) (int64, error) {
	const size = 65
	var b []byte
	for _, name := range names {
		field := make([]byte, size)
		copy(field, name)
		b = append(b, field...)
	}
	if !p.mem.Write(at, b) {
		return 0, errno(eFAULT)
	}
	return 0, nil
}

func sysZero(m *machine, p *process, a [6]uint64) (int64, error) { return 0, nil }

func sysRefuse(m *machine, p *process, a [6]uint64) (int64, error) { return 0, errno(ePERM) }

func sysNone(m *machine, p *process, a [6]uint64) (int64, error) { return 0, errno(eNOSYS) }
