package prove

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/hex0"
	"stage0/source"
)

// program returns testdata/amd64.hex0, assembled, with some bytes replaced.
func program(t *testing.T, old, new string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/amd64.hex0")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, hex0.Assemble(&out, source.Bytes("amd64.hex0", text), hex0.ForArch("amd64")))
	if old != "" {
		require.Equal(t, 1, bytes.Count(out.Bytes(), []byte(old)), "the bytes to replace are not unique")
	}
	return bytes.Replace(out.Bytes(), []byte(old), []byte(new), 1)
}

func TestProve(t *testing.T) {
	p, err := Prove(program(t, "", ""))
	require.NoError(t, err)
	assert.True(t, p.Proved)
	assert.Nil(t, p.Difference)
	assert.Equal(t, "amd64", p.Arch)
	assert.Equal(t, 270, p.Size)
	assert.Equal(t, 36, p.States, "in a comment or not; no digit, or one of 17")
	assert.Equal(t, 36*257, p.Transitions)
	assert.Equal(t, 150, p.Executed, "all but the headers")
	assert.Equal(t, []string{"add", "and", "cmp", "inc", "jae", "jb", "je", "jle", "jmp", "jne", "mov", "neg",
		"pop", "push", "shl", "sub", "syscall", "test", "xor"}, p.Instructions)
	assert.Equal(t, []Fact{
		{"the input does not exist", []string{"exits 9, not all written"}},
		{"the input is a directory", []string{"exits 21, not all written"}},
		{"reading fails from some byte on", []string{"exits 5, not all written"}},
		{"reads are interrupted", []string{"exits 4, not all written"}},
		{"the output cannot be created", []string{"exits 0, not all written"}},
		{"the disk is full from some byte on", []string{"exits 0, not all written"}},
		{"writes return 0 from some byte on", []string{"exits 0, not all written"}},
		{"writes are interrupted", []string{"exits 0, not all written"}},
		{"there are no arguments", []string{"exits 9, not all written"}},
		{"there is no second argument", []string{"exits 0, not all written"}},
		{"standard input and output are closed", []string{"exits 0, all written"}},
	}, p.Facts)
}

func TestRefute(t *testing.T) {
	for _, test := range []struct {
		name, old, new string
		want           Difference
	}{
		{"flags of open", "\xbe\x41\x02", "\xbe\x41\x04",
			Difference{Input: nil, AtEnd: false, Call: `open("out", O_WRONLY|O_CREAT|02000, 0700)`, Expected: `open("out", O_WRONLY|O_CREAT|O_TRUNC, 0700)`}},
		{"mode of open", "\xba\xc0\x01", "\xba\xed\x01",
			Difference{Input: nil, AtEnd: false, Call: `open("out", O_WRONLY|O_CREAT|O_TRUNC, 0755)`, Expected: `open("out", O_WRONLY|O_CREAT|O_TRUNC, 0700)`}},
		{"LF does not end a comment", "\x3c\x0a\x75", "\x3c\x0d\x75",
			Difference{Input: []byte("#\n00"), AtEnd: false, Call: "read(3, 1 bytes)", Expected: "write(4, 00)"}},
		{"a wrong character starts a comment", "\x3c\x3b", "\x3c\x3a",
			Difference{Input: []byte("0:0"), AtEnd: false, Call: "read(3, 1 bytes)", Expected: "write(4, 00)"}},
		{"lower case digits", "\x24\xdf", "\x24\xff", Difference{Input: []byte("0a"), AtEnd: false, Call: "read(3, 1 bytes)", Expected: "write(4, 0a)"}},
		{"reads two bytes", "\xba\x01\x00\x00\x00\x31\xc0", "\xba\x02\x00\x00\x00\x31\xc0",
			Difference{Input: nil, AtEnd: false, Call: "read(3, 2 bytes)", Expected: "read(3, 1 bytes)"}},
		{"exit status", "\x89\xc7\xb8", "\xff\xc7\xb8", Difference{Input: nil, AtEnd: true, Call: "exit(4)", Expected: "exit(0)"}},
		{"hangs", "\xeb\x9d", "\xeb\xfe",
			Difference{Input: []byte("00"), AtEnd: false, Call: "an endless loop without a system call", Expected: "read(3, 1 bytes)"}},
		{"a fault", "\x89\xd0\x0f\x05", "\x89\xd0\x0f\x0b",
			Difference{Input: []byte("00"), AtEnd: false, Call: "0x6000ff: 0f 0b eb 9d f7 d8 89 c7 b8 3c 00 00 00 0f 05: unknown instruction", Expected: "write(4, 00)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := Prove(program(t, test.old, test.new))
			require.NoError(t, err)
			assert.False(t, p.Proved)
			require.NotNil(t, p.Difference)
			assert.Equal(t, test.want, *p.Difference)
		})
	}
}

