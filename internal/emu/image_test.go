package emu_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex2"
	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/translate"
	"stage0/m1"
	"stage0/source"
)

// Registers, instructions and HALCODEs of the Knight, for the programs below.
const knightDefs = `
DEFINE R0 0
DEFINE R1 1
DEFINE R2 2
DEFINE R3 3
DEFINE R15 F
DEFINE LOADI E0002D1
DEFINE LOAD E10013
DEFINE STORE E10020
DEFINE ADDI E1000E
DEFINE COPY 090004
DEFINE ADD 05000
DEFINE CALL 090101
DEFINE RET 0D01001
DEFINE LOADR E0002E0
DEFINE LOAD16 E10016
DEFINE LOADU16 E10017
DEFINE LOAD8 E10014
DEFINE STORE16 E10022
DEFINE STORE8 E10021
DEFINE CMPSKIPI.NE E000A03
DEFINE JUMP.NZ E0002CA
DEFINE JUMP 3C00
DEFINE HALT FFFFFFFF
DEFINE NULL 00000000
DEFINE READ 42000000
DEFINE WRITE 42000001
DEFINE OPEN 42000002
DEFINE CLOSE 42000003
DEFINE LSEEK 42000008
DEFINE ACCESS 42000015
DEFINE FORK 42000039
DEFINE EXECVE 4200003B
DEFINE EXIT 4200003C
DEFINE WAIT4 4200003D
DEFINE UNAME 4200003F
DEFINE GETCWD 4200004F
DEFINE CHDIR 42000050
`

// knightImage assembles a program.
func knightImage(t *testing.T, code string) []byte {
	t.Helper()
	var text, image bytes.Buffer
	srcs := []source.Source{source.Bytes("defs.M1", []byte(knightDefs)), source.Bytes("code.M1", []byte(code))}
	require.NoError(t, m1.Assemble(&text, srcs, m1.Options{Arch: "knight-posix", BigEndian: true}))
	srcs = []source.Source{source.Bytes("code.hex2", text.Bytes())}
	require.NoError(t, hex2.Link(&image, srcs, hex2.Options{Arch: "knight-posix", BigEndian: true}))
	return image.Bytes()
}

func runKnight(t *testing.T, image []byte, files emutest.Files, change func(*emu.Config)) (emutest.Result, error) {
	t.Helper()
	return emutest.Run(image, files, func(c *emu.Config) {
		c.Knight = true
		if change != nil {
			change(c)
		}
	})
}

// exitWithR0 exits with the status in R0; print prints R2 bytes at R1 on standard
// output.
const (
	exitWithR0 = "\nEXIT\n"
	print      = "\nLOADI R0 1\nWRITE\nLOADI R0 0" + exitWithR0
)

func TestImages(t *testing.T) {
	files := func() emutest.Files {
		return emutest.Files{"/file": {Data: []byte("contents"), Perm: 0o600}}
	}
	for _, test := range []struct {
		name, code string
		status     int
		stdout     string
	}{
		{"exit", "LOADI R0 42" + exitWithR0, 42, ""},
		{"HALT", "LOADI R0 42\nHALT", 0, ""},
		{"argc", "LOAD R0 R15 -16" + exitWithR0, 2, ""},
		{"argv", "LOAD R1 R15 -12\nLOAD R1 R1 4\nLOADI R2 6" + print, 0, "second"},
		{"envp", "LOAD R0 R15 -8" + exitWithR0, 0, ""},
		{"read", "LOADI R0 $file\nLOADI R1 0\nOPEN\nLOADI R1 $buffer\nLOADI R2 100\nREAD\nCOPY R2 R0" + print, 0, "contents"},
		{"lseek", "LOADI R0 $file\nLOADI R1 0\nOPEN\nCOPY R3 R0\nLOADI R1 6\nLOADI R2 0\nLSEEK\nCOPY R0 R3\nLOADI R1 $buffer\nLOADI R2 100\nREAD\nCOPY R2 R0" + print, 0, "ts"},
		{"no file", "LOADI R0 $buffer\nLOADI R1 0\nOPEN\nADDI R0 R0 2" + exitWithR0, 1, ""},
		{"access", "LOADI R0 $file\nLOADI R1 4\nACCESS" + exitWithR0, 0, ""},
		{"close leaves R0", "LOADI R0 77\nCLOSE" + exitWithR0, 77, ""},
		{"getcwd", "LOADI R0 $buffer\nLOADI R1 9\nGETCWD\nCOPY R1 R0\nLOADI R2 2" + print, 0, "/\x00"},
		{"getcwd has no room", "LOADI R0 $buffer\nLOADI R1 1\nGETCWD" + exitWithR0, 0, ""},
		{"chdir", "LOADI R0 $file\nCHDIR\nADDI R0 R0 4" + exitWithR0, 3, ""},
		{"uname", "LOADI R0 $filled\nUNAME\nLOADI R1 $filled\nADDI R1 R1 258\nLOADI R2 16" + print, 0, "\xFF\xFFknight32-base\xFF"},
		{"fork", "FORK\nJUMP.NZ R0 @parent\nLOADI R0 9" + exitWithR0 + ":parent\nLOADI R0 -1\nLOADI R1 $buffer\nLOADI R2 0\nLOADI R3 0\nWAIT4\nLOADI R1 $buffer\nLOADI R2 4" + print, 0, "\x00\x00\x09\x00"},
		{"execve", "LOADI R0 $program\nLOADI R1 $args\nLOADI R2 0\nEXECVE\n:args\n&program\n&program\n&program\nNULL\n", 3, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := test.code + "\nJUMP 0\n:file\n\"file\"\n:program\n\"next\"\n:buffer\n" + strings.Repeat("NULL\n", 10) + ":filled\n" + strings.Repeat("HALT\n", 100)
			all := files()
			all["/next"] = &emutest.File{Data: knightImage(t, "LOAD R0 R15 -16"+exitWithR0), Perm: 0o700}
			got, err := runKnight(t, knightImage(t, code), all, func(c *emu.Config) { c.Args = []string{"/program", "second"} })
			require.NoError(t, err)
			assert.Equal(t, test.status, got.Status)
			assert.Equal(t, test.stdout, got.Stdout)
		})
	}
}

