package bootstrap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/emu/emutest"
)

// copySeed is a riscv64 program that stands for kaem-optional-seed: it copies
// the start of the file that is its argument to riscv64/artifact/hex0, of
// which it makes the name itself, and exits with status.
func copySeed(status int) []byte { return copyProgram(status, false) }

// copyProgram is copySeed that can read what it has written before it exits.
func copyProgram(status int, reads bool) []byte {
	const (
		sp, t0, a0, a1, a2, a3, a7 = 2, 5, 10, 11, 12, 13, 17
		ecall                      = 0x73
	)
	li := func(rd, v int) uint32 { return 0x13 | uint32(rd<<7) | uint32(v)<<20 }
	mv := func(rd, rs int) uint32 { return 0x13 | uint32(rd<<7|rs<<15) }
	name := []uint32{0x37 | a1<<7 | emutest.Base, 0x13 | a1<<7 | a1<<15 | 0x200<<20} // lui, addi
	var code []uint32
	add := func(words ...uint32) { code = append(code, words...) }
	add(li(a0, -100), 0x3003|a1<<7|sp<<15|16<<20, li(a2, 0), li(a3, 0), li(a7, 56), ecall) // open argv[1]
	add(0x13|a1<<7|sp<<15|uint32(0xF00)<<20, li(a2, 100), li(a7, 63), ecall)               // read to sp-256
	add(mv(t0, a0), li(a0, -100))
	add(name...)
	add(li(a2, 0o1101), li(a3, 0o700), li(a7, 56), ecall)                   // create
	add(0x13|a1<<7|sp<<15|uint32(0xF00)<<20, mv(a2, t0), li(a7, 64), ecall) // write
	if reads {
		add(li(a0, 4), li(a7, 57), ecall, li(a0, -100)) // close
		add(name...)
		add(li(a2, 0), li(a3, 0), li(a7, 56), ecall) // open
	}
	add(li(a0, status), li(a7, 93), ecall) // exit
	var b []byte
	for _, w := range code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	b = append(b, make([]byte, 0x100-len(b))...)
	return emutest.ELF(0xF3, 64, append(b, "riscv64/artifact/hex0\x00"...), 0)
}

func emulatedTree(seed []byte) *Tree {
	return NewTree(fstest.MapFS{
		"kaem.riscv64": {Data: []byte("the script")},
		"bootstrap-seeds/POSIX/riscv64/kaem-optional-seed": {Data: seed},
		"riscv64/artifact/placeholder":                     {},
	})
}