func TestVariant(t *testing.T) {
	p, err := Prove(program(t, "", ""))
	require.NoError(t, err)
	assert.Equal(t, []string{"g and G are digits of value 16"}, p.Variant)
	file := program(t, "\x3c\x07", "\x3c\x06")
	p, err = Prove(file)
	require.NoError(t, err)
	assert.True(t, p.Proved)
	assert.Equal(t, []string{}, p.Variant)
	assert.Equal(t, 34, p.States, "in a comment or not; no digit, or one of 16")
	assert.EqualError(t, WriteCertificate(io.Discard, file), "the program is not hex0")
	seed, err := newOriginal(file)
	require.NoError(t, err)
	defer seed.close()
	syscall := bytes.Index(file, []byte("\x0f\x05"))
	assert.Equal(t, 255, seed.mutateByte(context.Background(), syscall).Refuted.All())
	assert.Len(t, seed.mutateByte(context.Background(), 9).Free, 1, "padding in the ELF header")
	xor := seed.mutateByte(context.Background(), bytes.Index(file, []byte("\x31\xf6")))
	require.Len(t, xor.Free, 1, "mutants are compared with the same variant")
}

// The program counts the bytes that it has written, to no effect.
func TestTooManyStates(t *testing.T) {
	e, err := newExploration(program(t, "\x44\x89\xef\x48\x89\xe6", "\x44\x89\xef\x49\xff\xc6"), 1000)
	require.NoError(t, err)
	defer e.close()
	assert.EqualError(t, e.prove(), "more than 1000 states")
	assert.Nil(t, e.difference)
}

// Instructions of the program: those that set up its first system call, and those that
// set up a write.
const (
	setupOpen  = "\x58\x58\x5f\x31\xf6"
	setupWrite = "\x44\x89\xef\x48\x89\xe6"
)

// detour returns the program with code that it executes before some of its instructions,
// or after them.
func detour(t *testing.T, instructions string, before, after []byte) []byte {
	t.Helper()
	const jump = 5 // bytes
	file := program(t, "", "")
	at := bytes.Index(file, []byte(instructions))
	there := binary.LittleEndian.AppendUint32([]byte{0xe9}, uint32(len(file)-at-jump))
	file = program(t, instructions, string(there)+strings.Repeat("\x90", len(instructions)-jump))
	file = slices.Concat(file, before, []byte(instructions), after, []byte{0xe9})
	file = binary.LittleEndian.AppendUint32(file, uint32(at+jump-len(file)-4)) // jump back
	for _, at := range []int{96, 104} {                                        // the segment's size
		binary.LittleEndian.PutUint64(file[at:], uint64(len(file)))
	}
	return file
}

func TestNoProof(t *testing.T) {
	const names = "the program loads or changes the names of its files itself, so that it may depend on them"
	for _, test := range []struct {
		name, reason  string
		instructions  string
		before, after []byte
	}{
		{"overwrites its first instruction with the same byte", "the program changes its own code, at 0x600078",
			setupOpen, []byte{0xc6, 0x05, 0x63, 0xff, 0xff, 0xff, 0xe9}, nil}, // mov byte [start], 0xe9
		{"loads a byte of its first argument", names, setupOpen, nil, []byte{0x8a, 0x07}},          // mov al, [rdi]
		{"stores to a byte of its first argument", names, setupOpen, nil, []byte{0xc6, 0x07, 'i'}}, // mov byte [rdi], 'i'
		{"writes a byte of its first argument for that byte", names, setupWrite, nil, []byte{
			0x80, 0x3c, 0x24, 'i', // cmp byte [rsp], 'i'
			0x75, 10, // jne past the next instruction
			0x48, 0xbe, 0xf1, 0xef, 0xff, 0xff, 0xff, 0x7f, 0, 0, // mov rsi, 0x7fffffffeff1
		}},
		{"loads the page size", "the program loads more of its stack than its arguments, so that it may depend on its environment",
			setupOpen, []byte{0x8a, 0x44, 0x24, 0x38}, nil}, // mov al, [rsp+56]
	} {
		t.Run(test.name, func(t *testing.T) {
			file := detour(t, test.instructions, test.before, test.after)
			p, err := Prove(file)
			require.NoError(t, err)
			assert.False(t, p.Proved)
			assert.Nil(t, p.Difference)
			assert.Equal(t, test.reason, p.Reason)
			assert.EqualError(t, WriteCertificate(io.Discard, file), test.reason)
		})
	}
}

// A program may do right with one stack and wrong with another.
func TestStack(t *testing.T) {
	// mov eax, esp; and eax, 1<<20; jne over; inc esi: then it opens its input to write.
	p, err := Prove(detour(t, setupOpen, nil, []byte{0x89, 0xe0, 0x25, 0x00, 0x00, 0x10, 0x00, 0x75, 0x02, 0xff, 0xc6}))
	require.NoError(t, err)
	assert.False(t, p.Proved)
	require.NotNil(t, p.Difference)
	assert.Equal(t, Difference{Call: `open("in", O_WRONLY)`, Expected: `open("in", O_RDONLY)`, Stack: 0x7ffc00002000}, *p.Difference)
	assert.Equal(t, "before it reads anything, if the stack ends at 0x7ffc00002000", p.Difference.String())
}

