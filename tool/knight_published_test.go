package tool_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/translate"
)

// fault is the status of a program that does what a Knight cannot do.
const fault = -1

// knightTests are the programs for knight-posix of M2-Planet's test suite, without
// arguments: what comes of them in stage0's virtual machine, and after how many
// instructions. Those of release 1.13.1, which stage0-posix 1.9.1 has, are broken:
// most follow a pointer that is none. Those of release 1.9.0 are not.
var knightTests = []struct {
	name         string
	status       int
	instructions uint64
}{
	{"test0000", 42, 10},
	{"test0001", fault, 2000},
	{"test0002", fault, 2007},
	{"test0003", fault, 2002},
	{"test0004", fault, 2018},
	{"test0005", 42, 2212}, // the virtual machine itself crashes
	{"test0006", fault, 2022},
	{"test0007", fault, 2013},
	{"test0008", 16, 5638},
	{"test0009", fault, 2032},
	{"test0010", 12, 6148},
	{"test0011", fault, 2007},
	{"test0012", fault, 2021},
	{"test0013", fault, 2015},
	{"test0014", fault, 2053},
	{"test0015", 0, 2130}, // the virtual machine itself crashes
	{"test0016", fault, 2028},
	{"test0017", fault, 55201},
	{"test0018", fault, 2269},
	{"test0019", fault, 2479},
	{"test0020", 20, 5822},
	{"test0021", 1, 3581}, // the virtual machine itself crashes
	{"test0022", fault, 2859},
	{"test0023", 2, 2130}, // the virtual machine itself crashes
	{"test0024", 42, 10},
	{"test0027", fault, 3157},
	{"test0031", 111, 475},
	{"test0100", fault, 2642},
	{"test0101", fault, 4532},
	{"test0102", 1, 8218},
	{"test0103", fault, 2810},
	{"test0106", fault, 20549},
	{"test1000", 1, 7813},
}

// TestKnightTests runs those programs, and, if STAGE0_KNIGHT_VM names upstream's
// virtual machine, has that run them, too.
func TestKnightTests(t *testing.T) {
	tree := filepath.Join(posixTree(t), "M2-Planet")
	for _, test := range knightTests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			env := newEnv(t, tree, &out)
			require.NoError(t, os.Symlink(filepath.Join(tree, "..", "M2libc"), filepath.Join(env.Dir, "M2libc")))
			for _, command := range m2PlanetCommands(t, test.name, "knight-posix") {
				run(t, env, strings.Fields(command)...)
			}
			file, err := os.ReadFile(filepath.Join(env.Dir, "binary"))
			require.NoError(t, err)
			status, instructions, stdout, image := runImage(t, file, nil)
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.instructions, instructions)
			s, n, printed, _ := runImage(t, file, translate.New(false))
			assert.Equal(t, status, s, "translated")
			assert.Equal(t, instructions, n, "translated")
			assert.Equal(t, stdout, printed, "translated")
			if vm := os.Getenv("STAGE0_KNIGHT_VM"); vm != "" {
				compareImage(t, vm, image, status, instructions, stdout)
			}
		})
	}
}

// runImage runs a program of knight-posix with 2 MiB of memory. It also returns
// the image that it begins with.
func runImage(t *testing.T, file []byte, translator *translate.Translator) (status int, instructions uint64, stdout string, image []byte) {
	t.Helper()
	limits := func(c *emu.Config) {
		c.Knight, c.Translator = true, translator
		c.Limits.Memory, c.Limits.Stack = 2<<20, 64<<10
	}
	got, err := emutest.Run(file, nil, limits)
	var broken *cpu.Fault
	switch {
	case errors.As(err, &broken):
		got.Status = fault
	case err != nil:
		t.Fatal(err)
	}
	_, err = emutest.Run(file, nil, func(c *emu.Config) {
		limits(c)
		c.Limits.Steps = 1
		c.Trace = func(e emu.Event) {
			registers := e.CPU.Registers(nil)
			image = bytes.Clone(e.Memory.Bytes(0, int(registers[15].Value), cpu.Read))
		}
	})
	var limit *emu.LimitError
	if err != nil && !errors.As(err, &limit) {
		t.Fatal(err)
	}
	return got.Status, got.Stats.Steps, got.Stdout, image
}

var executed = regexp.MustCompile(`(Invalid state reached a|A)fter:? (?:Executing )?([0-9]+) instructions`)

// compareImage has a virtual machine run an image. It counts an instruction that
// cannot be executed. Where the machine crashes, there is nothing to compare with.
func compareImage(t *testing.T, vm string, image []byte, status int, instructions uint64, stdout string) {
	t.Helper()
	rom := filepath.Join(t.TempDir(), "rom")
	require.NoError(t, os.WriteFile(rom, image, 0o666))
	var out, messages strings.Builder
	cmd := exec.CommandContext(t.Context(), vm, "--POSIX-MODE", "--rom", rom, "--memory", "2M")
	cmd.Stdout, cmd.Stderr = &out, &messages
	cmd.Dir = t.TempDir()
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	theirs := fmt.Sprint(cmd.ProcessState.ExitCode())
	found := executed.FindStringSubmatch(messages.String())
	switch {
	case cmd.ProcessState.ExitCode() < 0:
		t.Logf("%s crashes: %v", vm, cmd.ProcessState)
		return
	case found == nil && strings.HasSuffix(messages.String(), "by zero exception\n"):
		theirs = "fault" // it does not say when
	case found == nil:
		t.Fatalf("%s says %q", vm, messages.String())
	case found[1] != "A":
		n, _ := strconv.Atoi(found[2])
		theirs = fmt.Sprintf("fault after %d", n-1)
	default:
		theirs += " after " + found[2]
	}
	ours := fmt.Sprintf("%d after %d", status, instructions)
	if status == fault {
		ours = fmt.Sprintf("fault after %d", instructions)
	}
	assert.True(t, strings.HasPrefix(ours, theirs), "%s, but for %s: %s", ours, vm, theirs)
	assert.Equal(t, out.String(), stdout)
}
