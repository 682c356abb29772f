package bootstrap

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A hostile script ends in an error, and nothing outside of the tree is
// touched.
func TestHostileScripts(t *testing.T) {
	const run = "./x86/artifact/hex0 "
	for _, c := range []struct{ name, script, want string }{
		{"input above the tree", run + "../../../../etc/passwd x\n", "hex0: ../../../../etc/passwd: cannot open: outside of the tree"},
		{"absolute input", run + "/etc/passwd x\n", "hex0: /etc/passwd: cannot open: outside of the tree"},
		{"output above the tree", run + "x86/hex1.hex0 ../x\n", "hex0: ../x: cannot create: outside of the tree"},
		{"absolute output", run + "x86/hex1.hex0 /tmp/x\n", "hex0: /tmp/x: cannot create: outside of the tree"},
		{"program above the tree", "../../../bin/sh -c true\n", "../../../bin/sh: outside of the tree"},
		{"absolute program", "/bin/sh -c true\n", "/bin/sh: outside of the tree"},
		{"program that is not there", "./x86/artifact/sh\n", "x86/artifact/sh: file does not exist"},
		{"program that is not a program", "./x86\n", "x86: is a directory"},
		{"program that is not executable", run + "x86/catm.hex0 x86/artifact/catm\n./x86/artifact/catm x86/artifact/M0 x86/hex0.hex0\n./x86/artifact/M0 a b\n",
			"x86/artifact/M0: not executable, its permissions are 0600"},
		{"device", run + "/dev/zero x\n", "hex0: /dev/zero: cannot open: outside of the tree"},
		{"directory as input", run + "x86 x\n", "hex0: x86: cannot open: is a directory"},
		{"directory as output", run + "x86/hex1.hex0 x86/artifact\n", "hex0: x86/artifact: cannot create: is a directory"},
		{"directory as script", "./x86/artifact/kaem-0 x86\n", "kaem-0: x86: cannot open: is a directory"},
		{"output in no directory", run + "x86/hex1.hex0 no/where\n", "hex0: no/where: cannot create: file does not exist"},
		{"file as directory", run + "x86/hex1.hex0/x y\n", "hex0: x86/hex1.hex0/x: cannot open: file does not exist"},
		{"script that runs itself", "./x86/artifact/kaem-0 x86/mini.kaem\n", "./x86/artifact/kaem-0: cannot be run: programs run each other more than 64 deep"},
		{"name with NUL", run + "a\x00b x\n", ""},
		{"bad UTF-8", run + "\xFF\xFE x\n", "cannot open: invalid argument"},
		{"binary noise", "\x00\x01\x02\xFF\n", ""},
		{"endless word", strings.Repeat("x", 1<<20) + "\n", ""},
		{"endless command", run + strings.Repeat("x ", 1<<16) + "\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ladder().with(files{"x86/mini.kaem": c.script})
			l := replayX86(tree.tree(), reference(tree, made))
			failure := l.Failure()
			require.GreaterOrEqual(t, failure, 0, steps(l))
			require.False(t, l.Good(), steps(l))
			require.NoError(t, l.Err, steps(l))
			reason := l.Steps[failure].Reason
			assert.True(t, strings.HasSuffix(reason, c.want))
			assert.NotContains(t, reason, "panic")
		})
	}
}

// Scripts that run themselves over and over end.
func TestEndlessSteps(t *testing.T) {
	twice := "./x86/bin/kaem --non-strict --file x86/mini.kaem\n"
	tree := ladder().with(files{
		"x86/mini.kaem": "./x86/artifact/hex0 x86/full.hex0 x86/bin/kaem\n" + strings.Repeat(twice, 10),
		"x86/bin/":      "",
	})
	l := replayX86(tree.tree(), reference(tree, made))
	assert.EqualError(t, l.Err, "the scripts run more than 10000 commands")
	assert.False(t, l.Good())
	assert.Len(t, l.Steps, maxSteps)
}

