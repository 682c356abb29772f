package arm_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/emu/emutest"
)

// operands returns the values of x0, x1, x2 and x3 that every instruction is tested
// with: all pairs of edge cases, then random values.
func operands() []uint64 {
	edges := []uint64{
		0, 1, 2, 31, 32, 33, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF,
		0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
		0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFF80000000, 0xFFFFFFFFFFFFFFFF,
	}
	r := rand.New(rand.NewSource(1))
	var rows []uint64
	for _, a := range edges {
		for _, b := range edges {
			rows = append(rows, a, b, edges[r.Intn(len(edges))], edges[r.Intn(len(edges))])
		}
	}
	for range 300 {
		rows = append(rows, r.Uint64(), r.Uint64()>>r.Intn(64), r.Uint64(), r.Uint64())
	}
	return rows
}

// try returns a program that executes words with each row of operands, and prints x2
// and the flags.
func try(words ...uint32) *program {
	p := &program{}
	rows := operands()
	for _, v := range rows {
		p.data = binary.LittleEndian.AppendUint64(p.data, v)
	}
	n := len(rows) / 4
	p.size = n * 16
	p.address(20, dataBase)
	p.address(21, bufferBase)
	p.address(22, uint32(n))
	loop := len(p.code)
	p.add(loadNext(0, 20), loadNext(1, 20), loadNext(2, 20), loadNext(3, 20), cmpX3X2)
	p.add(words...)
	p.add(storeNext(2, 21))
	p.flags()
	p.add(countX22, branchIf(1, uint32(4*(loop-len(p.code)-1))))
	p.finish()
	return p
}

// compare runs a program, and runs it in qemu if that is installed. The output must
// be the one that qemu printed when the digest was recorded.
func compare(t *testing.T, p *program, digest string) {
	t.Helper()
	got := p.run(t)
	sum := sha256.Sum256([]byte(got))
	assert.Equal(t, digest, hex.EncodeToString(sum[:4]))
	if testing.Short() {
		return // the digest is of qemu's output
	}
	if want := emutest.Reference(t, "qemu-aarch64-static", p.file()); got != want {
		t.Errorf("%s from qemu", firstDifference(got, want))
	}
}

// TestData tests the instructions that compute: for each, a word with the destination
// x2 and the operands x0, x1 and x3.
func TestData(t *testing.T) {
	for _, test := range slices.Concat(dataTests, branchTests) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			compare(t, try(test.words...), test.digest)
		})
	}
}

// TestMemory tests loads and stores. x0 points to the middle of 4 KiB, first in the
// image and then on the stack; x1 is a small offset. The program prints the resulting
// registers and memory.
func TestMemory(t *testing.T) {
	for _, test := range memoryTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			compare(t, tryMemory(test.words), test.digest)
		})
	}
}

func tryMemory(words []uint32) *program {
	p := &program{}
	r := rand.New(rand.NewSource(2))
	p.data = make([]byte, 64<<10)
	r.Read(p.data)
	const (
		area = dataBase + 32<<10
		runs = 200
	)
	p.address(21, bufferBase)
	for _, onStack := range []bool{false, true} {
		p.address(20, dataBase)
		p.address(22, runs)
		p.address(23, area)
		if onStack {
			p.add(0xD12003F7) // sub x23, sp, 2048
			// Fill the stack with the same bytes as the area.
			p.address(24, area)
			p.add(move(25, 23), movz(26, 512, 0))
			p.add(loadNext(0, 24), storeNext(0, 25), 0xF100075A, branchIf(1, ^uint32(11)))
		}
		loop := len(p.code)
		p.add(loadNext(1, 20), loadNext(2, 20))
		p.add(0x92401C20, 0x8B0002E0, 0x92400821) // and x0, x1, 0xff; add x0, x23, x0; and x1, x1, 7
		p.add(addImm(0, 0, 1024))
		p.add(words...)
		p.add(0xCB170000) // sub x0, x0, x23: print x0 relative to the stack
		p.add(storeNext(2, 21), storeNext(0, 21))
		p.add(countX22, branchIf(1, uint32(4*(loop-len(p.code)-1))))
		// Print the memory.
		p.add(movz(26, 512, 0), loadNext(0, 23), storeNext(0, 21), 0xF100075A, branchIf(1, ^uint32(11)))
	}
	p.size = 2 * (16*runs + 4096)
	p.finish()
	return p
}
