// Package registry has all programs by their names: those of a ladder's steps,
// and those that the command stage0 can be called by.
//
// It imports all tools. A command that is one tool imports that one alone.
package registry

import (
	"slices"

	"stage0/tool"
	"stage0/tool/bloodelf"
	"stage0/tool/ccseed"
	"stage0/tool/extra"
	"stage0/tool/getmachine"
	"stage0/tool/hex0"
	"stage0/tool/hex2"
	"stage0/tool/kaem"
	"stage0/tool/m1"
	"stage0/tool/m2planet"
	"stage0/tool/mesoplanet"
	"stage0/tool/unpack"
)

var programs = []tool.Program{
	{Name: "blood-elf", Run: bloodelf.Run},
	{Name: "catm", Run: extra.RunCatm},
	{Name: "catm-0", Run: extra.RunCatm0},
	{Name: "cc-0", Run: ccseed.Run},
	{Name: "chmod", Run: extra.RunChmod},
	{Name: "cp", Run: extra.RunCp},
	{Name: "get_machine", Run: getmachine.Run},
	{Name: "hex0", Run: hex0.Run},
	{Name: "hex1", Run: hex2.RunHex1},
	{Name: "hex2", Run: hex2.RunHex2},
	{Name: "hex2-0", Run: hex2.RunHex2Seed},
	{Name: "kaem", Run: kaem.RunKaem},
	{Name: "kaem-0", Run: kaem.RunKaem0},
	{Name: "M0", Run: m1.RunM0},
	{Name: "M1", Run: m1.RunM1},
	{Name: "M2-Mesoplanet", Run: mesoplanet.Run},
	{Name: "M2-Planet", Run: m2planet.Run},
	{Name: "match", Run: extra.RunMatch},
	{Name: "mkdir", Run: extra.RunMkdir},
	{Name: "replace", Run: extra.RunReplace},
	{Name: "rm", Run: extra.RunRm},
	{Name: "sha256sum", Run: extra.RunSHA256Sum},
	{Name: "sha3sum", Run: extra.RunSHA3Sum},
	{Name: "unbz2", Run: unpack.RunUnbz2},
	{Name: "ungz", Run: unpack.RunUngz},
	{Name: "untar", Run: unpack.RunUntar},
	{Name: "unxz", Run: unpack.RunUnxz},
	{Name: "wrap", Run: extra.RunWrap},
}

// Programs returns all programs, in the order of their names.
func Programs() []tool.Program { return slices.Clone(programs) }

// Lookup returns the program called name.
func Lookup(name string) (tool.Program, bool) {
	for _, p := range programs {
		if p.Name == name {
			return p, true
		}
	}
	return tool.Program{}, false
}
