package report

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
	"stage0/bootstrap"
)

// judged returns an artefact that step 1 made, with the verdict v.
func judged(path string, v bootstrap.Verdict) bootstrap.Artefact {
	a := artefact(path, 1, one)
	switch v {
	case bootstrap.Agreed:
		a.Witnesses = []bootstrap.Witness{{Kind: bootstrap.ByEngine, Name: "other", Digest: one}}
	case bootstrap.Unconfirmed:
		a.Witnesses = nil
	case bootstrap.Differs:
		a.Digest = two
	case bootstrap.Missing:
		a.From = -1
	}
	return a
}

// with returns a run by engine of a ladder for x86 whose artefacts have these
// verdicts.
func with(engine string, verdicts ...bootstrap.Verdict) *bootstrap.Run {
	l := ladder("x86", start())
	for i, v := range verdicts {
		l.Artefacts = append(l.Artefacts, judged(string(rune('a'+i)), v))
	}
	run := released(l)
	run.Engine = engine
	return run
}

func TestConclude(t *testing.T) {
	const match, agreed, unconfirmed, differs, missing = bootstrap.Matches, bootstrap.Agreed, bootstrap.Unconfirmed, bootstrap.Differs, bootstrap.Missing
	failed := func(run *bootstrap.Run) *bootstrap.Run {
		l := run.Ledgers[0]
		l.Steps = append(l.Steps, &bootstrap.Step{Parent: 0, Status: bootstrap.Failed})
		return run
	}
	stopped := func(run *bootstrap.Run) *bootstrap.Run {
		run.Ledgers[0].Err = errors.New("enough")
		return run
	}
	lacks := func(run *bootstrap.Run, names ...string) *bootstrap.Run {
		for _, name := range names {
			a, _ := arch.Lookup(name)
			run.Missing = append(run.Missing, a)
		}
		return run
	}
	unknown := func(run *bootstrap.Run) *bootstrap.Run {
		run.Revision = bootstrap.Revision{Nearest: "Release_1.9.1"}
		return run
	}
	also := func(run *bootstrap.Run, more *bootstrap.Run, name string) *bootstrap.Run {
		a, _ := arch.Lookup(name)
		more.Ledgers[0].Arch = a
		run.Ledgers = append(run.Ledgers, more.Ledgers[0])
		return run
	}
	for _, test := range []struct {
		name string
		runs []*bootstrap.Run
		exit int
		want string
	}{
		{"match", []*bootstrap.Run{with("go", match, match)}, 0, "match: 2 of 2 artefacts are those of Release_1.9.1"},
		{"match of two engines", []*bootstrap.Run{with("go", match, match), with("emu", match, match)}, 0,
			"match: 2 of 2 artefacts are those of Release_1.9.1"},
		{"match without a release", []*bootstrap.Run{unknown(with("go", match, match))}, 0, "match: 2 of 2 artefacts match a reference"},
		{"agreed", []*bootstrap.Run{unknown(with("go", match, agreed, agreed)), with("emu", match, agreed, agreed)}, 0,
			"agreed: 1 of 3 artefacts match a reference, the other 2 are the same by engines go and emu"},
		{"unconfirmed", []*bootstrap.Run{unknown(with("emu", match, unconfirmed, unconfirmed))}, 3,
			"unconfirmed: no reference says what 2 of 3 artefacts should be, and only engine emu made them"},
		{"unconfirmed, one of them", []*bootstrap.Run{unknown(with("go", match, agreed, unconfirmed))}, 3,
			"unconfirmed: no reference says what 1 of 3 artefacts should be, and only engine go made it"},
		{"differs", []*bootstrap.Run{with("go", match, differs, unconfirmed)}, 1, "no match: 1 of 3 artefacts differs"},
		{"differ", []*bootstrap.Run{with("go", differs, differs)}, 1, "no match: 2 of 2 artefacts differ"},
		{"not made", []*bootstrap.Run{with("go", match, missing)}, 1, "no match: 1 of 2 artefacts was not made"},
		{"several not made", []*bootstrap.Run{with("go", match, missing, missing)}, 1, "no match: 2 of 3 artefacts were not made"},
		{"not made by one of two engines", []*bootstrap.Run{with("go", match, agreed), with("emu", match, missing)}, 1,
			"no match: 1 of 2 artefacts was not made"},
		{"engines that differ", []*bootstrap.Run{with("go", match, match), with("emu", match, differs)}, 1, "no match: 1 of 2 artefacts differs"},
		{"the first of them differs", []*bootstrap.Run{with("go", match, differs), with("emu", match, match)}, 1, "no match: 1 of 2 artefacts differs"},
		{"failed", []*bootstrap.Run{failed(with("go", match))}, 1, "no match: the ladder of x86 failed"},
		{"nothing to make", []*bootstrap.Run{with("go")}, 1, "no match: the ladder of x86 failed"},
		{"a missing ladder", []*bootstrap.Run{lacks(with("go", match), "riscv64")}, 1, "no match: the ladder of riscv64 is not in the tree"},
		{"several at once", []*bootstrap.Run{lacks(also(failed(with("go", match, differs, missing, unconfirmed)), failed(with("go", match)), "amd64"), "riscv32", "riscv64")}, 1,
			"no match: the ladders of x86, amd64 failed, the ladders of riscv32, riscv64 are not in the tree, " +
				"1 of 5 artefacts differs, 1 of 5 artefacts was not made"},
		{"stopped", []*bootstrap.Run{stopped(with("go", match))}, 2, "stopped: the ladder of x86 could not be replayed and compared"},
		{"stopped, and more", []*bootstrap.Run{lacks(failed(with("go", differs)), "amd64"), stopped(with("emu", missing))}, 2,
			"stopped: the ladder of x86 could not be replayed and compared"},
		{"both stopped", []*bootstrap.Run{also(stopped(with("go", match)), stopped(with("go", match)), "riscv64"), stopped(with("emu", match))}, 2,
			"stopped: the ladders of x86, riscv64 could not be replayed and compared"},
		{"no run", nil, 1, "no match: nothing was made"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Conclude(test.runs)
			assert.Equal(t, test.want, c.Text)
			assert.Equal(t, test.exit, c.Status.Exit())
			if text := show(t, test.runs...); len(test.runs) > 0 && text[len(text)-len(test.want)-2:] != "\n"+test.want+"\n" {
				t.Errorf("%s\nwant at its end: %s", text, test.want)
			}
		})
	}
}