func TestEmulate(t *testing.T) {
	riscv64, _ := arch.Lookup("riscv64")
	ref := &Reference{Artefacts: map[string][]Digested{"riscv64": {{"riscv64/artifact/hex0", digest("the script")}}}}
	emulate := func(ctx context.Context, seed []byte, ref *Reference) *Ledger {
		return replayOne(ctx, emulatedTree(seed), riscv64, ref, Options{Engine: EngineEmu}).Ledgers[0]
	}
	// kaem-0, which the seed is compared with, is not made.
	good := func(l *Ledger) bool { return l.Err == nil && l.Failure() < 0 && l.Count(Matches) == 1 }
	ctx := context.Background()
	l := emulate(ctx, copySeed(0), ref)
	require.True(t, good(l))
	require.Len(t, l.Steps, 1)
	step := l.Steps[0]
	assert.Equal(t, EngineEmu, step.Engine)
	assert.Equal(t, ".", step.Dir)
	assert.Equal(t, "./bootstrap-seeds/POSIX/riscv64/kaem-optional-seed kaem.riscv64", strings.Join(step.Args, " "))
	require.Len(t, step.Inputs, 1)
	assert.Equal(t, "kaem.riscv64", step.Inputs[0].Path)
	require.Len(t, step.Outputs, 1)
	assert.Equal(t, digest("the script"), step.Outputs[0].Digest)
	assert.EqualValues(t, 0o700, step.Outputs[0].Perm)

	// Progress is told.
	var told Progress
	replayOne(ctx, emulatedTree(copySeed(0)), riscv64, ref, Options{Engine: EngineEmu, Progress: func(p Progress) { told = p }})
	if want := (Progress{riscv64, 1, "bootstrap-seeds/POSIX/riscv64/kaem-optional-seed", 0}); told != want {
		t.Errorf("%+v, want %+v", told, want)
	}

	// Another engine that made something else is a witness.
	run := Replay(ctx, emulatedTree(copySeed(0)), []arch.Arch{riscv64}, Options{Engine: EngineEmu})
	before := Replay(ctx, emulatedTree(copySeed(0)), []arch.Arch{riscv64}, Options{Engine: EngineEmu})
	before.Engine = EngineGo
	before.files[0].made["riscv64/artifact/hex0"] = newVersion([]byte("the Script"), 0o700, 0)
	Compare([]*Run{before, run}, []*Reference{{Name: "none"}}, false)
	d := run.Ledgers[0].Divergence
	require.NotNil(t, d)
	assert.Equal(t, ByEngine, d.Witness.Kind)
	assert.Equal(t, EngineGo, d.Witness.Name)
	assert.EqualValues(t, 4, d.Offset)
	assert.EqualValues(t, 's', d.Have)
	assert.EqualValues(t, 'S', d.Want)

	// What goes wrong is not a success.
	l = emulate(ctx, copySeed(1), ref)
	assert.False(t, good(l))
	assert.Equal(t, Failed, l.Steps[0].Status)
	assert.Equal(t, "exit status 1", l.Steps[0].Reason)
	loop := emutest.ELF(0xF3, 64, []byte{0x6F, 0, 0, 0}, 0)
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if l := emulate(canceled, loop, ref); !errors.Is(l.Err, context.Canceled) {
		t.Errorf("%v, want it to be cancelled", l.Err)
	}
	wild := emutest.ELF(0xF3, 64, make([]byte, 4), 0)
	l = emulate(ctx, wild, ref)
	assert.False(t, good(l))
	assert.ErrorContains(t, l.Err, "unknown instruction")

	// What was written by a step that was stopped is not made.
	li93 := []byte{0x93, 0x08, 0xD0, 0x05} // for exit
	cut := bytes.Replace(copySeed(0), li93, make([]byte, 4), 1)
	if l := emulate(ctx, cut, ref); l.Err == nil || !strings.Contains(l.Err.Error(), "unknown instruction") || l.Count(Missing) != 2 || len(l.Artefacts) != 2 {
		t.Errorf("%v: %+v", l.Err, l.Artefacts)
	} else if s := l.Steps[0]; s.Status != Failed || s.Reason != "did not come to its end" || l.Failure() != 0 {
		t.Errorf("the step that was stopped: %+v", s)
	}
}

// The ledger says which step made each file that a step uses, the step itself
// included.
func TestFrom(t *testing.T) {
	riscv64, _ := arch.Lookup("riscv64")
	l := replayOne(t.Context(), emulatedTree(copyProgram(0, true)), riscv64, nil, Options{Engine: EngineEmu}).Ledgers[0]
	require.NoError(t, l.Err)
	script := file("kaem.riscv64", "the script")
	script.Perm = 0
	own := File{Path: "riscv64/artifact/hex0", Perm: 0o700, Size: script.Size, Digest: script.Digest, From: 0}
	assert.Equal(t, -1, l.Steps[0].File.From)
	assert.Equal(t, []File{script, own}, l.Steps[0].Inputs)
	assert.Equal(t, []File{own}, l.Steps[0].Outputs)
	assert.Equal(t, own, l.Artefacts[0].File)
}

