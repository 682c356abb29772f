package trace_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/bootstrap/sample"
	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/trace"
)

var update = flag.Bool("update", false, "write testdata/ARCH.txt (TestSample)")

// TestSample traces the sample ladders' greeting, and checks its coverage. Of the
// iterations of its loop, only the first two and the last are compared.
func TestSample(t *testing.T) {
	tree := bootstrap.NewTree(sample.Tree())
	made := filepath.Join(t.TempDir(), "made")
	run := bootstrap.Replay(context.Background(), tree, arch.Ladders(), bootstrap.Options{ByPath: sample.Programs()})
	require.NoError(t, run.WriteFiles(made))
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(made, a.Dir, "out", "hello-debug"))
			require.NoError(t, err)
			text, result := traced(t, file)
			assert.Equal(t, "Hello from the bottom rung of the ladder!\n", result.Stdout)
			assert.Equal(t, 42, result.Status)
			lines := strings.SplitAfter(text, "\n")
			require.GreaterOrEqual(t, len(lines), 180)
			got := strings.Join(lines[:14], "") + "...\n" + strings.Join(lines[len(lines)-20:], "")
			name := filepath.Join("testdata", a.Name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(name, []byte(got), 0o666))
			}
			want, err := os.ReadFile(name)
			require.NoError(t, err)
			assert.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got)
		})
	}
}

// traced runs a program, and returns its trace and coverage.
func traced(t *testing.T, file []byte) (string, emutest.Result) {
	t.Helper()
	var text bytes.Buffer
	tracer, coverage := trace.New(&text), trace.NewCoverage()
	result, err := emutest.Run(file, nil, func(c *emu.Config) {
		c.Exec = func(x emu.Exec) (emu.FS, error) {
			data, err := c.FS.ReadFile(x.Path)
			coverage.Begin(x, data)
			tracer.Begin(x, data)
			return c.FS, err
		}
		c.Trace = func(e emu.Event) {
			tracer.Event(e)
			coverage.Event(e)
		}
	})
	assert.NoError(t, err)
	assert.NoError(t, tracer.Close())
	assert.NoError(t, coverage.Print(&text))
	return text.String(), result
}

func program(words ...uint32) []byte {
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return emutest.ELF(0xF3, 64, b, 0x1000)
}

// TestOverwritten runs a program that overwrites an instruction before executing it:
// the one in the file is never executed.
func TestOverwritten(t *testing.T) {
	text, result := traced(t, program(
		0x006002B7, // lui t0, 0x600
		0x007005B7, // lui a1, 0x700
		0x51358593, // addi a1, a1, 0x513: li a0, 7
		0x10B2AA23, // sw a1, 0x114(t0)
		0x05D00893, // li a7, 93
		0x00100513, // li a0, 1
		0x00000073, // ecall
	))
	want := `1 00600100  B7 02 60 00              lui t0, 0x600             t0=0x600000
1 00600104  B7 05 70 00              lui a1, 0x700             a1=0x700000
1 00600108  93 85 35 51              addi a1, a1, 1299         a1=0x700513
1 0060010c  23 AA B2 10              sw a1, 276(t0)
1 00600110  93 08 D0 05              li a7, 93                 a7=0x5d
1 00600114  13 05 70 00              li a0, 7                  a0=0x7
1 00600118  73 00 00 00              ecall
1 exit(7)
/program: 24 of 284 bytes were executed
  0x00000000    0x600000     256  rwx
  0x00000114    0x600114       4  rwx
`
	assert.Equal(t, want, text)
	assert.Equal(t, 7, result.Status)
}

// An instruction that overwrites itself is printed as it was executed.
func TestOverwritesItself(t *testing.T) {
	text, _ := traced(t, program(
		0x006002B7, // lui t0, 0x600
		0x05D00893, // li a7, 93
		0x1002A423, // sw zero, 0x108(t0)
		0x00000073, // ecall
	))
	assert.Contains(t, text, "1 00600108  23 A4 02 10              sw zero, 264(t0)\n")
}

// A register has the same name in the instruction and among the changed registers.
func TestRegisterName(t *testing.T) {
	text, _ := traced(t, program(
		0x00700413, // li s0, 7
		0x05D00893, // li a7, 93
		0x00000073, // ecall
	))
	assert.Contains(t, text, "li s0, 7                  s0=0x7\n")
}

