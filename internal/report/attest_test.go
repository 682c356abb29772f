package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/bootstrap"
)

var program = Program{
	Digest:   one,
	Go:       "go1.26.0",
	Platform: "linux/amd64",
	Module:   Module{Path: "stage0", Version: "v1.0.0"},
	Modules:  []Module{{"example.org/a", "v1.2.3", "h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48="}},
}

// good returns a ladder of two steps that is as it should be.
func good() *bootstrap.Run {
	seed := bootstrap.File{Path: "bootstrap-seeds/POSIX/x86/hex0-seed", Size: 1, Digest: one}
	text := bootstrap.File{Path: "x86/hex0_x86.hex0", Size: 2, Digest: two, From: -1}
	script := bootstrap.File{Path: "kaem.x86", Size: 3, Digest: three}
	steps := start()
	steps[0].File = bootstrap.File{Path: "bootstrap-seeds/POSIX/x86/kaem-optional-seed", Size: 4, Digest: four}
	steps[0].Inputs = []bootstrap.File{script}
	steps[1].File, steps[1].Inputs = seed, []bootstrap.File{text}
	hex0 := artefact("x86/artifact/hex0", 1, one)
	steps[1].Outputs = []bootstrap.File{hex0.File}
	steps = append(steps, &bootstrap.Step{Parent: 0, At: at("kaem.x86", 4), Args: []string{"./x86/artifact/hex0"}, Engine: bootstrap.EngineEmu, File: hex0.File,
		Inputs: []bootstrap.File{text}, Outputs: []bootstrap.File{{Path: "x86/artifact/again", Digest: one}}})
	l := ladder("x86", steps, artefact("x86/artifact/again", 2, one), hex0)
	l.Sources = []bootstrap.File{text, {Path: "x86.answers", Digest: four, From: -1}}
	l.Artefacts[1].Witnesses = append(l.Artefacts[1].Witnesses, bootstrap.Witness{Kind: bootstrap.ByAnswers, Name: "x86.answers", Digest: one})
	run := released(l)
	run.Duration = 0
	run.Revision.Repository = &bootstrap.Repository{URL: "https://example.org/r", Commit: "01234567",
		Submodules: []bootstrap.Submodule{{Path: "x86", Commit: "89abcdef"}}}
	return run
}

func TestAttest(t *testing.T) {
	run, again := good(), good()
	again.Engine = bootstrap.EngineEmu
	var b bytes.Buffer
	if err := (&Report{Runs: []*bootstrap.Run{run, again}}).Attest(&b, program); err != nil {
		t.Fatal(err)
	}
	golden(t, "attest.json", b.String())
}

var update = flag.Bool("update", false, "write the goldens from what is made")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	check(t, string(want), got)
}

func TestAttestNothing(t *testing.T) {
	for _, runs := range [][]*bootstrap.Run{nil, {bad()}, {good(), bad()}} {
		var b bytes.Buffer
		err := (&Report{Runs: runs}).Attest(&b, program)
		assert.Equal(t, errNotGood, err)
		assert.LessOrEqual(t, b.Len(), 0)
	}
	for _, unsure := range []func(run *bootstrap.Run){
		func(run *bootstrap.Run) { run.Ledgers[0].Artefacts[0].Witnesses = nil },
		func(run *bootstrap.Run) { run.Missing = arch.Ladders()[1:2] },
	} {
		run := good()
		unsure(run)
		if err := (&Report{Runs: []*bootstrap.Run{run}}).Attest(io.Discard, program); err != errNotGood {
			t.Errorf("%v", err)
		}
	}
	recalled := good()
	recalled.Ledgers[0].Steps[0].Recalled = true
	if err := (&Report{Runs: []*bootstrap.Run{good(), recalled}}).Attest(io.Discard, program); err != errRecalled {
		t.Errorf("%v", err)
	}
}

// All that is in the sample, and what its ladders make, is in its statement.
func TestAttestSample(t *testing.T) {
	var b bytes.Buffer
	if err := (&Report{Runs: []*bootstrap.Run{replaySample(t, "x86")}}).Attest(&b, program); err != nil {
		t.Fatal(err)
	}
	var s statement
	if err := json.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Subject); n != 25 {
		t.Errorf("%d subjects, want 25", n)
	}
	if want := "x86/out/hello-hex0"; !named(s.Subject, want) {
		t.Errorf("%s is not a subject", want)
	}
	for _, want := range []string{"kaem.x86", "x86/seed.kaem", "x86/hello.hex0", "x86/defs.M1"} {
		if !named(s.Predicate.BuildDefinition.ResolvedDependencies, want) {
			t.Errorf("%s is not a dependency", want)
		}
	}
	for _, r := range s.Predicate.BuildDefinition.ResolvedDependencies {
		if named(s.Subject, r.Name) {
			t.Errorf("%s was made, and is a dependency", r.Name)
		}
	}
}

func named(list []resource, name string) bool {
	for _, r := range list {
		if r.Name == name {
			return true
		}
	}
	return false
}

var three, four = digest("3"), digest("4")

func digest(text string) bootstrap.Digest { return sha256.Sum256(fmt.Append(nil, text)) }