// Engine go executes a program that is not known, for a script that package tool
// runs, and has package tool do what that one runs, if it is known.
func TestExecuteUnknown(t *testing.T) {
	const seeds = "bootstrap-seeds/POSIX/riscv64/"
	riscv64, _ := arch.Lookup("riscv64")
	tree := func(program []byte) fstest.MapFS {
		return fstest.MapFS{
			"kaem.riscv64":                 {Data: []byte("./unknown in\n")},
			"in":                           {Data: []byte("the input"), Mode: 0o644},
			"unknown":                      {Data: program},
			seeds + "kaem-optional-seed":   {Data: []byte("kaem")},
			seeds + "hex0-seed":            {Data: []byte("catm")},
			"riscv64/artifact/placeholder": {},
		}
	}
	known := Programs{
		digest("kaem"): {"kaem-0", []string{"-A", "riscv64"}},
		digest("catm"): {"catm-0", []string{"-A", "riscv64"}},
	}
	replay := func(files fstest.MapFS) *Ledger {
		return replayOne(t.Context(), NewTree(files), riscv64, nil, Options{Programs: known}).Ledgers[0]
	}

	l := replay(tree(copySeed(0)))
	if len(l.Steps) != 2 || l.Failure() >= 0 || l.Err != nil {
		t.Fatalf("%v\n%s", l.Err, steps(l))
	}
	first, second := l.Steps[0], l.Steps[1]
	assert.Equal(t, EngineGo, first.Engine)
	assert.Equal(t, "kaem-0 -A riscv64", first.Program)
	assert.Equal(t, EngineEmu, second.Engine)
	assert.Empty(t, second.Program)
	assert.Equal(t, 1, second.At.Line)
	assert.Equal(t, "in", second.Inputs[0].Path)
	require.Len(t, second.Outputs, 1)
	assert.Equal(t, digest("the input"), second.Outputs[0].Digest)
	assert.Equal(t, 0, l.Count(Unconfirmed), "%v", l.Artefacts)
	assert.Equal(t, 1, l.Count(Differs), "%v", l.Artefacts)

	// The program that is executed runs the known catm, which overwrites the file that
	// its argument names, and then reads that.
	for _, c := range []struct {
		name   string
		before string // what it has open meanwhile
		flags  int
		engine string // who then does the step
	}{
		{"nothing open", "", 0, EngineGo},
		{"open to be read", "in", 0, EngineGo},
		{"open to be written", "in", 0o1, EngineGo},
		{"truncated", "in", 0o1001, EngineEmu},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := tree(forkSeed(c.before, c.flags, "in"))
			if c.engine == EngineEmu { // catm is executed after all
				files[seeds+"hex0-seed"].Data = copySeed(0)
				known[digest(string(copySeed(0)))] = Program{"catm-0", []string{"-A", "riscv64"}}
			}
			l := replay(files)
			if len(l.Steps) != 3 || l.Err != nil || l.Failure() >= 0 {
				t.Fatalf("%v\n%s", l.Err, steps(l))
			}
			parent, child := l.Steps[1], l.Steps[2]
			assert.Equal(t, EngineEmu, parent.Engine)
			assert.Equal(t, c.engine, child.Engine)
			assert.Equal(t, 1, child.Parent)
			if c.engine == EngineGo && (child.Program != "catm-0 -A riscv64" || child.Outputs[0].Path != "in" || child.Outputs[0].Size != 0) {
				t.Errorf("%+v", child)
			}
			if c.before == "" && (parent.Inputs[0].Path != "in" || parent.Inputs[0].Size != 0) {
				t.Errorf("then it reads %+v", parent.Inputs)
			}
		})
	}

	// What cannot be executed is a failed step of the script, as on Linux.
	l = replay(tree([]byte("no program")))
	f := l.Failure()
	assert.Equal(t, 1, f, steps(l))
	require.NoError(t, l.Err, steps(l))
	assert.False(t, l.Good(), steps(l))
	assert.Contains(t, l.Steps[f].Reason, "unknown: cannot run: ENOEXEC: not an ELF file", steps(l))
	// What the emulator does not know ends the ladder.
	l = replay(tree(emutest.ELF(0xF3, 64, make([]byte, 4), 0)))
	assert.ErrorContains(t, l.Err, "unknown instruction", steps(l))
	assert.Equal(t, 1, l.Failure(), steps(l))
}

// A step that goes on after the end of the run is abandoned: what it still does is
// not in the ledger.
func TestAbandon(t *testing.T) {
	tree := ladder()
	tree["x86/mini.kaem"] = "./x86/artifact/hex0 ./x86/hex1.hex0 ./x86/artifact/hex1\n./x86/artifact/hex0 ./slow ./x86/out\n"
	ctx, cancel := context.WithCancelCause(context.Background())
	blocked, release := make(chan bool), make(chan bool)
	fsys := slowFS{tree.tree().fsys, func() {
		close(blocked)
		<-release
	}}
	go func() {
		<-blocked
		cancel(errors.New("enough"))
	}()
	run := Replay(ctx, NewTree(fsys), []arch.Arch{x86}, Options{Programs: programs})
	l := run.Ledgers[0]
	before := len(l.Steps)
	require.EqualError(t, l.Err, "enough", steps(l))
	require.Equal(t, 7, before, steps(l))
	require.Equal(t, Failed, l.Steps[6].Status, steps(l))
	require.Equal(t, "did not come to its end", l.Steps[6].Reason, steps(l))
	close(release)
	time.Sleep(50 * time.Millisecond)
	Compare([]*Run{run}, []*Reference{{Name: "none"}}, false)
	require.Len(t, l.Steps, before, steps(l))
	assert.Nil(t, l.Steps[6].Outputs, steps(l))
	assert.Nil(t, run.files[0].made["x86/out"], steps(l))
}

// slowFS has a file called slow, which calls wait when it is opened.
type slowFS struct {
	fs.FS
	wait func()
}

func (f slowFS) Open(name string) (fs.File, error) {
	if name == "slow" {
		f.wait()
		name = "x86/hex1.hex0"
	}
	return f.FS.Open(name)
}
