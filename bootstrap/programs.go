package bootstrap

import (
	"path"
	"strings"

	"stage0/arch"
)

// A standIn is a program of package tool that stands for the file at a path
// of the tree. In the path, and in the arguments that are put before those of
// the step, {dir} and {arch} are the architecture's directory and its name. A
// path that ends in * is that of any file in a directory; the program is called
// as the file is.
type standIn struct{ path, program, args string }

var standIns = []standIn{
	{"bootstrap-seeds/POSIX/{dir}/hex0-seed", "hex0", "-A {arch}"},
	{"bootstrap-seeds/POSIX/{dir}/kaem-optional-seed", "kaem-0", "-A {arch} --strict"},
	{"{dir}/artifact/hex0", "hex0", "-A {arch}"},
	{"{dir}/artifact/kaem-0", "kaem-0", "-A {arch} --strict"},
	{"{dir}/artifact/hex1", "hex1", "-A {arch}"},
	{"{dir}/artifact/hex2-0", "hex2-0", "-A {arch}"},
	{"{dir}/artifact/catm", "catm-0", "-A {arch}"},
	{"{dir}/artifact/M0", "M0", "-A {arch}"},
	{"{dir}/artifact/cc_{arch}", "cc-0", "-A {arch}"},
	{"{dir}/artifact/M2", "M2-Planet", "--built-by cc --host {arch}"},
	{"{dir}/artifact/blood-elf-0", "blood-elf", ""},
	{"{dir}/artifact/M1-0", "M1", ""},
	{"{dir}/artifact/hex2-1", "hex2", ""},
	{"{dir}/bin/M2-Planet", "M2-Planet", "--built-by m2-planet --host {arch}"},
	{"{dir}/bin/M2-Mesoplanet", "M2-Mesoplanet", "--exec --built-by m2-planet --host {arch}"},
	{"{dir}/bin/*", "", ""},
}

// findStandIn returns what stands for the file at name, a path of the tree, in
// the ladder of a.
func findStandIn(a arch.Arch, name string) (program string, args []string, ok bool) {
	fill := strings.NewReplacer("{dir}", a.Dir, "{arch}", a.Name)
	dir, base := path.Split(name)
	for _, s := range standIns {
		switch pattern := fill.Replace(s.path); pattern {
		case name:
			return s.program, strings.Fields(fill.Replace(s.args)), true
		case dir + "*":
			return base, nil, true
		}
	}
	return "", nil, false
}