// A program that opens a file called "in", whatever its first argument is, is refuted.
func TestOwnPath(t *testing.T) {
	p, err := Prove(detour(t, setupOpen, nil, []byte{
		0xc7, 0x44, 0x24, 0xf0, 'i', 'n', 0, 0, // mov dword [rsp-16], "in"
		0x48, 0x8d, 0x7c, 0x24, 0xf0, // lea rdi, [rsp-16]
	}))
	require.NoError(t, err)
	require.NotNil(t, p.Difference)
	assert.Equal(t, Difference{Call: `open(a text "in" that is not an argument)`, Expected: `open("in", O_RDONLY)`}, *p.Difference)
}

func TestNotExecutable(t *testing.T) {
	_, err := Prove([]byte("30 31\n"))
	assert.EqualError(t, err, "not an ELF file")
	boot := make([]byte, 1024)
	boot[510], boot[511] = 0x55, 0xAA
	for want, file := range map[string][]byte{
		"a script": []byte("#!/bin/sh\n"),
		"a program for UEFI, whose calls are not modelled":                  []byte("MZ\x00\x00"),
		"a boot sector for a PC, whose real mode and BIOS are not modelled": boot,
	} {
		_, err := Prove(file)
		assert.EqualError(t, err, "not an ELF file, but "+want)
	}
}

// Each change of the program's first system call is refuted, or does the same.
func TestMutate(t *testing.T) {
	file := program(t, "", "")
	seed, err := newOriginal(file)
	require.NoError(t, err)
	defer seed.close()
	assert.Equal(t, Mutants{Programs: 255, Rejected: 255}, seed.mutateByte(context.Background(), 0), "the magic number")
	padding := seed.mutateByte(context.Background(), 9)
	require.Len(t, padding.Free, 1)
	assert.Len(t, padding.Free[0].Values, 255, "padding in the ELF header")
	syscall := bytes.Index(file, []byte("\x0f\x05"))
	assert.Equal(t, 255, seed.mutateByte(context.Background(), syscall).Refuted.All())
	// xor esi, esi: the same as sub esi, esi.
	xor := seed.mutateByte(context.Background(), bytes.Index(file, []byte("\x31\xf6")))
	require.Len(t, xor.Free, 1)
	assert.Contains(t, xor.Free[0].Values, byte(0x29))
	assert.Equal(t, 255, xor.Refuted.All()+len(xor.Free[0].Values))
	assert.Empty(t, xor.Undecided)
}

// The specification is what Assemble does.
func TestSpecification(t *testing.T) {
	for _, a := range arch.Ladders() {
		opt := hex0.ForArch(a.Name)
		text := sample(opt)
		var want bytes.Buffer
		require.NoError(t, hex0.Assemble(&want, source.Bytes("sample", text), opt))
		var got []byte
		var s hex0.State
		for _, c := range text {
			var out byte
			var ok bool
			if s, out, ok = opt.Step(s, c); ok {
				got = append(got, out)
			}
		}
		assert.Equal(t, want.Bytes(), got, a.Name)
	}
}

// The seeds of release 1.9.1.
func TestUpstream(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	hangs := []string{"hangs in read"}
	exits := []string{"exits 0, not all written"}
	for name, want := range map[string]struct {
		states, executed int
		readFails        []string
	}{
		"x86":     {251, 105, []string{"hangs in an unknown system call and read", "hangs in read"}},
		"amd64":   {36, 109, []string{"hangs in an unknown system call and read", "hangs in read"}},
		"aarch64": {321, 388, []string{"hangs in read", "hangs in read and write"}},
		"riscv32": {138, 272, []string{"hangs in read", "hangs in read and write"}},
		"riscv64": {138, 272, []string{"hangs in read", "hangs in read and write"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := arch.Lookup(name)
			seed, err := os.ReadFile(filepath.Join(tree, "bootstrap-seeds/POSIX", a.Dir, "hex0-seed"))
			require.NoError(t, err)
			p, err := Prove(seed)
			require.NoError(t, err)
			assert.True(t, p.Proved)
			assert.Equal(t, want.states, p.States)
			assert.Equal(t, 257*want.states, p.Transitions)
			assert.Equal(t, want.executed, p.Executed)
			facts := map[string][]string{}
			for _, f := range p.Facts {
				facts[f.World] = f.Ends
			}
			assert.Equal(t, hangs, facts["the input does not exist"])
			assert.Equal(t, hangs, facts["the input is a directory"])
			assert.Equal(t, exits, facts["the disk is full from some byte on"])
			assert.Equal(t, want.readFails, facts["reading fails from some byte on"])
		})
	}
}
