package bootstrap

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
)

// An executed program that runs what a script asks for has the positions of that
// script, whatever the script makes of its words, up to the first command that the
// script does not ask for.
func TestLockstep(t *testing.T) {
	tree := fstest.MapFS{
		"in/a.kaem": {Data: []byte(`alias CC="${BIN}/cc -f"
CC one.c
cd sub
./cc two.c
if match a b
  CC three.c
else
  CC four.c
fi
exec ./end
`)},
		"in/sub/x":   {},
		"bin/match":  {},
		"in/minimal": {Data: []byte("# comment\n./hex0 a\n\n  ./hex0 b\n")},
		"kaem.x86":   {Data: []byte("./hex0 c\n")},
	}
	type command struct {
		dir, args string
		exit      int
		want      string // "" for where the step itself is
	}
	for _, test := range []struct {
		name, args string
		commands   []command
	}{
		{"kaem", "kaem --file a.kaem", []command{
			{"/tree/in", "./bin/cc -f one.c", 0, "a.kaem:2:1"},
			{"/tree/in/sub", "./cc two.c", 0, "a.kaem:4:1"},
			{"/tree/in/sub", "match a b", 0, "a.kaem:5:4"},
			{"/tree/in/sub", "./bin/cc -f three.c", 0, "a.kaem:6:3"},
			{"/tree/in/sub", "./end", 0, "a.kaem:10:6"},
			{"/tree/in/sub", "./end", 0, ""},
		}},
		{"else", "kaem --file a.kaem", []command{
			{"/tree/in", "./bin/cc -f one.c", 0, "a.kaem:2:1"},
			{"/tree/in/sub", "./cc two.c", 0, "a.kaem:4:1"},
			{"/tree/in/sub", "match a b", 1, "a.kaem:5:4"},
			{"/tree/in/sub", "./bin/cc -f four.c", 0, "a.kaem:8:3"},
		}},
		{"a failure ends it", "kaem --file a.kaem", []command{
			{"/tree/in", "./bin/cc -f one.c", 1, "a.kaem:2:1"},
			{"/tree/in/sub", "./cc two.c", 0, ""},
		}},
		{"another command", "kaem --file a.kaem", []command{
			{"/tree/in", "./bin/cc -f one.c", 0, "a.kaem:2:1"},
			{"/tree/in/sub", "./cc one.c", 0, ""},
			{"/tree/in/sub", "match a b", 0, ""},
		}},
		{"another directory", "kaem --file a.kaem", []command{{"/tree", "./bin/cc -f one.c", 0, ""}}},
		{"kaem-minimal", "kaem-0 minimal", []command{
			{"/tree/in", "./hex0 a", 0, "minimal:2:1"},
			{"/tree/in", "./hex0 b", 0, "minimal:4:3"},
		}},
		{"its own script", "/tree/kaem-0 /tree/kaem.x86", []command{{"/tree/in", "./hex0 c", 0, "/tree/kaem.x86:1:1"}}},
		{"no kaem", "M2-Mesoplanet -f one.c", []command{{"/tree/in", "M2-Planet", 0, ""}}},
		{"no arguments", "", []command{{"/tree/in", "M2-Planet", 0, ""}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			x86, _ := arch.Lookup("x86")
			e := &execution{replay: newReplay(x86, NewTree(tree), Options{}), ctx: t.Context()}
			defer e.closeLocksteps()
			parent := &running{Step: &Step{Dir: "in", Args: strings.Fields(test.args), Vars: []string{"BIN=./bin", "PATH=/tree/bin"}}}
			for _, c := range test.commands {
				at := e.position(parent, c.dir, strings.Fields(c.args))
				if c.want == "" {
					assert.Zero(t, at, c.args)
				} else {
					assert.Equal(t, c.want, at.String(), c.args)
				}
				parent.last = &Step{Exit: c.exit}
			}
			assert.Empty(t, e.files.read) // by the step
		})
	}
}

// The position is the same from a cache.
func TestRecallPosition(t *testing.T) {
	c := newCached(t, forkSeed("kaem.riscv64", 0, "other"))
	c.tree["kaem.riscv64"].Data = []byte("\n./bootstrap-seeds/POSIX/riscv64/kaem-optional-seed kaem.riscv64\n")
	for range 2 {
		cache, err := OpenCache(c.dir, c.emulator)
		require.NoError(t, err)
		riscv64, _ := arch.Lookup("riscv64")
		l := replayOne(t.Context(), NewTree(c.tree), riscv64, nil, Options{Engine: EngineEmu, Cache: func() *Cache { return cache }}).Ledgers[0]
		require.NoError(t, cache.Close())
		require.Len(t, l.Steps, 2)
		assert.Equal(t, "kaem.riscv64:2:1", l.Steps[1].At.String())
		script, ok := l.Script(1)
		assert.True(t, ok)
		assert.Equal(t, "kaem.riscv64", script.Path)
	}
}
