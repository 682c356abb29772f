package emu_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/translate"
)

// runAllWays runs a program in every way. The results must be the same.
func runAllWays(t *testing.T, file []byte, steps uint64) (emutest.Result, error) {
	t.Helper()
	var first emutest.Result
	var firstErr error
	for i, way := range emutest.Ways {
		got, err := emutest.Run(file, nil, func(c *emu.Config) {
			c.Limits.Steps = steps
			way.Change(c)
		})
		if i == 0 {
			first, firstErr = got, err
			continue
		}
		assert.Equal(t, firstErr, err, way.Name)
		assert.Equal(t, first.Status, got.Status, way.Name)
		assert.Equal(t, first.Stats.Steps, got.Stats.Steps, way.Name)
	}
	return first, firstErr
}

// TestStaleLoop changes an instruction on a rarely executed path through a loop:
// recorded loops of aarch64 once kept executing the old one.
func TestStaleLoop(t *testing.T) {
	const x0, x1, x9, x12 = 0, 1, 9, 12
	movz := func(rd, v uint32) uint32 { return 0xD2800000 | v<<5 | rd }
	addi := func(rd, rn, v uint32) uint32 { return 0x91000000 | v<<10 | rn<<5 | rd }
	subi := func(rd, rn, v uint32) uint32 { return 0xD1000000 | v<<10 | rn<<5 | rd }
	sub := func(rd, rn, rm uint32) uint32 { return 0xCB000000 | rm<<16 | rn<<5 | rd }
	cbnz := func(rt uint32, n int32) uint32 { return 0xB5000000 | uint32(n)&0x7FFFF<<5 | rt }
	file := emutest.ELF(0xB7, 64, words(
		movz(x0, 0), movz(x1, 0), movz(x9, 257), movz(x12, 1000), movz(13, 0),
		addi(x0, x0, 1), // 5: the loop
		sub(5, x0, x9),
		cbnz(5, 5-7),
		addi(x1, x1, 1), // 8: becomes add x1, x1, #2
		subi(x0, x9, 1),
		subi(x12, x12, 1),
		cbnz(x12, 5-11),
		cbnz(13, 20-12), // the second time
		movz(13, 1),
		0x10000003|uint32(0x7FFFF+1-6)<<5, // adr x3, 8
		0xB9400062,                        // ldr w2, [x3]
		0x11000000|1024<<10|2<<5|2,        // add w2, w2, #1024
		0xB9000062,                        // str w2, [x3]
		movz(x12, 500),
		0x14000000|uint32(0x3FFFFFF+1-14), // b 5
		0xAA0003E0|x1<<16, movz(8, 93), 0xD4000001,
	), 0x2000)
	got, err := runAllWays(t, file, 1e7)
	require.NoError(t, err)
	assert.Equal(t, (1000+2*500)&0xFF, got.Status)
}

// TestLostFlags runs code that starts to read flags it did not read before, and which
// translated code therefore did not keep: it once got wrong flags.
func TestLostFlags(t *testing.T) {
	const nop, beq = 0xD503201F, 0x54000040 // skips one instruction
	for _, test := range []struct {
		becomes uint32
		status  int    // in single steps
		want    string // an error of translated code
	}{
		{nop, 3, ""},
		{beq, 4, "process 1, aarch64: 0x600128: the program has changed its code, which now reads flags that translated code did not keep: execute it in single steps"},
	} {
		file := emutest.ELF(0xB7, 64, words(
			0xD2800060, // movz x0, 3
			0xD2800021, // movz x1, 1
			0xF100043F, // cmp x1, 1
			0xB5000041, // cbnz x1, 5
			nop,
			0x10000163, // 5: adr x3, 16
			0xB9400062, // ldr w2, [x3]
			0xF9400463, // ldr x3, [x3, 8]
			0xB9000062, // str w2, [x3]
			nop,
			nop,        // is replaced
			0xF100143F, // cmp x1, 5
			0x54000041, // 12: b.ne 14
			0xD2800080, // movz x0, 4
			0xD2800BA8, // 14: movz x8, 93
			0xD4000001, // svc 0
			test.becomes, nop,
			0x600128, 0, // the address of 10
		), 0x2000)
		for _, way := range emutest.Ways {
			got, err := emutest.Run(file, nil, way.Change)
			if test.want != "" && way.Translator != nil {
				assert.EqualError(t, err, test.want, way.Name)
				continue
			}
			require.NoError(t, err, "%#x, %s", test.becomes, way.Name)
			assert.Equal(t, test.status, got.Status, "%#x, %s", test.becomes, way.Name)
		}
	}
}

// TestOffTheEnd jumps past the last executable page: riscv once hung there.
func TestOffTheEnd(t *testing.T) {
	for _, bits := range []int{64, 32} {
		jump := j((0x1000 - 0x100) / 4)
		_, err := runAllWays(t, emutest.ELF(0xF3, bits, words(jump), 0x1000), 1e6)
		want := fmt.Sprintf("process 1, riscv%d: 0x601000: jump to an address without code", bits)
		assert.EqualError(t, err, want)
	}
}

