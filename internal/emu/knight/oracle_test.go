package knight

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/instructions.txt; needs STAGE0_KNIGHT_VM")

// golden contains, for every instruction, a digest of the results of its cases in
// upstream's virtual machine.
const golden = "testdata/instructions.txt"

const probeMemory = 4 << 20

// digests returns the contents of the golden file for the memory that a probe left.
func (p *probe) digests(memory []byte) string {
	var b strings.Builder
	for i := 0; i < len(p.cases); i += each {
		h := sha256.New()
		for _, c := range p.cases[i : i+each] {
			h.Write(memory[c.data : c.data+size])
		}
		fmt.Fprintf(&b, "%s %x\n", p.cases[i].in.name, h.Sum(nil)[:8])
	}
	return b.String()
}

// TestInstructions compares the effects of instructions with those in upstream's
// virtual machine: with the recorded digests and, if STAGE0_KNIGHT_VM names that
// program, with its results case by case.
func TestInstructions(t *testing.T) {
	p := newProbe()
	r, err := Native{Memory: probeMemory, Steps: 100e6, Output: probeMemory}.Run(t.Context(), p.image)
	require.NoError(t, err)
	memory := r.Tapes[1]
	if vm := os.Getenv("STAGE0_KNIGHT_VM"); vm != "" {
		theirs := p.run(t, vm)
		p.compare(t, memory, theirs)
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(p.digests(theirs)), 0o666))
		}
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	got := strings.Split(p.digests(memory), "\n")
	for i, line := range strings.Split(string(want), "\n") {
		if i >= len(got) || got[i] != line {
			t.Fatalf("line %d of %s is %q, not what the instructions do", i+1, golden, line)
		}
	}
}

// run runs a probe in upstream's virtual machine.
func (p *probe) run(t *testing.T, vm string) []byte {
	t.Helper()
	rom, tape := filepath.Join(t.TempDir(), "rom"), filepath.Join(t.TempDir(), "tape")
	require.NoError(t, os.WriteFile(rom, p.image, 0o666))
	cmd := exec.CommandContext(t.Context(), vm, "--rom", rom, "--tape_02", tape, "--memory", fmt.Sprint(probeMemory))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", vm, err, out)
	}
	memory, err := os.ReadFile(tape)
	require.NoError(t, err)
	return memory
}

func (p *probe) compare(t *testing.T, ours, theirs []byte) {
	t.Helper()
	if len(ours) != len(theirs) {
		t.Fatalf("%d bytes on the tape, want %d", len(ours), len(theirs))
	}
	failed := map[string]bool{}
	for _, c := range p.cases {
		us, them := ours[c.data:c.data+size], theirs[c.data:c.data+size]
		if string(us) != string(them) && !failed[c.in.name] {
			failed[c.in.name] = true
			t.Errorf("%s: % x: registers % x\nleaves %x\nwant   %x", c.in.name, c.bytes, them[:after], us[after:], them[after:])
		}
	}
}
