package armv7_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/armv7"
	"stage0/internal/emu/emutest"
)

// Addresses in the test programs. The code starts where literals below it are in the
// memory, too.
const (
	codeAt     = emutest.Base + 0x2000
	operandsAt = emutest.Base + 0x40000
	bufferAt   = emutest.Base + 0x80000 // for loads and stores; followed by the results
	bufferEnd  = bufferAt + 0x2000
	size       = 0x100000
)

// A program is a test program under construction. Its parts are in the order of their
// addresses.
type program struct {
	code, operands, buffer []uint32
	results                int // number of words
}

func (p *program) add(words ...uint32) { p.code = append(p.code, words...) }

// address sets a register to a constant.
func (p *program) address(rd, v uint32) {
	p.add(0xE3000000|v>>12&15<<16|rd<<12|v&0xFFF, 0xE3400000|v>>28<<16|rd<<12|v>>16&0xFFF) // movw, movt
}

// file adds code that prints the buffer and the results, and exits. It returns the
// program as an ELF file.
func (p *program) file(t *testing.T) []byte {
	p.add(0xE3A00001) // mov r0, 1
	p.address(1, bufferAt)
	p.address(2, bufferEnd-bufferAt+4*uint32(p.results))
	p.add(0xE3A07004, 0xEF000000, 0xE3A00000, 0xE3A07001, 0xEF000000) // write, exit
	image := make([]byte, bufferEnd-emutest.Entry)
	put := func(at int, words []uint32, end int) {
		if at+4*len(words) > end {
			t.Fatalf("%d words from %#x to %#x", len(words), at, end)
		}
		for i, w := range words {
			binary.LittleEndian.PutUint32(image[at-emutest.Entry+4*i:], w)
		}
	}
	literals := random(1, (codeAt-emutest.Entry)/4)
	literals[0] = 0xEA000000 | uint32(len(literals)-2) // b codeAt
	put(emutest.Entry, literals, codeAt)
	put(codeAt, p.code, operandsAt)
	put(operandsAt, p.operands, bufferAt)
	put(bufferAt, p.buffer, bufferEnd)
	return emutest.ELF(0x28, 32, image, size)
}

// random returns n random words.
func random(seed uint64, n int) []uint32 {
	r := rand.New(rand.NewPCG(2, seed))
	words := make([]uint32, n)
	for i := range words {
		words[i] = r.Uint32()
	}
	return words
}

// run runs a program translated and in single steps. It returns the file and the
// output.
func (p *program) run(t *testing.T) (file []byte, prints string) {
	t.Helper()
	file = p.file(t)
	return file, emutest.RunBoth(t, file).Stdout
}

// compare compares a program's output with its output in qemu. A result has the given
// number of words.
func compare(t *testing.T, file []byte, prints string, words int) {
	t.Helper()
	want := emutest.Reference(t, "qemu-arm-static", file)
	require.NotEmpty(t, prints)
	require.Equal(t, len(want), len(prints))
	const results = bufferEnd - bufferAt
	for i := results; i < len(want); i += 4 * words {
		if got, want := prints[i:i+4*words], want[i:i+4*words]; got != want {
			t.Fatalf("result %d is\n% x, want\n% x", (i-results)/(4*words), got, want)
		}
	}
	require.True(t, prints == want, "the buffer differs")
}

// perTrial is the number of words that a trial prints: R0 to R12 and the flags.
const perTrial = 13 + 1

