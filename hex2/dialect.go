package hex2

import "stage0/arch"

// A dialect describes one program for one architecture. All differences between
// programs and architectures are data here.
type dialect struct {
	mode Mode
	arch string

	maxName int // length of the longest name in bytes; measured for the seeds

	sigils []sigil  // prefixes of a label's name
	plain  relation // how a distance to a label is computed
	hatted relation // the same after '^'
	caret  caret    // how long '^' stays in effect
	align  uint32   // '<' pads to a multiple of this many bytes; 0 if there is no '<'
	words  bool     // the format has words, such as .93000000

	// The rest is for the seeds. The zero value is what mescc-tools' hex2 does.
	base           uint32 // address of the first byte; mescc-tools uses Options.Base
	oneChar        bool   // a label's name is the one character that follows, whatever it is
	names          names  // the one-character names that there is room for
	undefinedZero  bool   // an undefined label has address 0
	unchecked      bool   // a value that does not fit loses its high bits
	basedAbsolute  bool   // an address with a base is also a distance
	earlyCount     bool   // when labels are computed, a byte counts from its first digit
	addHigh        bool   // the high digit of a byte is added to a field, not XORed
	wideFields     bool   // fields are 64 bits wide; a U field rounded up to a negative value fills them
	commentToLF    bool   // CR does not end a comment
	commentMustEnd bool   // a text must not end in a comment
	nameMustEnd    bool   // a text must not end in a name
	dropsWord      bool   // a word cut off by the end of the text is dropped
	endByte        byte   // ends the text, except in a comment; 0 if no byte does
}

// caret says how long a '^' stays in effect.
type caret int

const (
	noCaret   caret = iota // there is no '^'
	idle                   // '^' is accepted but has no effect
	untilUsed              // until the next pointer without a base
	oneByte                // for a pointer right after it, with or without a base; another '^' cancels it
)

// names is a set of one-character names.
type names int

const (
	allNames   names = iota
	notNUL           // the slot for NUL's address would overlap the seed's buffer
	asciiNames       // slots for names from 0x80 on would overlap the seed's code
)

// A sigil is the character before a label's name that says how the label's
// address is used.
type sigil struct {
	char     byte
	size     uint32 // bytes of output; 0 if it sets a field of what follows
	absolute bool   // the address itself, not the distance to it
	field    *field // if size is 0
}

var (
	pointers = []sigil{
		{char: '!', size: 1},
		{char: '@', size: 2},
		{char: '$', size: 2, absolute: true},
		{char: '~', size: 3},
		{char: '%', size: 4},
		{char: '&', size: 4, absolute: true},
	}
	riscvPointers = []sigil{
		{char: '%', size: 4},
		{char: '&', size: 4, absolute: true},
		{char: '!', field: &fieldI},
		{char: '@', field: &fieldB},
		{char: '$', field: &fieldJ},
		{char: '~', field: &fieldU},
	}

	// The seeds have fewer sigils.
	x86SeedPointers = []sigil{
		{char: '!', size: 1},
		{char: '@', size: 2},
		{char: '$', size: 2, absolute: true},
		{char: '%', size: 4},
		{char: '&', size: 4, absolute: true},
	}
	x86Hex1Pointers = []sigil{
		{char: '%', size: 4},
	}
	aarch64Hex1Pointers = []sigil{
		{char: '$', size: 2, absolute: true},
		{char: '~', size: 3},
		{char: '&', size: 4, absolute: true},
	}
	riscvHex1Pointers = []sigil{
		{char: '!', field: &fieldI},
		{char: '@', field: &fieldB},
		{char: '$', field: &fieldJ},
		{char: '~', field: &fieldU},
	}
)

// A relation defines the distance from base to target: ((target - base) >>
// shift + add) | or. The zero relation is target - base.
type relation struct {
	fromStart bool   // base is the address of the pointer, not of what follows it
	fromWord  bool   // base is the start of the 4-byte word that it is in
	aligned   bool   // target must be a multiple of 4
	shift     uint8  // arithmetic
	add       int32  // after the shift
	or        uint32 // after add
}

var (
	fromStart     = relation{fromStart: true}
	seedBranch    = relation{fromStart: true, shift: 2}
	armPlain      = relation{fromWord: true, add: -8}
	armBranch     = relation{fromWord: true, aligned: true, shift: 2, add: -2}
	aarch64Branch = relation{fromWord: true, shift: 2}
	ppcPlain      = relation{fromWord: true}
	ppcLink       = relation{fromWord: true, or: 1}
)

// apply returns the distance from base to target.
func (r relation) apply(target, base uint32) int32 {
	return (int32(target-base)>>r.shift + r.add) | int32(r.or)
}

// A field is a RISC-V immediate.
type field struct {
	name   string
	bits   uint32 // size of the value, which is signed and must be even; 0 means no check
	round  uint32 // added before it is encoded
	format arch.Format
}

