package emu_test

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
)

// Registers of riscv64 in the programs of these tests.
const (
	zero, sp, t0, t1 = 0, 2, 5, 6
	a0, a1, a2, a3   = 10, 11, 12, 13
	a7               = 17
)

// li loads a small number into a register; mv copies a register.
func li(rd, v int) uint32     { return 0x13 | uint32(rd<<7) | uint32(v)<<20 }
func mv(rd, rs int) uint32    { return 0x13 | uint32(rd<<7|rs<<15) }
func lui(rd, v int) uint32    { return 0x37 | uint32(rd<<7) | uint32(v)<<12 }
func addi(rd, v int) uint32   { return 0x13 | uint32(rd<<7|rd<<15) | uint32(v)<<20 }
func ld(rd, rs, v int) uint32 { return 0x3003 | uint32(rd<<7|rs<<15) | uint32(v)<<20 }
func lw(rd, rs, v int) uint32 { return 0x2003 | uint32(rd<<7|rs<<15) | uint32(v)<<20 }
func sd(rs, rs2 int) uint32   { return 0x3023 | uint32(rs<<15|rs2<<20) }
func sw(rs, rs2 int) uint32   { return 0x2023 | uint32(rs<<15|rs2<<20) }
func jalr(rs int) uint32      { return 0x67 | uint32(rs<<15) }

// j jumps by n instructions; bnez jumps if a register is not zero.
func j(n int) uint32 {
	d := uint32(4 * n)
	return 0x6F | d>>12&0xFF<<12 | d>>11&1<<20 | d>>1&0x3FF<<21 | d>>20&1<<31
}

func bnez(rs, n int) uint32 { return 0x1063 | branch(rs, n) }

func branch(rs, n int) uint32 {
	d := uint32(4 * n)
	return uint32(rs<<15) | d>>11&1<<7 | d>>1&15<<8 | d>>5&63<<25 | d>>12&1<<31
}

const ecall = 0x73

// join concatenates pieces of code.
func join(pieces ...[]uint32) []uint32 {
	var all []uint32
	for _, p := range pieces {
		all = append(all, p...)
	}
	return all
}

// call makes a system call with the arguments in registers.
func call(n int) []uint32 { return []uint32{li(a7, n), ecall} }

// exit ends the program with the status in a0.
var exit = call(93)

// System calls of riscv64.
const (
	sysUnlinkat = 35
	sysOpenat   = 56
	sysClose    = 57
	sysRead     = 63
	sysWrite    = 64
	sysBrk      = 214
	sysClone    = 220
	sysExecve   = 221
	sysWait4    = 260
)

// program returns an ELF file; text is at textAt.
func program(code []uint32, text string) []byte {
	var b []byte
	for _, w := range code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	b = append(b, make([]byte, textAt-emutest.Entry-len(b))...)
	return emutest.ELF(0xF3, 64, append(b, text...), 0x2000)
}

const textAt = emutest.Base + 0x1000

// text loads the address of text[i] into a register.
func text(rd, i int) []uint32 { return []uint32{lui(rd, textAt>>12), addi(rd, i)} }