// TestEncodings tests all instructions except branches: some of each encoding, with
// random operands.
func TestEncodings(t *testing.T) {
	patterns, trials := armv7.Trials(100, bufferAt, bufferEnd)
	all, ran := sha256.New(), 0
	for i, pattern := range patterns {
		t.Run(pattern, func(t *testing.T) {
			p := &program{buffer: random(uint64(i), (bufferEnd-bufferAt)/4)}
			p.address(14, operandsAt)
			p.address(13, bufferEnd)
			for _, trial := range trials[i] {
				p.operands = append(p.operands, trial.Registers[:]...)
				p.add(
					0xE8BE1FFF, // ldmia lr!, {r0-r12}
					0xE15B000A, // cmp r11, r10
					trial.Word,
					0xE8AD1FFF, // stmia sp!, {r0-r12}
					0xE3A00000, // mov r0, 0
					0x43800008, // orrmi r0, r0, 8
					0x03800004, // orreq r0, r0, 4
					0x23800002, // orrcs r0, r0, 2
					0x63800001, // orrvs r0, r0, 1
					0xE48D0004, // str r0, [sp], 4
				)
				p.results += perTrial
			}
			file, prints := p.run(t)
			all.Write([]byte(prints))
			ran++
			if !testing.Short() { // the digest is of qemu's output
				compare(t, file, prints, perTrial)
			}
		})
	}
	const digest = "0ae42723" // of qemu-arm 7.2's output
	if ran == len(patterns) {
		assert.Equal(t, digest, hex.EncodeToString(all.Sum(nil)[:4]))
	}
}

// TestBranches tests all instructions that change PC, under every condition and with
// the flags of comparisons, taken or not: each one skips another instruction.
func TestBranches(t *testing.T) {
	values := []uint32{0, 1, 2, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF}
	p := &program{}
	for _, a := range values {
		for _, b := range values {
			p.operands = append(p.operands, a, b)
		}
	}
	runs := len(p.operands) / 2
	p.address(10, operandsAt)
	p.address(11, bufferEnd)
	p.add(0xE3A0C000|uint32(runs), 0xE1A0900D) // mov r12, runs; mov r9, sp
	top := len(p.code)
	p.add(0xE8BA0003) // ldmia r10!, {r0, r1}
	for cond := range uint32(15) {
		on := cond << 28
		p.add(0xE3A02000, 0xE1500001)                                        // mov r2, 0; cmp r0, r1
		p.add(on|0x0A000000, 0xE2822001)                                     // b
		p.add(on|0x0B000000, 0xE2822002)                                     // bl
		p.add(0xE28F4004, on|0x012FFF14, 0xE2822004)                         // add r4, pc, 4; bx r4
		p.add(0xE28F4004, on|0x012FFF34, 0xE2822008)                         // add r4, pc, 4; blx r4
		p.add(0xE28FE004, on|0x012FFF3E, 0xE2822008)                         // add lr, pc, 4; blx lr
		p.add(on|0x028FF000, 0xE2822010)                                     // add pc, pc, 0
		p.add(0xE28F4004, on|0x01A0F004, 0xE2822020)                         // add r4, pc, 4; mov pc, r4
		p.add(0xE28F4008, 0xE92D0010, on|0x08BD8000, 0xE2822040)             // add r4, pc, 8; push {r4}; pop {pc}
		p.add(0xE1A0D009)                                                    // mov sp, r9
		p.add(0xE28F4008, 0xE52D4004, on|0x049DF004, 0xE2822080)             // str r4, [sp, -4]!; ldr pc, [sp], 4
		p.add(0xE1A0D009)                                                    // mov sp, r9
		p.add(0xE28F4008, 0xE52D4004, on|0x059DF000, 0xE2822C01, 0xE1A0D009) // ldr pc, [sp]
		p.add(0xE8AB4004)                                                    // stmia r11!, {r2, lr}
		p.results += 2 * runs
	}
	p.add(0xE25CC001, 0x1A000000|uint32(top-len(p.code)-3)&0xFFFFFF) // subs r12, r12, 1; bne top
	file, prints := p.run(t)
	compare(t, file, prints, 2)
}

// TestNoCall runs a conditional system call whose condition is false.
func TestNoCall(t *testing.T) {
	p := &program{results: 1}
	p.address(11, bufferEnd)
	p.add(0xE3A07001, 0xE3A00000, 0xE3500000, 0x1F000000) // exit(0) if 0 is not 0
	p.add(0xE58B7000)                                     // str r7, [r11]
	file, prints := p.run(t)
	compare(t, file, prints, 1)
}