var (
	// The instruction with the I field comes 4 bytes after the one with the
	// matching U field, from which the distance counts.
	fieldI = field{name: "I", round: 4, format: arch.FormatI}
	fieldB = field{name: "B", bits: 13, format: arch.FormatB}
	fieldJ = field{name: "J", bits: 21, format: arch.FormatJ}
	fieldU = field{name: "U", round: 0x800, format: arch.FormatU}
)

// encode returns the bits of an instruction word that hold value.
func (f *field) encode(value int32) uint32 { return f.format.Encode(uint32(value) + f.round) }

// dialects has a row for each program and architecture.
var dialects = []dialect{
	{mode: Hex2, arch: "knight-native", maxName: 4095, sigils: pointers, align: 1},
	{mode: Hex2, arch: "knight-posix", maxName: 4095, sigils: pointers, align: 1},
	{mode: Hex2, arch: "x86", maxName: 4095, sigils: pointers, align: 1},
	{mode: Hex2, arch: "amd64", maxName: 4095, sigils: pointers, align: 1},
	{mode: Hex2, arch: "ppc64le", maxName: 4095, sigils: pointers, align: 1, caret: untilUsed, plain: ppcPlain, hatted: ppcLink},
	{mode: Hex2, arch: "armv7l", maxName: 4095, sigils: pointers, align: 4, caret: untilUsed, plain: armPlain, hatted: armBranch},
	{mode: Hex2, arch: "aarch64", maxName: 4095, sigils: pointers, align: 4, caret: untilUsed, plain: armPlain, hatted: aarch64Branch},
	{mode: Hex2, arch: "riscv32", maxName: 4095, sigils: riscvPointers, align: 4, words: true},
	{mode: Hex2, arch: "riscv64", maxName: 4095, sigils: riscvPointers, align: 4, words: true},

	{
		mode: SeedHex1, arch: "x86", maxName: 1, sigils: x86Hex1Pointers,
		oneChar: true, names: notNUL, undefinedZero: true, unchecked: true,
		earlyCount: true, commentMustEnd: true, nameMustEnd: true,
	},
	{
		mode: SeedHex1, arch: "amd64", maxName: 1, sigils: x86Hex1Pointers,
		oneChar: true, names: notNUL, undefinedZero: true, unchecked: true,
		earlyCount: true, commentMustEnd: true, nameMustEnd: true, endByte: 0xFC,
	},
	{
		mode: SeedHex1, arch: "aarch64", maxName: 1, sigils: aarch64Hex1Pointers, caret: idle, plain: seedBranch,
		base: 0x600000, oneChar: true, names: notNUL, undefinedZero: true, unchecked: true,
		earlyCount: true, commentToLF: true, commentMustEnd: true, nameMustEnd: true,
	},
	{
		mode: SeedHex1, arch: "riscv32", maxName: 1, sigils: riscvHex1Pointers,
		oneChar: true, names: asciiNames, undefinedZero: true, unchecked: true,
		addHigh: true, commentMustEnd: true, nameMustEnd: true, endByte: 0xFC,
	},
	{
		mode: SeedHex1, arch: "riscv64", maxName: 1, sigils: riscvHex1Pointers,
		oneChar: true, names: asciiNames, undefinedZero: true, unchecked: true,
		addHigh: true, wideFields: true, commentMustEnd: true, nameMustEnd: true, endByte: 0xFC,
	},

	{
		mode: SeedHex2, arch: "x86", maxName: 6787, sigils: x86SeedPointers,
		base: 0x08048000, unchecked: true,
		earlyCount: true, commentMustEnd: true, nameMustEnd: true,
	},
	{
		mode: SeedHex2, arch: "amd64", maxName: 2050, sigils: x86SeedPointers,
		base: 0x600000, unchecked: true,
		earlyCount: true, commentMustEnd: true, nameMustEnd: true,
	},
	{
		mode: SeedHex2, arch: "aarch64", maxName: 2427, sigils: pointers, caret: oneByte, plain: fromStart, hatted: seedBranch,
		base: 0x600000, unchecked: true,
		earlyCount: true, commentMustEnd: true, endByte: 0xFC,
	},
	{
		mode: SeedHex2, arch: "riscv32", maxName: 2102, sigils: riscvPointers, align: 4, words: true,
		base: 0x600000, unchecked: true, basedAbsolute: true,
		addHigh: true, commentMustEnd: true, nameMustEnd: true, dropsWord: true,
	},
	{
		mode: SeedHex2, arch: "riscv64", maxName: 2074, sigils: riscvPointers, align: 4, words: true,
		base: 0x600000, unchecked: true, basedAbsolute: true,
		addHigh: true, commentMustEnd: true, nameMustEnd: true, dropsWord: true,
	},
}