// A file that doubles with each step ends.
func TestEndlessOutput(t *testing.T) {
	script := "./x86/artifact/hex0 x86/catm.hex0 x86/artifact/catm\n./x86/artifact/catm f0 kaem.x86\n"
	for i := range 60 {
		script += fmt.Sprintf("./x86/artifact/catm f%d f%d f%d\n", i+1, i, i)
	}
	tree := ladder().with(files{"x86/mini.kaem": script})
	r := newReplay(x86, tree.tree(), Options{Engine: EngineGo, Programs: programs})
	ledger := r.ledger
	r.files.left.Store(1 << 20)
	r.run(t.Context())
	failure := ledger.Failure()
	require.GreaterOrEqual(t, failure, 0, steps(ledger))
	assert.True(t, strings.HasSuffix(ledger.Steps[failure].Reason, "the ladder writes more than 256 MiB"), steps(ledger))
}

// What a program of package tool reads in a step is bounded, since it may take many
// times as much memory.
func TestReadLimit(t *testing.T) {
	compile := "./x86/artifact/hex0 x86/cc.hex0 x86/artifact/cc_x86\n./x86/artifact/cc_x86 x86/large.c x86/out\n"
	for _, c := range []struct {
		name, script string
		size         int
		want         string
	}{
		{"compiler", compile, 4<<20 + 1, "cc-0: x86/large.c: cannot open: cc-0 may not read more than 4 MiB in a step"},
		{"as large as may be", compile, 4 << 20, ""},
		{"assembler", "./x86/artifact/hex0 x86/large.c x86/out\n", 64<<20 + 1, "hex0: x86/large.c: cannot open: hex0 may not read more than 64 MiB in a step"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := ladder().with(files{"x86/mini.kaem": c.script, "x86/cc.hex0": "63 63", "x86/large.c": strings.Repeat("\n", c.size)})
			l := replayX86(tree.tree(), reference(tree, made))
			reason := ""
			if f := l.Failure(); f >= 0 {
				reason = l.Steps[f].Reason
			}
			assert.Equal(t, c.want, reason)
			require.NoError(t, l.Err)
		})
	}
}

// Links that lead out of the tree are not followed.
func TestLinksOut(t *testing.T) {
	outside := files{"secret": "68657831"}.write(t)
	for _, c := range []struct{ name, link, target, want string }{
		{"source", "x86/hex1.hex0", outside + "/secret", "hex0: ./x86/hex1.hex0: cannot open: path escapes from parent"},
		{"relative", "x86/hex1.hex0", "../../" + filepath.Base(outside) + "/secret", "hex0: ./x86/hex1.hex0: cannot open: path escapes from parent"},
		{"directory", "x86/artifact", outside, "hex0: ./x86/artifact/hex0: cannot create: path escapes from parent"},
		{"program", "bootstrap-seeds/POSIX/x86/hex0-seed", "/bin/sh", "path escapes from parent"},
		{"inside", "x86/hex1.hex0", "other", ""},
		{"loop", "x86/hex1.hex0", "hex1.hex0", "hex0: ./x86/hex1.hex0: cannot open: too many levels of symbolic links"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := ladder().with(files{"x86/other": ladder()["x86/hex1.hex0"]}).write(t)
			link := filepath.Join(dir, c.link)
			must(t, os.RemoveAll(link))
			must(t, os.Symlink(c.target, link))
			tree, err := OpenTree(dir)
			must(t, err)
			l := replayX86(tree, reference(ladder(), made))
			failure := l.Failure()
			if c.want == "" {
				if failure >= 0 || l.Count(Matches) != len(made) {
					t.Errorf("failure %d, %d matched\n%s", failure, l.Count(Matches), steps(l))
				}
				return
			}
			require.GreaterOrEqual(t, failure, 0, steps(l))
			assert.False(t, l.Good(), steps(l))
			assert.True(t, strings.HasSuffix(l.Steps[failure].Reason, c.want), steps(l))
			left, err := os.ReadDir(outside)
			must(t, err)
			if len(left) != 1 {
				t.Errorf("%v", left)
			}
		})
	}
}
