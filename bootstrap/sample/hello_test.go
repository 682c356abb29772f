package sample_test

import (
	"bytes"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/emu/emutest"
)

const greeting = "Hello from the bottom rung of the ladder!\n"

// The programs that were built print the greeting and exit with its length, on
// a system that runs such programs: by itself, or with the help of qemu-user.
func TestRun(t *testing.T) {
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			if runtime.GOOS != "linux" {
				t.Skip("not Linux")
			}
			dir, _, _ := replay(t, a)
			for _, name := range []string{"hello-hex0", "hello-debug"} {
				cmd := exec.Command(filepath.Join(dir, a.Dir, "out", name))
				out, err := cmd.Output()
				var exit *exec.ExitError
				if err != nil && !errors.As(err, &exit) && a.Name != runtime.GOARCH {
					t.Skipf("this system runs no programs for %s: %v", a.Name, err)
				}
				assert.Equal(t, greeting, string(out), name)
				assert.Equal(t, len(greeting), cmd.ProcessState.ExitCode(), name)
			}
		})
	}
}

// They do so in the emulator, on any system.
func TestEmulated(t *testing.T) {
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			dir, _, _ := replay(t, a)
			programs, err := filepath.Glob(filepath.Join(dir, a.Dir, "out", "hello-*"))
			if err != nil {
				t.Fatal(err)
			}
			ran := 0
			for _, name := range programs {
				if filepath.Ext(name) != "" { // a text on the way to one
					continue
				}
				file, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				for _, way := range emutest.Ways {
					got, err := emutest.Run(file, nil, way.Change)
					require.NoError(t, err, "%v %v", name, way.Name)
					assert.Equal(t, greeting, got.Stdout, "%v %v", name, way.Name)
					assert.Empty(t, got.Stderr, "%v %v", name, way.Name)
					assert.Equal(t, len(greeting), got.Status, "%v %v", name, way.Name)
				}
				ran++
			}
			if ran != 7 {
				t.Errorf("%d programs, want 7: %q", ran, programs)
			}
		})
	}
}

// The program with symbols is the program without, and its symbols are the
// labels of hello.M1.
func TestSymbols(t *testing.T) {
	for _, a := range arch.Ladders() {
		t.Run(a.Name, func(t *testing.T) {
			dir, _, _ := replay(t, a)
			out := filepath.Join(dir, a.Dir, "out")
			plain, debug := openELF(t, filepath.Join(out, "hello-M1")), openELF(t, filepath.Join(out, "hello-debug"))
			assert.Equal(t, a.Machine, uint16(plain.Machine))
			assert.Equal(t, debug.Entry, plain.Entry)
			var (
				base    = plain.Progs[0].Vaddr
				program = make([]byte, plain.Progs[0].Filesz)
				longer  = make([]byte, len(program))
			)
			if _, err := plain.Progs[0].ReadAt(program, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := debug.Progs[0].ReadAt(longer, 0); err != nil {
				t.Fatal(err)
			}
			symbols, err := debug.Symbols()
			if err != nil {
				t.Fatal(err)
			}
			address := map[string]uint64{}
			var names []string
			for _, s := range symbols {
				names = append(names, s.Name)
				address[s.Name] = s.Value
			}
			text := debug.Section(".text")
			switch start := address["length"]; {
			case len(names) != 8:
				t.Errorf("symbols %q", names)
			case start == 0 || start != address["ELF_text"] || start != text.Addr:
				t.Errorf("the code starts at %X, %X, %X", start, address["ELF_text"], text.Addr)
			case address["_start"] != debug.Entry:
				t.Errorf("_start is %X, the entry is %X", address["_start"], debug.Entry)
			case address["_end"] != base+uint64(len(program)):
				t.Errorf("_end is %X, want %X", address["_end"], base+uint64(len(program)))
			case address["greeting"] != start+text.Size || address["greeting"] != address["ELF_data"]:
				t.Errorf("greeting is %X, ELF_data %X, want %X", address["greeting"], address["ELF_data"], start+text.Size)
			case !bytes.Equal(program[start-base:], longer[start-base:]):
				t.Error("code and data differ")
			case !bytes.Equal(program[address["greeting"]-base:], []byte(greeting+"\x00")):
				t.Errorf("the greeting is %q", program[address["greeting"]-base:])
			}
		})
	}
}

func openELF(t *testing.T, name string) *elf.File {
	t.Helper()
	f, err := elf.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
