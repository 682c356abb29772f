package prove

import (
	"encoding/binary"
	"fmt"
	"strings"

	"stage0/internal/emu/cpu"
)

// A call is a system call, with what its arguments point to.
type call struct {
	number uint64
	name   string // open, read, write, exit, or another name of Linux; empty if it is unknown
	fd     int32  // of read and write
	path   string // of open
	other  bool   // of open: the path is not an argument, but a text elsewhere
	bad    bool   // the path, or the data, is not in readable memory
	flags  uint64 // of open
	mode   uint64 // of open
	addr   uint64 // of read
	count  uint64 // of read and write
	data   []byte // of write
	status int32  // of exit
	from   uint64 // of open and write: the address of the path or the data
	size   int    // of what is there and was loaded, in bytes
}

// Flags of open that the seeds use, and their names. They are the same on all
// processors of the ladders.
const (
	readOnly  = 0
	writeOnly = 0o1
	create    = 0o100
	truncate  = 0o1000
)

// longestPath is how long a path that is opened may be, and longestWrite how much
// may be written in a call, in bytes.
const (
	longestPath  = 64
	longestWrite = 64
)

// call returns the system call that the program has stopped for.
func (m *machine) call() call {
	name, args := m.Syscall()
	if name == "openat" && int32(args[0]) == atFDCWD {
		name = "open"
		copy(args[:], args[1:])
	}
	number, _ := m.CPU.Syscall()
	c := call{number: number, name: name}
	switch name {
	case "open":
		c.from = args[0]
		c.path, c.size, c.bad = m.text(args[0])
		c.flags, c.mode = args[1]&0xFFFFFFFF, args[2]&0xFFFFFFFF
	case "read":
		c.fd, c.addr, c.count = int32(args[0]), args[1], args[2]
		c.bad = m.Memory.Bytes(c.addr, 1, cpu.Write) == nil
	case "write":
		c.fd, c.count = int32(args[0]), args[2]
		if c.bad = c.count > longestWrite || m.Memory.Bytes(args[1], int(c.count), cpu.Read) == nil; !c.bad {
			m.load(args[1], int(c.count))
			c.from, c.size = args[1], int(c.count)
			c.data = append([]byte{}, m.Memory.Bytes(args[1], int(c.count), cpu.Read)...)
		}
	case "exit":
		c.status = int32(args[0] & 0xFF)
	}
	c.other = name == "open" && !m.isName(args[0])
	for i := range c.data { // what is written is looked at
		m.bytes[m.index(args[1])+i].own = true
	}
	return c
}

// known reports whether worlds answer the call.
func (c *call) known() bool {
	return c.name == "open" || c.name == "read" || c.name == "write" || c.name == "" && c.number > highest
}

// highest is above the number of every system call of Linux.
const highest = 0xFFFF

// append appends the call to key.
func (c *call) append(key []byte) []byte {
	key = append(append(append(key, c.name...), 0), c.path...)
	for _, v := range [...]uint64{c.number, uint64(c.fd), c.flags, c.mode, c.addr, c.count} {
		key = binary.LittleEndian.AppendUint64(key, v)
	}
	return append(appendBits(key, []bool{c.bad}), c.data...)
}

// atFDCWD stands for the working directory in openat.
const atFDCWD = -100

// text returns the zero-terminated text at an address, and how many bytes it loads to find
// it.
func (m *machine) text(addr uint64) (text string, size int, bad bool) {
	var b strings.Builder
	for size < longestPath {
		c := m.Memory.Bytes(addr, 1, cpu.Read)
		if c == nil {
			return "", size, true
		}
		m.load(addr, 1)
		size++
		if c[0] == 0 {
			return b.String(), size, false
		}
		b.WriteByte(c[0])
		addr++
	}
	return "", size, true
}

// String returns the call as strace shows it, without addresses.
func (c call) String() string {
	switch {
	case c.name == "":
		return fmt.Sprintf("system call %#x", c.number)
	case c.bad:
		return c.name + "(a bad address)"
	case c.other:
		return fmt.Sprintf("open(a text %q that is not an argument)", c.path)
	}
	switch c.name {
	case "open":
		if c.flags&create == 0 {
			return fmt.Sprintf("open(%q, %s)", c.path, flagNames(c.flags))
		}
		return fmt.Sprintf("open(%q, %s, %#o)", c.path, flagNames(c.flags), c.mode)
	case "read":
		return fmt.Sprintf("read(%d, %d bytes)", c.fd, c.count)
	case "write":
		return fmt.Sprintf("write(%d, % x)", c.fd, c.data)
	case "exit":
		return fmt.Sprintf("exit(%d)", c.status)
	}
	return c.name
}

// flagNames returns flags of open by their names.
func flagNames(flags uint64) string {
	names := []string{[...]string{"O_RDONLY", "O_WRONLY", "O_RDWR", "3"}[flags&3]}
	flags &^= 3
	for _, f := range []struct {
		bit  uint64
		name string
	}{{create, "O_CREAT"}, {truncate, "O_TRUNC"}} {
		if flags&f.bit != 0 {
			names = append(names, f.name)
			flags &^= f.bit
		}
	}
	if flags != 0 {
		names = append(names, fmt.Sprintf("%#o", flags))
	}
	return strings.Join(names, "|")
}