// TestUnloaded tests bytes that are in no segment, and bytes that are data.
func TestUnloaded(t *testing.T) {
	file := program(0x05D00893, 0x00000073) // li a7, 93; ecall
	le := binary.LittleEndian
	le.PutUint16(file[56:], 2) // program headers
	second := file[64+56:]
	copy(second, file[64:64+56])
	le.PutUint32(second[4:], 6)
	le.PutUint64(second[8:], 0x100) // offset
	le.PutUint64(second[16:], emutest.Base+0x2100)
	le.PutUint64(second[32:], 0x20) // in the file
	le.PutUint64(second[40:], 0x20)
	le.PutUint64(file[64+32:], 0x104)
	le.PutUint64(file[64+40:], 0x104)
	file = append(file, make([]byte, 0x30)...)
	text, _ := traced(t, file)
	want := `1 00600100  93 08 D0 05              li a7, 93                 a7=0x5d
1 00600104  73 00 00 00              ecall
1 exit(0)
/program: 8 of 312 bytes were executed
  0x00000000    0x600000     256  rwx
  0x00000108    0x602108      24  rw-
  0x00000120           -      24  -
`
	assert.Equal(t, want, text)
	coverage := trace.NewCoverage()
	coverage.Begin(emu.Exec{Program: 1, Path: "/bad"}, []byte("\x7fELF"))
	var out bytes.Buffer
	assert.NoError(t, coverage.Print(&out))
	assert.Equal(t, "/bad: the ELF header is cut off\n", out.String())
}

// TestCalls tests the format of system calls.
func TestCalls(t *testing.T) {
	mem := cpu.NewMemory(cpu.Layout{Base: 0x1000, Perms: []cpu.Perm{cpu.Read | cpu.Write}, StackTop: 0x100000, StackSize: 0x1000})
	put := func(a uint64, b string) {
		require.NoError(t, mem.Init(a, []byte(b)))
	}
	put(0x1000, "a \"name\"\n\x00")
	put(0x1100, strings.Repeat("long", 64)+"\x00")
	put(0x1300, "\x00\x10\x00\x00\x00\x00\x00\x00\x00\x11\x00\x00\x00\x00\x00\x00")
	long := `"` + strings.Repeat("long", 32) + `l"...`
	for _, test := range []struct {
		arch, call string
		args       [6]uint64
		result     int64
		want       string
	}{
		{"amd64", "open", [6]uint64{0x1000, 0o1101, 0o600}, 3, `open("a \"name\"\n", O_WRONLY|O_CREAT|O_TRUNC, 0600) = 3`},
		{"amd64", "open", [6]uint64{0x1000, 0o2302, 0}, -17, `open("a \"name\"\n", O_RDWR|O_CREAT|O_EXCL|O_APPEND, 0) = -17 (EEXIST)`},
		{"riscv64", "openat", [6]uint64{1<<64 - 100, 0x5000, 0o100000}, -14, `openat(AT_FDCWD, 0x5000, O_RDONLY|0100000, 0) = -14 (EFAULT)`},
		{"riscv64", "unlinkat", [6]uint64{3, 0x1100}, -2, `unlinkat(3, ` + long + `, 0x0) = -2 (ENOENT)`},
		{"amd64", "execve", [6]uint64{0x1000, 0x1300, 0}, -8, `execve("a \"name\"\n", ["a \"name\"\n", ` + long + `], 0) = -8 (ENOEXEC)`},
		{"x86", "execve", [6]uint64{0x1000, 0x1308, 0x5000}, -7, `execve("a \"name\"\n", [` + long + `], 0x5000) = -7 (E2BIG)`},
		{"amd64", "write", [6]uint64{1, 0x1100, 33}, 33, `write(1, "longlonglonglonglonglonglonglong"..., 33) = 33`},
		{"amd64", "write", [6]uint64{1, 0x5000, 33}, -14, `write(1, 0x5000, 33) = -14 (EFAULT)`},
		{"amd64", "brk", [6]uint64{0x700000}, 0x700000, `brk(0x700000) = 0x700000`},
		{"amd64", "lseek", [6]uint64{3, 1<<64 - 1, 2}, 9, `lseek(3, -1, 2) = 9`},
		{"amd64", "fork", [6]uint64{}, 2, `fork() = 2`},
		{"amd64", "none", [6]uint64{1}, -1000, `none(0x1, 0x0, 0x0, 0x0, 0x0, 0x0) = -1000`},
	} {
		var out bytes.Buffer
		tracer := trace.New(&out)
		e := emu.Event{Kind: emu.CallBegin, PID: 7, Memory: mem, Arch: test.arch, Call: test.call, Args: test.args}
		tracer.Event(e)
		e.Kind, e.Result = emu.CallEnd, test.result
		tracer.Event(e)
		assert.Equal(t, "7 "+test.want+"\n", out.String())
	}
}