// A program starts with the data that upstream's execve_image appends to it, and with
// the registers that upstream's virtual machine sets.
func TestImageStart(t *testing.T) {
	const want = "ffffffffffff" + "70726f6700000000" + "78000000" + "666f757231320000" +
		"00000006" + "0000000e" + "00000012" + "00000000" + "00000003" + "0000001a" + "00000000" + "00000000"
	image := bytes.Repeat([]byte{0xFF}, 6)
	for _, test := range []struct{ memory, stack, heap uint64 }{
		{1 << 30, 64 << 10, 58 + 64<<10},
		{64 << 10, 64 << 10, 58 + 16<<10}, // at most a quarter of the memory
	} {
		var began []byte
		registers := map[string]uint64{}
		_, err := runKnight(t, image, nil, func(c *emu.Config) {
			c.Args = []string{"prog", "x", "four12"}
			c.Limits.Memory, c.Limits.Stack = test.memory, test.stack
			c.Trace = func(e emu.Event) {
				if began == nil {
					began = bytes.Clone(e.Memory.Bytes(0, len(want)/2, 0))
					for _, r := range e.CPU.Registers(nil) {
						registers[r.Name] = r.Value
					}
				}
			}
		})
		require.NoError(t, err)
		assert.Equal(t, want, hex.EncodeToString(began))
		assert.EqualValues(t, len(began), registers["R15"])
		assert.Equal(t, test.heap, registers["R12"])
	}
}

// Translated code does the same as single steps, in the same number of instructions.
func TestImageTranslated(t *testing.T) {
	code := "LOADI R3 5000\n:loop\nLOADR R0 4\nJUMP 4\n&work\nCALL R0 R15\nADDI R3 R3 -1\nJUMP.NZ R3 @loop\n" +
		"LOADI R1 $data\nLOADI R2 24" + print +
		":work\nLOADI R2 $data\n" +
		"LOAD R0 R2 0\nADDI R0 R0 3001\nSTORE R0 R2 0\n" +
		"STORE16 R0 R2 4\nLOAD16 R1 R2 4\nLOAD R0 R2 8\nADD R0 R0 R1\nSTORE R0 R2 8\n" +
		"STORE8 R1 R2 6\nLOAD8 R1 R2 6\nADD R0 R0 R1\nLOADU16 R1 R2 5\nADD R0 R0 R1\nSTORE R0 R2 12\n" +
		"LOADI R0 77\nCLOSE\nCMPSKIPI.NE R0 77\nADDI R0 R0 1\nLOAD R1 R2 16\nADD R0 R0 R1\nSTORE R0 R2 16\n" +
		"LOADI R0 $none\nLOADI R1 0\nOPEN\nLOADI R2 $data\nLOAD R1 R2 20\nADD R0 R0 R1\nSTORE R0 R2 20\n" +
		"RET R15\n:none\n\"none\"\n:data\n" + strings.Repeat("NULL\n", 6)
	image := knightImage(t, code)
	steps, err := runKnight(t, image, nil, func(c *emu.Config) { c.Translator = nil })
	require.NoError(t, err)
	fast, err := runKnight(t, image, nil, func(c *emu.Config) { c.Translator = translate.New(false) })
	require.NoError(t, err)
	assert.Equal(t, steps.Stats.Steps, fast.Stats.Steps)
	assert.Equal(t, steps.Stdout, fast.Stdout)
	// The last word counts down; the one before counts 78s.
	assert.Equal(t, "0005f370"+"ffffec78", hex.EncodeToString([]byte(fast.Stdout[16:])))
}

func TestImageErrors(t *testing.T) {
	image := knightImage(t, "LOADI R0 42"+exitWithR0)
	for _, test := range []struct {
		name   string
		image  []byte
		change func(*emu.Config)
		want   string
	}{
		{"not asked for", image, func(c *emu.Config) { c.Knight = false }, "/program: cannot run: ENOEXEC: not an ELF file"},
		{"too large", make([]byte, 16<<20+1), nil, "/program: cannot run: ENOEXEC: image of 16777217 bytes, more than the limit of 16777216"},
		{"no room for arguments", make([]byte, 16<<20-8), nil, "/program: cannot run: 16777244 bytes at 0x0: outside of the memory"},
		{"unknown instruction", []byte{2, 0, 0, 0}, nil, "process 1, knight-posix: 0x0: 02 00 00 00: unknown instruction"},
		{"unknown HALCODE", []byte{0x42, 0x10, 0, 0}, nil, "process 1, knight-posix: 0x4: unknown system call 1048576"},
		{"steps", []byte{0x3C, 0, 0xFF, 0xFC}, func(c *emu.Config) { c.Limits.Steps = 1e6 }, "process 1, knight-posix: stopped after 1000000 instructions, the limit"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := runKnight(t, test.image, nil, test.change)
			assert.EqualError(t, err, test.want)
		})
	}
}
