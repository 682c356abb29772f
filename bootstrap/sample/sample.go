// Package sample is a ladder of the project's own: something to replay where
// there is no stage0-posix tree, and something to read first.
//
// # The tree
//
// It is laid out as stage0-posix is, so that the same code replays both. DIR is
// x86, AMD64, AArch64, riscv32 or riscv64:
//
//	kaem.ARCH                   the script that starts a ladder
//	DIR/seed.kaem mini.kaem     what it runs with kaem-optional-seed and kaem-0
//	DIR/full.kaem debug.kaem    what it runs with the full kaem
//	DIR/hello.hex0 .hex1 .hex2 .M1    one program in four languages
//	DIR/ELF.hex2 defs.M1        what hello.hex2 and hello.M1 need before them
//	DIR/ELF-debug.hex2          ELF.hex2, with room for what blood-elf makes
//	DIR/sigils.hex2 sigils.M1 more.M1    what else these languages have
//	DIR/out                     where the scripts put what they make
//
// The four spellings of the program give the same bytes. It prints a greeting
// and exits with the number of bytes printed, 42. A newcomer starts with
// x86/hello.hex0, which explains every byte of it.
//
// The scripts use stage0-posix's programs, under their names:
// ./bootstrap-seeds/POSIX/DIR/hex0-seed and kaem-optional-seed; hex0, kaem-0,
// hex1, hex2-0, catm and M0 in ./DIR/artifact; M1, hex2, blood-elf, kaem and
// catm in ./DIR/bin. These are not in the tree: whoever runs it has them. In a
// replay, programs of package tool do what they do (see Programs).
//
// # The digests
//
// known/ARCH.sha256 has what upstream's programs make of the tree: those of
// stage0-posix 1.9.1, as its own ladders build them, x86 and amd64 on the
// processor and the others under qemu-user. To record them again,
//
//	STAGE0_POSIX=DIR go test ./bootstrap/sample -run TestUpstream -update
//
// where DIR is a stage0-posix tree in which the ladders have been run. The test
// copies the tree and the programs to a temporary directory, runs
// ./bootstrap-seeds/POSIX/DIR/kaem-optional-seed kaem.ARCH there, and takes the
// digest of every file that is new.
package sample

import (
	"embed"
	"io/fs"

	"stage0/arch"
	"stage0/bootstrap"
)

//go:embed tree known
var files embed.FS

// Tree returns the ladders' files.
func Tree() fs.FS { return sub("tree") }

// Known returns the files ARCH.sha256, with a line for each file that the
// ladder of that architecture makes: its SHA-256 in hex, two spaces, its path.
func Known() fs.FS { return sub("known") }

// Programs returns the programs of package tool that do what upstream's do, by
// the path at which the scripts run these, for bootstrap.Options.ByPath.
func Programs() map[string]bootstrap.Program {
	all := map[string]bootstrap.Program{}
	for _, a := range arch.Ladders() {
		seeds, artifact := "bootstrap-seeds/POSIX/"+a.Dir+"/", a.Dir+"/artifact/"
		for path, name := range map[string]string{
			seeds + "hex0-seed":          "hex0",
			seeds + "kaem-optional-seed": "kaem-0",
			artifact + "hex0":            "hex0",
			artifact + "kaem-0":          "kaem-0",
			artifact + "hex1":            "hex1",
			artifact + "hex2-0":          "hex2-0",
			artifact + "catm":            "catm-0",
			artifact + "M0":              "M0",
		} {
			all[path] = bootstrap.Program{Name: name, Args: []string{"-A", a.Name}}
		}
		all[a.Dir+"/bin/*"] = bootstrap.Program{}
	}
	return all
}

func sub(dir string) fs.FS {
	tree, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // dir is not a valid path
	}
	return tree
}
