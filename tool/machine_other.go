//go:build !linux

package tool

import "runtime"

// hostMachine goes by what this program was built for.
func hostMachine() Machine {
	m := Machine{System: runtime.GOOS, Name: runtime.GOARCH}
	if name, ok := systemNames[m.System]; ok {
		m.System = name
	}
	if name, ok := processorNames[m.Name]; ok {
		m.Name = name
	}
	return m
}

// What uname calls them, where Go has another name.
var (
	systemNames = map[string]string{
		"darwin":    "Darwin",
		"dragonfly": "DragonFly",
		"freebsd":   "FreeBSD",
		"netbsd":    "NetBSD",
		"openbsd":   "OpenBSD",
		"solaris":   "SunOS",
		"windows":   "Windows_NT",
	}
	processorNames = map[string]string{
		"386":   "i686",
		"amd64": "x86_64",
		"arm":   "armv7l",
		"arm64": "aarch64",
	}
)
