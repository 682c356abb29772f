package gdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/hex0"
	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/gdb"
	"stage0/source"
)

// A crash is testdata/ARCH.hex0: a program that counts to three in memory, and then
// loads from an unmapped address.
type crash struct {
	arch                               string
	loop, store, end, nothing, counter uint64 // addresses; there is no instruction at nothing
	count                              string // the register used for counting
}

var crashes = []crash{
	{"amd64", 0x60007D, 0x600082, 0x600089, 0x600090, 0x600094, "eax"},
	{"x86", 0x8048059, 0x804805C, 0x8048063, 0x8048069, 0x804806C, "eax"},
	{"aarch64", 0x60007C, 0x600084, 0x600094, 0x600098, 0x6000A0, "x1"},
	{"riscv32", 0x60005C, 0x600064, 0x600070, 0x600074, 0x60007C, "a1"},
	{"riscv64", 0x600080, 0x600088, 0x600094, 0x600098, 0x6000A0, "a1"},
}

// file returns the program.
func (c crash) file(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", c.arch+".hex0"))
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, hex0.Assemble(&b, source.Bytes(c.arch+".hex0", text), hex0.ForArch(c.arch)))
	return b.Bytes()
}

// debugged runs a program under the debugger; do gets the debugger's address.
// debugged returns the results of the run.
func debugged(t *testing.T, file []byte, files emutest.Files, change func(*emu.Config), do func(addr string)) (status int, stdout string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	defer l.Close()
	var out bytes.Buffer
	begin := func() (emu.Config, error) {
		all := emutest.Files{"/program": {Data: file, Perm: 0o755}}
		for name, f := range files {
			all[name] = &emutest.File{Data: f.Data, Perm: f.Perm}
		}
		cfg := emu.Config{FS: all, Dir: "/", Args: []string{"/program"}, Stdout: &out, Limits: emu.DefaultLimits}
		if change != nil {
			change(&cfg)
		}
		return cfg, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		status, _, err = gdb.Run(ctx, "/program", begin, func() (io.ReadWriteCloser, error) { return l.Accept() })
	}()
	do(l.Addr().String())
	<-done
	return status, out.String(), err
}

// TestDebian debugs the programs with Debian's gdb.
func TestDebian(t *testing.T) {
	program, err := exec.LookPath("gdb-multiarch")
	if err != nil {
		if os.Getenv("STAGE0_GDB") == "require" {
			t.Fatal(err)
		}
		t.Skipf("gdb is missing: %v", err)
	}
	for _, c := range crashes {
		t.Run(c.arch, func(t *testing.T) {
			var out []byte
			_, _, err := debugged(t, c.file(t), nil, nil, func(addr string) {
				script := filepath.Join(t.TempDir(), "script")
				assert.NoError(t, os.WriteFile(script, []byte(c.script(addr)), 0o666))
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				out, err = exec.CommandContext(ctx, program, "-nx", "-batch", "-x", script).CombinedOutput()
				if err != nil {
					t.Errorf("gdb: %v", err)
				}
			})
			if !errors.Is(err, gdb.ErrKilled) {
				t.Errorf("%v, want ErrKilled", err)
			}
			if got, want := shown(string(out)), c.want(); got != want {
				t.Errorf("%s\nwant\n%s\nall of it:\n%s", got, want, out)
			}
		})
	}
}

// shown returns the lines of gdb's output that a script prints itself, and those
// about signals and watchpoints.
func shown(out string) string {
	var b strings.Builder
	for line := range strings.Lines(out) {
		for _, want := range []string{"== ", "Program received ", "Hardware watch", "Hardware read", "Hardware access", "Old value", "New value", "Value =", "No more reverse"} {
			if strings.HasPrefix(line, want) {
				b.WriteString(line)
				break
			}
		}
	}
	return b.String()
}

// fill replaces placeholders in a text by the program's addresses.
func (c crash) fill(text string) string {
	hex := func(v uint64) string { return fmt.Sprintf("%#x", v) }
	return strings.NewReplacer("LOOP", hex(c.loop), "STORE", hex(c.store), "END", hex(c.end),
		"NOTHING", hex(c.nothing), "COUNTER", hex(c.counter), "COUNT", "$"+c.count).Replace(text)
}

func (c crash) script(addr string) string {
	return c.fill(`set pagination off
set width 0
target remote ` + addr + `
break *STORE
continue
printf "== at %#lx: %d, %d\n", $pc, COUNT, *(int*)COUNTER
stepi
printf "== stored: %d\n", *(int*)COUNTER
reverse-stepi
printf "== at %#lx: %d, %d\n", $pc, COUNT, *(int*)COUNTER
delete
watch *(int*)COUNTER
continue
continue
reverse-continue
delete
rwatch *(int*)COUNTER
continue
delete
awatch *(int*)COUNTER
continue
delete
continue
printf "== at %#lx\n", $pc
reverse-stepi
hbreak *LOOP
reverse-continue
printf "== at %#lx: %d\n", $pc, COUNT
delete
set var *(int*)COUNTER = 77
set var COUNT = 5
stepi
printf "== %d, %d\n", COUNT, *(int*)COUNTER
reverse-stepi
printf "== %d, %d\n", COUNT, *(int*)COUNTER
set var $pc = NOTHING
continue
printf "== at %#lx\n", $pc
delete
reverse-continue
kill
`)
}

func (c crash) want() string {
	return c.fill(`== at STORE: 1, 0
== stored: 1
== at STORE: 1, 0
Hardware watchpoint 2: *(int*)COUNTER
Hardware watchpoint 2: *(int*)COUNTER
Old value = 0
New value = 1
Hardware watchpoint 2: *(int*)COUNTER
Old value = 1
New value = 2
Hardware watchpoint 2: *(int*)COUNTER
Old value = 2
New value = 1
Hardware read watchpoint 3: *(int*)COUNTER
Hardware read watchpoint 3: *(int*)COUNTER
Value = 2
Hardware access (read/write) watchpoint 4: *(int*)COUNTER
Hardware access (read/write) watchpoint 4: *(int*)COUNTER
Old value = 2
New value = 3
Program received signal SIGSEGV, Segmentation fault.
== at END
== at LOOP: 2
== 77, 77
== 5, 77
Program received signal SIGILL, Illegal instruction.
== at NOTHING
No more reverse-execution history.
`)
}
