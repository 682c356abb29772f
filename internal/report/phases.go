package report

import (
	"path"
	"strings"

	"stage0/arch"
	"stage0/bootstrap"
)

// A phase is a part of a ladder: those of its files whose paths match one of
// the patterns, as path.Match has them. In these {dir} and {arch} are the
// architecture's directory and its name.
type phase struct {
	Number, Title string
	patterns      []string
}

// phases are those of the ladders of stage0-posix, as its scripts number them,
// and below them those of the sample. A file belongs to the first that it
// matches.
var phases = []phase{
	{"0 to 3", "hex0, kaem-0, hex1, hex2-0, catm, M0", in("{dir}/artifact/", "hex0 kaem-0 hex1 hex2-0 catm M0 M0.hex2")},
	{"4", "the seed compiler, cc_ARCH", in("{dir}/artifact/", "cc_*")},
	{"5 to 11", "M2, blood-elf-0, M1-0, hex2-1, M1, hex2, kaem", append(
		in("{dir}/artifact/", "M2 M2.* M2-0* blood-elf-0 blood-elf-0.* blood-elf-0-* M1-0 M1-macro-?.* M1-macro-?-* hex2-1 hex2_linker-* kaem.* kaem-footer.M1"),
		in("{dir}/bin/", "M1 hex2 kaem")...)},
	{"12 to 15", "M2-Mesoplanet, blood-elf, get_machine, M2-Planet", append(
		in("{dir}/artifact/", "M2-Mesoplanet-1* blood-elf-1* get_machine* M2-1*"),
		in("{dir}/bin/", "M2-Mesoplanet blood-elf get_machine M2-Planet")...)},
	{"16 to 23", "the thirteen of mescc-tools-extra", append(
		in("{dir}/artifact/", "*-00000?"),
		in("{dir}/bin/", "sha256sum match mkdir untar ungz unbz2 unxz catm cp chmod rm replace wrap")...)},
	{"seed", "hello, in hex0, by hex0", in("{dir}/out/", "hello-hex0*")},
	{"mini", "hello, in hex1, hex2 and M1, by hex1, hex2-0, catm and M0", in("{dir}/out/", "hello-hex1 hello-hex2* hello-M0* sigils-hex2-0 sigils-M0*")},
	{"full", "hello, and all else that M1 and hex2 do, by mescc-tools", in("{dir}/out/", "hello-M1* sigils-hex2 sigils-M1* more*")},
	{"debug", "hello, with blood-elf's symbols", in("{dir}/out/", "hello-footer* hello-debug*")},
	{"", "other files", nil},
}

// in returns the patterns of some names in a directory.
func in(dir, names string) []string {
	var all []string
	for _, name := range strings.Fields(names) {
		all = append(all, dir+name)
	}
	return all
}

// phaseOf returns the index in phases of a file of a's ladder.
func phaseOf(a arch.Arch, name string) int {
	fill := strings.NewReplacer("{dir}", a.Dir, "{arch}", a.Name)
	for i, p := range phases {
		for _, pattern := range p.patterns {
			if ok, err := path.Match(fill.Replace(pattern), name); ok && err == nil {
				return i
			}
		}
	}
	return len(phases) - 1
}

// Phase returns which part of a's ladder makes a file: as the scripts number
// it, and what is made there. The number is empty for a file of none of them.
func Phase(a arch.Arch, name string) (number, title string) {
	p := phases[phaseOf(a, name)]
	return p.Number, p.Title
}

// phasesOf returns the phase of each step of a ladder: that of what it makes,
// and for one that makes nothing, that of the next one that does.
func phasesOf(l *bootstrap.Ledger) []int {
	all := make([]int, len(l.Steps))
	next := -1
	for i := len(l.Steps) - 1; i >= 0; i-- {
		if outputs := l.Steps[i].Outputs; len(outputs) > 0 {
			next = phaseOf(l.Arch, outputs[len(outputs)-1].Path)
		}
		all[i] = next
	}
	last := len(phases) - 1
	for i, p := range all { // what comes after all that is made belongs to the last
		if p < 0 {
			all[i] = last
		}
		last = all[i]
	}
	return all
}
