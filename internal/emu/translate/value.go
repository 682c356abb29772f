package translate

import "stage0/internal/emu/micro"

// A value is what the emitter knows about the contents of a register or temporary.
// Most values never need an instruction of their own.
type value struct {
	kind valueKind
	n    int    // of the local or global
	c    uint64 // the constant, or the addend
	test *test

	// For a local with c == 0:
	width  uint8 // how many low bytes may be non-zero; 0 if not known
	masked bool  // the result of an "and"
}

// A valueKind is the kind of a value.
type valueKind uint8

const (
	aConstant valueKind = iota
	aLocal              // a local of WebAssembly plus c
	aGlobal             // a global plus c
	aTest               // 1 if a test holds, else 0
)

func constantOf(c uint64) value { return value{kind: aConstant, c: c} }
func localOf(n int) value       { return value{kind: aLocal, n: n} }

func (v value) isConstant() bool { return v.kind == aConstant }

// plain reports whether v is a local with nothing added.
func (v value) plain() bool { return v.kind == aLocal && v.c == 0 }

// base returns v without its addend.
func (v value) base() value { v.c = 0; return v }

// A test compares two words.
type test struct {
	how  comparison
	not  bool
	x, y value
}

// A comparison is the relation that a test checks.
type comparison uint8

const (
	equal comparison = iota
	lessU
	lessS
	lessEqualU
	lessEqualS
)

// The opcodes of comparisons and of their opposites (section 5.4.6).
var (
	compare32 = [...][2]byte{equal: {0x46, 0x47}, lessU: {0x49, 0x4F}, lessS: {0x48, 0x4E}, lessEqualU: {0x4D, 0x4B}, lessEqualS: {0x4C, 0x4A}}
	compare64 = [...][2]byte{equal: {0x51, 0x52}, lessU: {0x54, 0x5A}, lessS: {0x53, 0x59}, lessEqualU: {0x58, 0x56}, lessEqualS: {0x57, 0x55}}
)

// testOf returns the value of a test; opposite returns the opposite of a test.
func testOf(how comparison, x, y value) value {
	return value{kind: aTest, test: &test{how: how, x: x, y: y}}
}

func opposite(v value) value {
	t := *v.test
	t.not = !t.not
	return value{kind: aTest, test: &t}
}

// flags are what the emitter knows about a processor's flags.
type flags struct {
	known     bool // the fields after lost are valid
	published bool // the globals hold them
	lost      bool // neither known nor in the globals
	kind      micro.FlagKind
	size      uint8
	a, b, r   value
}

// A meeting is what is known about a register where paths merge: nothing yet, that it
// always has value v, or that its value varies.
type meeting struct {
	state meetingState
	v     value
}

type meetingState uint8

const (
	unmet meetingState = iota
	always
	varies
)

// state is what is known at a point of the code. A block with one predecessor starts
// with that block's final state.
type state struct {
	regs  [micro.MaxRegs + 32]value
	home  [micro.MaxRegs]value  // contents of the register's own local or global
	low   [micro.MaxRegs]*value // a new value of the register's lowest byte, if not nil
	flags flags

	count   int // instructions executed but not counted
	memory  []stored
	checked []checked
	framed  [micro.StackRegs]bool // wazero knows that the frame is in memory
	image   bool                  // wazero knows that accesses at constant addresses are in memory
	saved   []stored              // where stack registers were saved
}

// stored is a value that is known to be in memory.
type stored struct {
	at   value
	size uint8
	v    value
}

// checked is a check that was made, and the 32-bit local that holds the offset in
// Linear of its first byte.
type checked struct {
	check *check
	local int
}

// A check covers the addresses from base+min to base+max. near is the distance from
// the base, in units of nearness.
type check struct {
	base     value
	near     int64
	min, max int64
	store    bool
}

// A checkPlace identifies a check: its block, the index of its instruction, and how
// many checks that instruction made before. An instruction is in two blocks if
// instructions overlap.
type checkPlace struct {
	b    *block
	i, n int
}

// copy returns a copy of the state that can be changed independently.
func (s *state) copy() state {
	c := *s
	c.memory = c.memory[:len(c.memory):len(c.memory)]
	c.checked = c.checked[:len(c.checked):len(c.checked)]
	c.saved = c.saved[:len(c.saved):len(c.saved)]
	return c
}
