package trace

import (
	"fmt"
	"strconv"
	"strings"

	"stage0/arch"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// A kind is the kind of a system call's argument, and determines how it is printed.
type kind byte

const (
	signed   kind = 'd'
	unsigned kind = 'u'
	hex      kind = 'x' // pointers and bits
	octal    kind = 'o' // permissions
	flags    kind = 'F' // of open
	at       kind = 'a' // a directory's descriptor, or AT_FDCWD
	name     kind = 's' // pointer to a string
	vector   kind = 'v' // pointer to an array of pointers to strings
	buffer   kind = 'b' // pointer to a buffer whose size is the next argument
)

// parameters are the kinds of the arguments of Linux's system calls, by name. Other
// calls are printed with all six arguments.
var parameters = map[string]string{
	"access": "so", "brk": "x", "chdir": "s", "chmod": "so", "chroot": "s",
	"clone": "xx", "close": "d", "dup": "d", "execve": "svv", "exit": "d",
	"faccessat": "aso", "fchdir": "d", "fchmod": "do", "fchmodat": "aso",
	"fork": "", "getcwd": "xu", "getegid": "", "geteuid": "", "ioctl": "dxx",
	"llseek": "duuxd", "lseek": "ddd", "mkdir": "so", "mkdirat": "aso",
	"mknod": "soo", "mount": "sssxx", "olduname": "x", "open": "sFo",
	"openat": "asFo", "read": "dxu", "symlink": "ss", "umask": "o",
	"uname": "x", "unlink": "s", "unlinkat": "asx", "unshare": "x",
	"wait4": "dxxx", "waitid": "ddxxx", "write": "dbu",
}

// CallText formats a system call and its result. The event must be of kind
// emu.CallEnd.
func CallText(e emu.Event) string { return callText(e) + " = " + result(e) }

// callText formats a system call, without its result.
func callText(e emu.Event) string {
	kinds, ok := parameters[e.Call]
	if !ok {
		kinds = "xxxxxx"
	}
	var args []string
	for i, k := range []byte(kinds) {
		args = append(args, argument(e, kind(k), i))
	}
	return e.Call + "(" + strings.Join(args, ", ") + ")"
}

func argument(e emu.Event, k kind, i int) string {
	const atCWD = -100
	v := e.Args[i]
	switch k {
	case signed:
		return strconv.Itoa(int(int32(v)))
	case unsigned:
		return strconv.FormatUint(v, 10)
	case octal:
		return fmt.Sprintf("%#o", v)
	case flags:
		return openFlags(v)
	case at:
		if int32(v) == atCWD {
			return "AT_FDCWD"
		}
		return strconv.Itoa(int(int32(v)))
	case name:
		return text(e.Memory, v)
	case vector:
		return texts(e, v)
	case buffer:
		n := min(e.Args[i+1], maxText)
		if b := e.Memory.Bytes(v, int(n), cpu.Read); b != nil {
			return quoted(b, n < e.Args[i+1])
		}
	}
	return fmt.Sprintf("%#x", v)
}

const (
	maxText  = 32 // bytes of a string that are printed
	maxTexts = 8  // strings of a vector that are printed
)

// quoted formats a string; more means that it is truncated.
func quoted(b []byte, more bool) string {
	s := strconv.QuoteToASCII(string(b))
	if more {
		s += "..."
	}
	return s
}

// text formats the string at a.
func text(mem *cpu.Memory, a uint64) string {
	var b []byte
	for len(b) <= 4*maxText { // print file names in full
		c, ok := mem.Load(a+uint64(len(b)), 1)
		switch {
		case !ok:
			return fmt.Sprintf("%#x", a)
		case c == 0:
			return quoted(b, false)
		}
		b = append(b, byte(c))
	}
	return quoted(b, true)
}

// texts formats the strings of the array of pointers at a.
func texts(e emu.Event, a uint64) string {
	var list []string
	for on, _ := arch.Lookup(e.Arch); a != 0; a += uint64(on.WordSize) {
		p, ok := e.Memory.Load(a, on.WordSize)
		switch {
		case !ok:
			return fmt.Sprintf("%#x", a)
		case p == 0:
			return "[" + strings.Join(list, ", ") + "]"
		case len(list) == maxTexts:
			return "[" + strings.Join(list, ", ") + "...]"
		}
		list = append(list, text(e.Memory, p))
	}
	return "0"
}

// openFlags formats the second argument of open.
func openFlags(v uint64) string {
	names := []string{[]string{"O_RDONLY", "O_WRONLY", "O_RDWR", "3"}[v&3]}
	rest := v &^ 3
	for _, f := range []struct {
		bit  uint64
		name string
	}{{0o100, "O_CREAT"}, {0o200, "O_EXCL"}, {0o1000, "O_TRUNC"}, {0o2000, "O_APPEND"}} {
		if rest&f.bit != 0 {
			names = append(names, f.name)
			rest &^= f.bit
		}
	}
	if rest != 0 {
		names = append(names, fmt.Sprintf("%#o", rest))
	}
	return strings.Join(names, "|")
}

// result formats the result of a system call.
func result(e emu.Event) string {
	if name := emu.ErrorName(e.Result); name != "" {
		return fmt.Sprintf("%d (%s)", e.Result, name)
	}
	if e.Call == "brk" {
		return fmt.Sprintf("%#x", e.Result)
	}
	return strconv.FormatInt(e.Result, 10)
}
