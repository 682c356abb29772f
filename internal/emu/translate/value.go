package translate

import "stage0/internal/emu/micro"

// A value is what a register or temporary holds, as far as it is known while
// code is made: most never need an instruction of their own.
type value struct {
	kind valueKind
	n    int    // of the local or global
	c    uint64 // the constant, or what is added
	test *test

	// Of a local, to which nothing is added:
	width  uint8 // how many low bytes may be other than zero; 0 if that is not known
	masked bool  // it holds the result of an "and"
}

// A valueKind says what a value is.
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

// plain reports whether v is a local, and nothing added to it.
func (v value) plain() bool { return v.kind == aLocal && v.c == 0 }

// base returns v without what is added.
func (v value) base() value { v.c = 0; return v }

// A test compares two words.
type test struct {
	how  comparison
	not  bool
	x, y value
}

// A comparison says what a test looks for.
type comparison uint8

const (
	equal comparison = iota
	lessU
	lessS
	lessEqualU
	lessEqualS
)

// The opcodes of comparisons: if they hold, and if they do not (section 5.4.6).
var (
	compare32 = [...][2]byte{equal: {0x46, 0x47}, lessU: {0x49, 0x4F}, lessS: {0x48, 0x4E}, lessEqualU: {0x4D, 0x4B}, lessEqualS: {0x4C, 0x4A}}
	compare64 = [...][2]byte{equal: {0x51, 0x52}, lessU: {0x54, 0x5A}, lessS: {0x53, 0x59}, lessEqualU: {0x58, 0x56}, lessEqualS: {0x57, 0x55}}
)

// testOf returns the value of a test; opposite that of its opposite.
func testOf(how comparison, x, y value) value {
	return value{kind: aTest, test: &test{how: how, x: x, y: y}}
}

func opposite(v value) value {
	t := *v.test
	t.not = !t.not
	return value{kind: aTest, test: &t}
}

// flags are what is known of a processor's flags.
type flags struct {
	known     bool // the rest says what they are
	published bool // they are in the globals
	lost      bool // they are not known, and not in the globals
	kind      micro.FlagKind
	size      uint8
	a, b, r   value
}

// A meeting is what is known of a register where blocks meet: nothing yet, that
// it is always the same value, or that it is not.
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

// state is what is known at a point of the code. A block that only one leads to
// begins with the state at that one's end.
type state struct {
	regs  [micro.MaxRegs + 32]value
	home  [micro.MaxRegs]value  // what is in the register's own local or global
	low   [micro.MaxRegs]*value // the register's lowest byte, if it is another one
	flags flags

	count   int // instructions that have been executed and not been counted
	memory  []stored
	checked []checked
	framed  [micro.StackRegs]bool // frames that wazero knows to be in memory
	image   bool                  // it knows that what is accessed at constant addresses is
	saved   []stored              // what FP was when it was stored
}

// stored is a value that is known to be in memory.
type stored struct {
	at   value
	size uint8
	v    value
}

// checked is a check that has been made, and the local of 32 bits that has the
// offset in Linear of its first byte.
type checked struct {
	check *check
	local int
}

// A check is of the addresses from base+min up to base+max. near is the distance
// that is added to the base, in units of nearness.
type check struct {
	base     value
	near     int64
	min, max int64
	store    bool
}

// A checkPlace is where a check is made: in which block, at which of its
// instructions, and how many that one has made before. An instruction may be in two
// blocks, if instructions overlap.
type checkPlace struct {
	b    *block
	i, n int
}

// copy returns a state that can be changed by itself.
func (s *state) copy() state {
	c := *s
	c.memory = c.memory[:len(c.memory):len(c.memory)]
	c.checked = c.checked[:len(c.checked):len(c.checked)]
	c.saved = c.saved[:len(c.saved):len(c.saved)]
	return c
}
