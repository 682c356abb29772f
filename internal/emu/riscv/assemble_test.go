package riscv_test

import (
	"encoding/binary"
	"math/rand/v2"
)

// Registers, by their ABI names.
const (
	zero, ra, sp, gp, tp, t0, t1, t2, fp, s1 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
	a0, a1, a2, a7, s2, t3, t4               = 10, 11, 12, 17, 18, 28, 29
)

// An instruction is a row of the manual's "RV32/64G Instruction Set Listings",
// written a second time for the tests. Rows with only64 are not in RV32. shift is the
// number of bits of the shift amount of a shift by a constant, on RV64.
type instruction struct {
	name   string
	bits   uint32
	only64 bool
	shift  int
}

// Instructions with two register operands.
var registerOps = []instruction{
	{"add", 0x33, false, 0}, {"sub", 0x40000033, false, 0}, {"sll", 0x1033, false, 0},
	{"slt", 0x2033, false, 0}, {"sltu", 0x3033, false, 0}, {"xor", 0x4033, false, 0},
	{"srl", 0x5033, false, 0}, {"sra", 0x40005033, false, 0}, {"or", 0x6033, false, 0},
	{"and", 0x7033, false, 0}, {"mul", 0x2000033, false, 0}, {"mulh", 0x2001033, false, 0},
	{"mulhsu", 0x2002033, false, 0}, {"mulhu", 0x2003033, false, 0}, {"div", 0x2004033, false, 0},
	{"divu", 0x2005033, false, 0}, {"rem", 0x2006033, false, 0}, {"remu", 0x2007033, false, 0},
	{"addw", 0x3B, true, 0}, {"subw", 0x4000003B, true, 0}, {"sllw", 0x103B, true, 0},
	{"srlw", 0x503B, true, 0}, {"sraw", 0x4000503B, true, 0}, {"mulw", 0x200003B, true, 0},
	{"divw", 0x200403B, true, 0}, {"divuw", 0x200503B, true, 0}, {"remw", 0x200603B, true, 0},
	{"remuw", 0x200703B, true, 0},
}

// Instructions with a register and a constant operand.
var constantOps = []instruction{
	{"addi", 0x13, false, 0}, {"slti", 0x2013, false, 0}, {"sltiu", 0x3013, false, 0},
	{"xori", 0x4013, false, 0}, {"ori", 0x6013, false, 0}, {"andi", 0x7013, false, 0},
	{"slli", 0x1013, false, 6}, {"srli", 0x5013, false, 6}, {"srai", 0x40005013, false, 6},
	{"addiw", 0x1B, true, 0}, {"slliw", 0x101B, true, 5}, {"srliw", 0x501B, true, 5}, {"sraiw", 0x4000501B, true, 5},
}

var branches = []instruction{
	{"beq", 0x63, false, 0}, {"bne", 0x1063, false, 0}, {"blt", 0x4063, false, 0},
	{"bge", 0x5063, false, 0}, {"bltu", 0x6063, false, 0}, {"bgeu", 0x7063, false, 0},
}

var loads = []instruction{
	{"lb", 0x3, false, 0}, {"lh", 0x1003, false, 0}, {"lw", 0x2003, false, 0}, {"ld", 0x3003, true, 0},
	{"lbu", 0x4003, false, 0}, {"lhu", 0x5003, false, 0}, {"lwu", 0x6003, true, 0},
}

var stores = []instruction{
	{"sb", 0x23, false, 0}, {"sh", 0x1023, false, 0}, {"sw", 0x2023, false, 0}, {"sd", 0x3023, true, 0},
}

// An assembler collects machine code for a processor whose registers have the given
// number of bits.
type assembler struct {
	bits int
	code []uint32
}

func (a *assembler) emit(w uint32) { a.code = append(a.code, w) }

func (a *assembler) bytes() []byte {
	var b []byte
	for _, w := range a.code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// word is the size of a register in bytes.
func (a *assembler) word() int { return a.bits / 8 }

func (a *assembler) r(bits uint32, rd, rs1, rs2 int) {
	a.emit(bits | uint32(rd<<7|rs1<<15|rs2<<20))
}

func (a *assembler) i(bits uint32, rd, rs1, imm int) {
	a.emit(bits | uint32(rd<<7|rs1<<15) | uint32(imm)<<20)
}

func (a *assembler) s(bits uint32, rs1, rs2, imm int) {
	a.emit(bits | uint32(rs1<<15|rs2<<20) | uint32(imm)&31<<7 | uint32(imm)>>5<<25)
}

func (a *assembler) b(bits uint32, rs1, rs2, distance int) {
	d := uint32(distance)
	a.emit(bits | uint32(rs1<<15|rs2<<20) | d>>11&1<<7 | d>>1&15<<8 | d>>5&63<<25 | d>>12&1<<31)
}

func (a *assembler) jal(rd, distance int) {
	d := uint32(distance)
	a.emit(0x6F | uint32(rd<<7) | d>>12&0xFF<<12 | d>>11&1<<20 | d>>1&0x3FF<<21 | d>>20&1<<31)
}

func (a *assembler) addi(rd, rs1, imm int) { a.i(0x13, rd, rs1, imm) }

// load and store transfer a whole register.
func (a *assembler) load(rd, base, offset int) {
	a.i(map[int]uint32{32: 0x2003, 64: 0x3003}[a.bits], rd, base, offset)
}

func (a *assembler) store(base, rs, offset int) {
	a.s(map[int]uint32{32: 0x2023, 64: 0x3023}[a.bits], base, rs, offset)
}

func (a *assembler) push(r int) {
	a.addi(sp, sp, -a.word())
	a.store(sp, r, 0)
}

func (a *assembler) pop(r int) {
	a.load(r, sp, 0)
	a.addi(sp, sp, a.word())
}

// address sets rd to the address of the byte at offset at from the start of the code.
func (a *assembler) address(rd, at int) {
	d := at - 4*len(a.code)
	a.emit(0x17 | uint32(rd<<7) | uint32(d+0x800)&0xFFFFF000)
	a.addi(rd, rd, d<<20>>20)
}

// constant sets rd to a small number.
func (a *assembler) constant(rd, v int) {
	a.emit(0x37 | uint32(rd<<7) | uint32(v+0x800)&0xFFFFF000)
	a.addi(rd, rd, v<<20>>20)
}

func (a *assembler) call(number int) {
	a.addi(a7, zero, number)
	a.emit(0x73)
}

// print writes size bytes of memory from offset at to standard output, and exits.
func (a *assembler) print(at, size int) {
	a.addi(a0, zero, 1)
	a.address(a1, at)
	a.constant(a2, size)
	a.call(64)
	a.exit(0)
}

func (a *assembler) exit(status int) {
	a.addi(a0, zero, status)
	a.call(93)
}

// operand returns a random number, often an edge case.
func operand(r *rand.Rand) uint64 {
	edges := []uint64{0, 1, 1 << 31, 1<<31 - 1, 1 << 32, 1<<32 - 1, 1 << 63, 1<<63 - 1, ^uint64(0), 1 << 15, 1 << 7, 0xFF, 0xFFFF}
	switch r.IntN(4) {
	case 0:
		return edges[r.IntN(len(edges))]
	case 1:
		return edges[r.IntN(len(edges))] + uint64(r.IntN(5)) - 2
	case 2:
		return uint64(r.IntN(256)) - 128
	}
	return r.Uint64()
}