func TestFilesAndProcesses(t *testing.T) {
	openRead := join([]uint32{li(a0, -100)}, text(a1, 0), []uint32{li(a2, 0), li(a3, 0)}, call(sysOpenat))
	for _, test := range []struct {
		name   string
		code   []uint32
		text   string
		want   string
		status int
	}{
		{
			"the exit status is the low byte",
			join([]uint32{li(a0, 0x7FF)}, exit), "", "", 0xFF,
		},
		{
			"output is printed",
			join([]uint32{li(a0, 1)}, text(a1, 0), []uint32{li(a2, 5)}, call(sysWrite), exit), "hello", "hello", 5,
		},
		{
			"opening a file that does not exist fails with ENOENT",
			join(openRead, []uint32{0x40A00533}, exit), "none\x00", "", 2, // sub a0, zero, a0
		},
		{
			"a file is read to its end",
			join(openRead,
				[]uint32{mv(t0, a0)},
				text(a1, 0x100), []uint32{li(a2, 100)}, call(sysRead),
				[]uint32{mv(a2, a0), li(a0, 1)}, call(sysWrite),
				[]uint32{mv(a0, t0)}, call(sysRead), exit),
			"file\x00", "contents", 0,
		},
		{
			"writing to a closed descriptor fails with EBADF",
			join([]uint32{li(a0, 7)}, call(sysWrite), []uint32{0x40A00533}, exit), "", "", 9,
		},
		{
			"executing a file that is open for writing fails with ETXTBSY",
			join(openFile(oRDWR), execute(0), []uint32{0x40A00533}, exit), "program\x00", "", 26,
		},
		{
			"and succeeds after the file is closed",
			join(openFile(oRDONLY), openFile(oRDWR), closeFile(4), execute(0)), "leaf\x00", "", 7,
		},
		{
			"a child runs first, with its own memory, and its parent waits for it",
			join(
				[]uint32{li(t0, 1), addi(sp, -16), sd(sp, t0), li(a0, 17), li(a1, 0)}, call(sysClone),
				[]uint32{bnez(a0, 6)},
				[]uint32{li(t0, 2), sd(sp, t0), li(a0, 41)}, exit, // the child
				[]uint32{mv(a1, sp), addi(a1, 8), li(a2, 0), li(a3, 0)}, call(sysWait4),
				[]uint32{lw(a0, sp, 8), 0x00855513, ld(t0, sp, 0), 0x00550533}, exit), // srli a0, a0, 8; add a0, a0, t0
			"", "", 42,
		},
		{
			"the process number of a child is reused after a wait",
			join(
				[]uint32{li(a0, 17), li(a1, 0)}, call(sysClone), []uint32{bnez(a0, 3)}, exit,
				[]uint32{li(a0, -1), li(a1, 0), li(a2, 0), li(a3, 0)}, call(sysWait4),
				[]uint32{li(a0, 17), li(a1, 0)}, call(sysClone), exit), "", "", 2,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := emutest.Files{
				"/file": {Data: []byte("contents"), Perm: 0o600},
				"/leaf": {Data: program(join([]uint32{li(a0, 7)}, exit), ""), Perm: 0o700},
			}
			for _, way := range emutest.Ways {
				got, err := emutest.Run(program(test.code, test.text), files, way.Change)
				require.NoError(t, err, way.Name)
				assert.Equal(t, test.want, got.Stdout, way.Name)
				assert.Equal(t, test.status, got.Status, way.Name)
			}
		})
	}
}

// TestHostile runs programs that exceed limits or fault and are not in
// TestProcessors.
func TestHostile(t *testing.T) {
	fork := join([]uint32{li(a0, 17), li(a1, 0)}, call(sysClone))
	limits := emu.Limits{
		Steps: 2e6, Memory: 64 << 20, Stack: 1 << 20, Processes: 8, Forks: 100,
		Programs: 50, Files: 16, Output: 1 << 20, Arguments: 4096,
	}
	for _, test := range []struct {
		name string
		code []uint32
		text string
		want string
	}{
		{"jump to the stack", []uint32{jalr(sp)}, "", "process 1, riscv64: 0x3fffffefa0: jump to an address without code"},
		{"jump between instructions", []uint32{lui(t0, textAt>>12), addi(t0, 2), jalr(t0)}, "", "process 1, riscv64: 0x601002: jump to an address without code"},
		{"wild load", []uint32{ld(t0, zero, 16)}, "", "process 1, riscv64: 0x600100: 83 32 00 01: load from 0x10 is not allowed"},
		{"store across the end", []uint32{lui(t0, 0x602), addi(t0, -4), sd(t0, t0)}, "", "process 1, riscv64: 0x600108: 23 b0 52 00: store to 0x601ffc is not allowed"},
		{"unimplemented instruction", []uint32{0x02007053}, "", "process 1, riscv64: 0x600100: 53 70 00 02: unknown instruction"}, // fadd.d
		{"breakpoint", []uint32{0x00100073}, "", "process 1, riscv64: 0x600100: 73 00 10 00: breakpoint"},
		{"huge system call", []uint32{li(a7, -1), ecall}, "", "process 1, riscv64: 0x600108: unknown system call 18446744073709551615"},
		{"reading a file that is truncated", openFile(0o1000), "file\x00", "process 1, riscv64: 0x60011c: system call openat: truncating a file opened for reading is not supported"},
		{"growing heap", join([]uint32{li(a0, 0)}, call(sysBrk), []uint32{lui(t0, 0x1000), 0x00550533}, call(sysBrk), []uint32{j(-4)}), "", "process 1, riscv64: 0x60011c: system call brk: the programs take more than 64 MiB of memory"},
		{"growing stack", []uint32{addi(sp, -1024), addi(sp, -1024), sd(sp, sp), j(-3)}, "", "process 1, riscv64: 0x600108: 23 30 21 00: store to 0x3fffefefa0 is not allowed: the stack reached its limit of 1 MiB"},
		{"endless children", join(fork, []uint32{bnez(a0, -4)}, exit), "", "process 1, riscv64: 0x600110: system call clone: more than 100 forks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, way := range emutest.Ways {
				start := time.Now()
				files := emutest.Files{"/file": {Perm: 0o600}}
				_, err := emutest.Run(program(test.code, test.text), files, way.Change, func(c *emu.Config) { c.Limits = limits })
				assert.EqualError(t, err, test.want, way.Name)
				assert.Less(t, time.Since(start), 30*time.Second, way.Name)
			}
		})
	}
}

