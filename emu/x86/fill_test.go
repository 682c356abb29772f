package x86

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
)

// clearing is the loop that fill does, but that it sets bytes to 7, piece by
// piece: its i is at bp, the buffer's address at dataAt+16. What stands beside a
// piece makes it another loop.
var clearing = [][]string{
	{"wC7C000000000", "wC7C001000000", "w8D07"}, {"50w8D85", "50w8D86"}, {"00000000", "10000000"}, {"w8B005Bw39C3"},
	{"0F9EC0", "0F9CC0", "0F9DC0"}, {"w0FB6C0w85C0"}, {"0F84", "0F85"}, {"XX000000"},
	{"wC7C010104000w8B00", "wC7C0C0FFEF7Fw8B00", "w8B8710104000"}, {"50w8D85", "50w8D86"}, {"00000000", "10000000"},
	{"w8B005Bw01D850wC7C0070000005B8803"},
	{"w8D850000000050w8D8500000000w8B0050", "w8D851000000050w8D8510000000w8B0050", "w8D860000000050w8D8600000000w8B0050"},
	{"wC7C001000000", "wC7C002000000"}, {"5Bw29C3w89D8", "5Bw01D8"}, {"5Bw8903E9"}, {"YYFFFFFF"},
}

// TestFill compares the loop, and those like it, with step: with variables, a
// stack's pointer and a budget that may be in each other's way.
func TestFill(t *testing.T) {
	t.Run("amd64", func(t *testing.T) { testFill[uint64](t, 64) })
	t.Run("x86", func(t *testing.T) { testFill[uint32](t, 32) })
}

func testFill[W word](t *testing.T, bits int) {
	rnd := rand.New(rand.NewPCG(7, uint64(bits)))
	word, filled := bits/8, 0
	for trial := range 8000 {
		c := randomMachine[W](bits, rnd)
		text := loopText(rnd, bits == 64)
		top := c.mem.Stack.Base + uint64(len(c.mem.Stack.Bytes))
		near := uint64(rnd.IntN(32))
		buffer := []uint64{
			dataAt + 32, dataAt + near, dataAt + dataSize - 8 - near, codeAt + 100 + near, codeAt + 0x700 + near,
			top - 512 - near, rnd.Uint64(),
		}[rnd.IntN(7)]
		i := []uint64{
			near, 4 * near, near - 2, 1 << 31, 1<<32 + near, dataSize + near, dataAt + 17 - buffer,
			uint64(codeAt+len(text)+1) + near - buffer, rnd.Uint64(),
		}[rnd.IntN(9)]
		c.r[sp] = W(top - 256)
		c.r[bp] = c.r[sp] + W(rnd.IntN(4)*word)
		switch rnd.IntN(8) {
		case 0:
			c.r[bp] = c.r[sp] - W(rnd.IntN(3*word))
		case 1:
			c.r[bp] = dataAt + 64 + W(near)
		case 2:
			c.r[sp] = W(c.mem.Stack.Base + near)
		}
		c.r[si], c.r[di] = c.r[bp]+W(16*rnd.IntN(2)), 16
		for at, v := range map[uint64]uint64{
			dataAt + 16: buffer, dataAt + 32: buffer + 8, top - 64: buffer, uint64(c.r[bp]): i, uint64(c.r[bp]) + 16: i - near,
		} {
			if err := c.mem.Init(at, binary.LittleEndian.AppendUint64(nil, v)[:word]); err != nil {
				t.Fatal(err)
			}
		}
		compare(t, c, text, uint64(2+rnd.IntN(1500)))
		if t.Failed() {
			t.Fatalf("trial %d: buffer %#x, i %#x", trial, buffer, i)
		}
		for _, o := range c.ops {
			filled += int(number(o.target < 0))
		}
	}
	if filled < 500 {
		t.Errorf("%d loops are for fill, want more", filled)
	}
}

// loopText returns the loop, or one with another piece, and a system call.
func loopText(rnd *rand.Rand, is64 bool) []byte {
	var begin, text []byte
	other := rnd.IntN(2 * len(clearing))
	for n, choice := range clearing {
		piece := choice[0]
		if n == other {
			piece = choice[rnd.IntN(len(choice))]
		}
		if piece[0] == 'X' {
			begin = text
		}
		text = append(text, assemble(strings.NewReplacer("XX", "00", "YY", "FF").Replace(piece), is64, rnd)...)
	}
	text[len(begin)] = byte(len(text) - len(begin) - 4)
	text[len(text)-4] = byte(-len(text))
	if is64 {
		return append(text, 0x0F, 0x05)
	}
	return append(text, 0xCD, 0x80)
}
