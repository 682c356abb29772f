package tapes

// A step is a row of the ladder.
type step struct {
	name   string // what is made, in roms
	source string // what it is made of
	passes []pass
	typed  bool // the source is typed at the console, and tape_01 is what is made
}

// A pass is a program that makes tape_02 of tape_01. The next one has that for
// its tape_01.
type pass struct {
	program string // the seed, or what has been made
	memory  int    // bytes, as upstream's makefile has them
}

// Files of upstream's repository, and of its submodule seed.
const (
	seed      = "seed/NATIVE/knight/hex0-seed"
	defs      = "High_level_prototypes/defs" // what every source in assembly language begins with
	checksums = "test/SHA256SUMS"
)

const k = 1024

// ladder has the steps of upstream's makefile, from target ALL-ROMS, and the one
// that "bootstrapping Steps.org" has by hand: to type the first assembler's
// source into the monitor.
var ladder = []step{
	hexed("stage0_monitor", "stage0/stage0_monitor.hex0", seed, 16*k),
	typed("stage1_assembler-0", "stage1/stage1_assembler-0.hex0", "stage0_monitor", 16*k),
	hexed("stage1_assembler-0", "stage1/stage1_assembler-0.hex0", seed, 16*k),
	hexed("DEHEX", "stage1/dehex.hex0", "stage1_assembler-0", 16*k),
	hexed("stage1_assembler-1", "stage1/stage1_assembler-1.hex0", "stage1_assembler-0", 16*k),
	hexed("stage1_assembler-2", "stage1/stage1_assembler-2.hex1", "stage1_assembler-1", 16*k),
	hexed("SET", "stage1/SET.hex2", "stage1_assembler-2", 16*k),
	hexed("M0", "stage1/M0-macro.hex2", "stage1_assembler-2", 48*k),
	assembled("CAT", "stage1/CAT.s", "M0", 48*k, 48*k),
	assembled("M0-compact", "stage1/M0-macro-compact.s", "M0", 64*k, 5*k),
	assembled("lisp", "stage2/lisp.s", "M0-compact", 9*k, 48*k),
	assembled("cc_x86", "stage2/cc_x86.s", "M0-compact", 9*k, 32*k),
	assembled("cc_aarch64", "stage2/cc_aarch64.s", "M0-compact", 9*k, 32*k),
	assembled("cc_amd64", "stage2/cc_amd64.s", "M0-compact", 9*k, 32*k),
	assembled("cc_armv7l", "stage2/cc_armv7l.s", "M0-compact", 9*k, 32*k),
	assembled("cc_knight-posix", "stage2/cc_knight-posix.s", "M0-compact", 9*k, 32*k),
	assembled("cc_knight-native", "stage2/cc_knight-native.s", "M0-compact", 9*k, 32*k),
	assembled("forth", "stage2/forth.s", "M0-compact", 9*k, 12*k),
}

// hexed is a step of one pass, by a hex assembler.
func hexed(name, source, assembler string, memory int) step {
	return step{name: name, source: source, passes: []pass{{assembler, memory}}}
}

// typed is a step by hand.
func typed(name, source, monitor string, memory int) step {
	return step{name: name, source: source, passes: []pass{{monitor, memory}}, typed: true}
}

// assembled is a step of two passes: by a macro assembler, and by the last of the
// hex assemblers.
func assembled(name, source, assembler string, memory, linking int) step {
	return step{name: name, source: source, passes: []pass{{assembler, memory}, {"stage1_assembler-2", linking}}}
}

// made are the digests of what upstream's own virtual machine, built by GCC, makes
// from commit eaae434 of May 2025, where its checksum does not say: there is none,
// or, for cc_x86, it is that of a source of 2020 that has been changed since.
var made = map[string]string{
	"cc_x86":           "20bb83238f4692f6062e5b47530fdbd1f60dcf94f9d62b724176941931127a9f",
	"cc_aarch64":       "d7c6715496e1dc3a55e5006f1834e7897e356cdaa9cf43dbd3707d471185854e",
	"cc_amd64":         "0ceacc6d0829b0e4e7db456ebd269fdf63ff47ea55c25bac7bebaea1f136a8a5",
	"cc_armv7l":        "54d95e423b3e9124bddf79ad59f9a9bdc15e7d0b65ebce3c27ad4ab92000b974",
	"cc_knight-posix":  "6d7e411eb9495a25d47075ac32fa8df0580e9ab81f2a542fbd8314107a7dbb2c",
	"cc_knight-native": "64af648f37a4859035513f81fb56c68f26bfd4c67c37fabf7523c0cf047b7492",
}