// TestSelfModifyingCode runs a program that changes an instruction it has already
// executed.
func TestSelfModifyingCode(t *testing.T) {
	code := []uint32{
		li(t1, 3),
		li(a0, 1),      // becomes li a0, 7
		lui(t0, 0x600), // the address of that instruction
		addi(t0, 0x104),
		lui(a1, 0x700), // the bits of li a0, 7
		addi(a1, 0x513),
		sw(t0, a1),
		addi(t1, -1),
		bnez(t1, -7),
	}
	for _, way := range emutest.Ways {
		got, err := emutest.Run(program(join(code, exit), ""), nil, way.Change)
		require.NoError(t, err, way.Name)
		assert.Equal(t, 7, got.Status, way.Name)
	}
}

// TestCancel cancels endless loops, with and without system calls.
func TestCancel(t *testing.T) {
	for name, code := range map[string][]uint32{"loop": {j(0)}, "calls": join(call(sysBrk), []uint32{j(-2)})} {
		for _, way := range emutest.Ways {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			files := emutest.Files{"/program": {Data: program(code, ""), Perm: 0o700}}
			cfg := emu.Config{FS: files, Dir: "/", Limits: emu.DefaultLimits}
			way.Change(&cfg)
			start := time.Now()
			_, _, err := emu.Run(ctx, "/program", cfg)
			assert.ErrorIs(t, err, context.DeadlineExceeded, "%s, %s", name, way.Name)
			assert.Less(t, time.Since(start), 30*time.Second, "%s, %s", name, way.Name)
		}
	}
}

// TestBadFiles runs files that are not valid programs.
func TestBadFiles(t *testing.T) {
	good := program(exit, "")
	le := binary.LittleEndian
	change := func(f func([]byte)) []byte {
		b := append([]byte(nil), good...)
		f(b)
		return b
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "not an ELF file"},
		{"script", []byte("#!/bin/sh\n" + strings.Repeat("#", 100)), "not an ELF file"},
		{"short", good[:60], "the ELF header is cut off"},
		{"class", change(func(b []byte) { b[4] = 3 }), "ELF class is 3, expected 1 or 2"},
		{"byte order", change(func(b []byte) { b[5] = 2 }), "ELF byte order is 2, expected 1, little-endian"},
		{"type", change(func(b []byte) { b[16] = 3 }), "ELF type is 3, expected 2, executable"},
		{"machine", change(func(b []byte) { b[18] = 8 }), "ELF machine 0x8 (64-bit) is not supported"},
		{"headers outside", change(func(b []byte) { le.PutUint64(b[32:], 1<<40) }), "ELF program headers outside of the file"},
		{"size of headers", change(func(b []byte) { b[54] = 1 }), "ELF program headers of 1 bytes, expected 56"},
		{"many headers", change(func(b []byte) { b[56] = 100 }), "100 ELF program headers, more than 64"},
		{"nothing to load", change(func(b []byte) { b[64] = 6 }), "ELF file has no segment to load"},
		{"dynamic", change(func(b []byte) { b[64] = 3 }), "ELF file is not static"},
		{"segment outside of the file", change(func(b []byte) { le.PutUint64(b[64+32:], 1<<20); le.PutUint64(b[64+40:], 1<<20) }), "ELF segment at 0x600000 is outside of the file"},
		{"huge segment", change(func(b []byte) { le.PutUint64(b[64+40:], 1<<34) }), "ELF segments take 17179869184 bytes, more than the limit of 1073741824"},
		{"huge code", change(func(b []byte) { le.PutUint64(b[64+40:], 1<<29) }), "ELF segments have code up to 536870912 bytes after their start, more than 16777216"},
		{"segment that wraps", change(func(b []byte) { le.PutUint64(b[64+16:], 1<<64-4096) }), "ELF segment of 8192 bytes at 0xfffffffffffff000 does not fit below the stack"},
		{"crooked segment", change(func(b []byte) { le.PutUint64(b[64+16:], 0x600001) }), "not congruent modulo 4096"},
		{"entry outside", change(func(b []byte) { le.PutUint64(b[24:], 0x700000) }), "0x700000: jump to an address without code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := emutest.Run(test.file, nil, nil)
			assert.ErrorContains(t, err, test.want)
		})
	}
}
