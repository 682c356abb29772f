package tool

import "syscall"

// hostMachine asks the kernel.
func hostMachine() Machine {
	var u syscall.Utsname
	if err := syscall.Uname(&u); err != nil {
		return Machine{}
	}
	return Machine{System: cString(u.Sysname[:]), Name: cString(u.Machine[:])}
}

// cString returns the text before the NUL. Its characters are signed on some
// processors.
func cString[T int8 | uint8](s []T) string {
	var text []byte
	for _, c := range s {
		if c == 0 {
			break
		}
		text = append(text, byte(c))
	}
	return string(text)
}