// TestModifiedBesideMuch keeps changing code, next to 900 MB of zeros: once, all of
// it was searched for each instruction.
func TestModifiedBesideMuch(t *testing.T) {
	file := program(join([]uint32{lui(a0, 0x38A00)}, call(sysBrk), []uint32{
		li(a0, 1),      // is overwritten with itself
		lui(t0, 0x600), // its address
		addi(t0, 0x10C),
		lui(a1, 0x100), // the bits of li a0, 1
		addi(a1, 0x513),
		sw(t0, a1),
		j(-6),
	}), "")
	for _, way := range emutest.Ways {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		cfg := emu.Config{
			FS: emutest.Files{"/program": {Data: file, Perm: 0o700}}, Dir: "/", Limits: emu.DefaultLimits,
		}
		way.Change(&cfg)
		start := time.Now()
		_, used, err := emu.Run(ctx, "/program", cfg)
		assert.ErrorIs(t, err, context.DeadlineExceeded, way.Name)
		assert.Less(t, time.Since(start), 30*time.Second, way.Name)
		assert.Greater(t, used.Steps, uint64(1000), way.Name)
	}
}

// TestLongTranslation ends a run during translation. With ten times as many functions,
// that must not take ten times as long.
func TestLongTranslation(t *testing.T) {
	const ra, few = 1, 6
	run := func(functions int, end []uint32, timeout time.Duration) (time.Duration, error) {
		code := append(make([]uint32, functions), end...)
		for i := range functions {
			code[i] = j(len(code)-i) | ra<<7
			for range 2000 {
				code = append(code, 0x63|branch(a0, 2), addi(a1, 1))
			}
			code = append(code, jalr(ra))
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		start := time.Now()
		_, _, err := emu.Run(ctx, "/program", emu.Config{
			FS:  emutest.Files{"/program": {Data: emutest.ELF(0xF3, 64, words(code...), 0), Perm: 0o700}},
			Dir: "/", Limits: emu.DefaultLimits, Translator: translate.New(false),
		})
		return time.Since(start), err
	}
	whole, err := run(few, exit, time.Hour)
	require.NoError(t, err)
	d, err := run(10*few, []uint32{j(0)}, whole/2)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, d, 5*whole)
}

// TestLongFunction runs a function that is too long to be translated: wazero would
// need minutes to compile it.
func TestLongFunction(t *testing.T) {
	var code []uint32
	for range 60000 {
		code = append(code, 0x63|branch(a0, 2), addi(a1, 1))
	}
	code = append(code, exit...)
	got, err := emutest.Run(emutest.ELF(0xF3, 64, words(code...), 0), nil)
	assert.NoError(t, err)
	assert.Greater(t, got.Stats.Steps, uint64(60000))
}

// TestDeepCalls calls a function recursively: many times; without end, using the
// stack; and without end, not using it. The depth of WebAssembly's stack must not
// show.
func TestDeepCalls(t *testing.T) {
	const ra, s0 = 1, 8
	call := func(n int) uint32 { return j(n) | ra<<7 }
	push, pop := []uint32{addi(sp, -16), sd(sp, ra)}, []uint32{ld(ra, sp, 0), addi(sp, 16), jalr(ra)}
	const depth = 100000
	for name, test := range map[string]struct {
		code  []uint32
		steps uint64
		want  string // an error
	}{
		"often": {join([]uint32{lui(s0, depth>>12), addi(s0, depth&0xFFF), call(3), li(a7, 93), ecall},
			push, []uint32{addi(s0, -1), 0x63 | branch(s0, 2), call(-4)}, pop), 1e8, ""},
		"the stack's end": {join([]uint32{call(1)}, push, []uint32{call(-2)}), 1e8, "process 1, riscv64: 0x600108: 23 30 11 00: store to 0x3fff7feff0 is not allowed: the stack reached its limit of 8 MiB"},
		"without a stack": {[]uint32{call(0)}, 1e6, "process 1, riscv64: stopped after 1000000 instructions, the limit"},
	} {
		_, err := runAllWays(t, program(test.code, ""), test.steps)
		if test.want == "" {
			assert.NoError(t, err, name)
		} else {
			assert.EqualError(t, err, test.want, name)
		}
	}
}

// TestComputedJumps jumps to computed addresses for millions of times without a call
// or a return: translated functions continue with each other.
func TestComputedJumps(t *testing.T) {
	const ra, t0, t1, t2, t3, a0, a1, a7 = 1, 5, 6, 7, 28, 10, 11, 17
	add := func(rd, rs, v int) uint32 { return 0x13 | uint32(rd<<7|rs<<15) | uint32(v)<<20 }
	xor := func(rd, rs, rs2 int) uint32 { return 0x4033 | uint32(rd<<7|rs<<15|rs2<<20) }
	branch := func(funct, rs, distance int) uint32 { // with the zero register, up to 30 bytes ahead
		return 0x63 | uint32(funct<<12|rs<<15) | uint32(distance)<<7
	}
	jal := func(distance int) uint32 { return 0x6F | ra<<7 | uint32(distance)<<20 }
	const first, second, end = 9, 13, 17
	step := func(at int) []uint32 {
		return []uint32{add(a1, a1, -1), branch(0, a1, 4*(end-at-1)), xor(t1, t1, t3), jalr(t1)}
	}
	code := []uint32{
		0x17 | t0<<7, // auipc t0, 0
		lui(a1, 1000),
		add(t1, t0, 4*first), add(t2, t0, 4*second), xor(t3, t1, t2),
		branch(1, a1, 12), jal(4 * (first - 6)), jal(4 * (second - 7)), // the calls are not made
		jalr(t1),
	}
	code = append(code, step(first)...)
	code = append(code, step(second)...)
	code = append(code, add(a0, 0, 42), add(a7, 0, 93), 0x73)
	file := emutest.ELF(0xF3, 64, words(code...), 0x2000)
	got, err := runAllWays(t, file, 1e8)
	require.NoError(t, err)
	assert.Equal(t, 42, got.Status)
	assert.Equal(t, uint64(4*(1000<<12)+8), got.Stats.Steps)
}
