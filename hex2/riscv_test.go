package hex2

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The immediates of an instruction word, as in The RISC-V Instruction Set
// Manual, volume I, figure "Types of immediate produced by RISC-V
// instructions": inst[31] and so on are consecutive bits there, from the
// highest down.

// inst returns bits high to low of word.
func inst(word uint32, high, low int) uint32 { return word << (31 - high) >> (31 - high + low) }

// signed sign-extends a value of that many bits.
func signed(value uint32, bits int) int32 { return int32(value<<(32-bits)) >> (32 - bits) }

func immediateI(w uint32) int32 { return signed(inst(w, 31, 20), 12) }

func immediateB(w uint32) int32 {
	return signed(inst(w, 31, 31)<<12|inst(w, 7, 7)<<11|inst(w, 30, 25)<<5|inst(w, 11, 8)<<1, 13)
}

func immediateU(w uint32) int32 { return int32(inst(w, 31, 12) << 12) }

func immediateJ(w uint32) int32 {
	return signed(inst(w, 31, 31)<<20|inst(w, 19, 12)<<12|inst(w, 20, 20)<<11|inst(w, 30, 21)<<1, 21)
}

// The parts of an instruction that are not immediates: opcode and registers.
const (
	othersI = 1<<20 - 1
	othersB = 0x01FFF07F
	othersU = 1<<12 - 1
	othersJ = 1<<12 - 1
)

// Every 13-bit and every 21-bit immediate.
func TestEveryBranchAndJump(t *testing.T) {
	for v := int32(-1 << 12); v < 1<<12; v += 2 {
		w := fieldB.encode(v)
		require.Equal(t, v, immediateB(w))
		require.EqualValues(t, 0, w&othersB)
	}
	for v := int32(-1 << 20); v < 1<<20; v += 2 {
		w := fieldJ.encode(v)
		require.Equal(t, v, immediateJ(w))
		require.EqualValues(t, 0, w&othersJ)
	}
}

// auipc and addi, 4 bytes apart, add up to the distance from the first: every
// 20-bit immediate, with every 12-bit one near its ends.
func TestEveryUpperAndLower(t *testing.T) {
	for high := range int32(1 << 20) {
		for _, low := range []int32{0, 1, 0x7FF, 0x800, 0x801, 0xFFF} {
			v := high<<12 | low
			u, i := fieldU.encode(v), fieldI.encode(v-4)
			require.Equal(t, v, immediateU(u)+immediateI(i))
			require.EqualValues(t, 0, u&othersU)
			require.EqualValues(t, 0, i&othersI)
		}
	}
	for v := range int32(1 << 13) {
		u, i := fieldU.encode(v), fieldI.encode(v-4)
		if immediateU(u)+immediateI(i) != v {
			t.Fatalf("U and I: %08X is encoded as %08X and %08X", v, u, i)
		}
	}
}

// The same from a text, up to the maximum distance.
func TestInstructions(t *testing.T) {
	for _, test := range []struct {
		text      string
		immediate func(uint32) int32
		reach     int32 // bytes
	}{
		{"@a 63000000", immediateB, 1 << 12},
		{"$a 6F000000", immediateJ, 1 << 20},
	} {
		for _, distance := range []int32{-test.reach, 2 - test.reach, -2, 0, 2, test.reach - 2} {
			before, after := -distance, distance-4
			text := ":a" + zeros(before) + " " + test.text
			if distance > 0 {
				text = test.text + zeros(after) + " :a"
				if after < 0 {
					text = test.text[:len(test.text)-4] + " :a " + test.text[len(test.text)-4:]
				}
			}
			out, err := link(t, Options{Arch: "riscv64"}, text)
			if err != nil {
				t.Errorf("%s, distance %d: %v", test.text, distance, err)
				continue
			}
			at := max(before, 0)
			word := uint32(out[at]) | uint32(out[at+1])<<8 | uint32(out[at+2])<<16 | uint32(out[at+3])<<24
			if got := test.immediate(word); got != distance {
				t.Errorf("%s, distance %d: % X is %d", test.text, distance, out[at:at+4], got)
			}
		}
		for _, distance := range []int32{-test.reach - 2, test.reach} {
			text := ":a" + zeros(-distance) + " " + test.text
			if distance > 0 {
				text = test.text + zeros(distance-4) + " :a"
			}
			if _, err := link(t, Options{Arch: "riscv32"}, text); err == nil {
				t.Errorf("%s, distance %d: no error", test.text, distance)
			}
		}
	}
}

// zeros returns the text of n zero bytes, or none if n is negative.
func zeros(n int32) string { return " " + strings.Repeat("00", int(max(n, 0))) }
