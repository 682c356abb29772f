package kaem

import (
	"context"
	"strings"
	"testing"

	"stage0/source"
)

// isPlaced reports whether each command's position is inside the script.
func isPlaced(w *world, script string) bool {
	lines := strings.Split(script, "\n")
	for _, cmd := range w.commands {
		at := cmd.At.Position()
		if len(cmd.Args) == 0 || at.Line > len(lines) || at.Col > len(lines[at.Line-1]) {
			return false
		}
	}
	return true
}

func FuzzRun(f *testing.F) {
	for _, script := range []string{
		"A=1\np ${A} ${B:-c} $@ \"a \\\" b\" \\\n c # d\n",
		"alias a=\"echo b\"\nif p exit1\na\nelse\ncd sub; pwd\nfi\nset -x\nunset A\nexec p\n",
		"echo \\\nab\\\ncd e\n\" \"\n", "if if A=1\nif\nfi\nfi  \n", "${A}${B:-}\x00\xFF",
	} {
		f.Add(script, byte(0))
	}
	f.Fuzz(func(t *testing.T, script string, flags byte) {
		change := func(o *Options) {
			o.Verbose, o.KeepGoing, o.Warn, o.Fuzz = flags&1 != 0, flags&2 != 0, flags&4 != 0, flags&8 != 0
		}
		var lax world
		status, err := lax.run(script, change)
		if err != nil && (status != 1 || !isPositioned(err)) {
			t.Fatalf("status %d, no position in %v", status, err)
		}
		if !isPlaced(&lax, script) {
			t.Fatalf("commands %v", lax.commands)
		}
		var strict world
		strictStatus, strictErr := strict.run(script, func(o *Options) { change(o); o.Diagnostics = source.Diagnostics{Strict: true} })
		if strictErr == nil && (err != nil || status != strictStatus || lax.stdout.String() != strict.stdout.String() || lax.words() != strict.words()) {
			t.Fatalf("strict gives %d, %q, %s, lax %d, %q, %s, %v", strictStatus, strict.stdout.String(), strict.words(),
				status, lax.stdout.String(), lax.words(), err)
		}
	})
}

func FuzzRunMinimal(f *testing.F) {
	f.Add("p a \"b c\" d\\\n e # f\np exit1\n")
	f.Add("p \\x \x00 \xFC\n")
	f.Fuzz(func(t *testing.T, script string) {
		for arch := range minimals {
			var w world
			if _, err := w.runMinimal(arch, script, false); err != nil && !isPositioned(err) {
				t.Fatalf("no position in %v", err)
			}
			if !isPlaced(&w, script) {
				t.Fatalf("commands %v", w.commands)
			}
		}
	})
}

// Running time is linear in the size of the script.
func BenchmarkRun(b *testing.B) {
	text := "# a comment\nA=1\n./p --flag ${A} \\\n\t\"a string\" b\nif A=1\necho a\nfi\n"
	for _, test := range []struct {
		name string
		size int
	}{{"1MB", 1 << 20}, {"10MB", 10 << 20}} {
		b.Run(test.name, func(b *testing.B) {
			script := strings.Repeat(text, test.size/len(text))
			var w world
			opt := w.options()
			opt.Exec = func(context.Context, Command) (int, error) { return 0, nil }
			b.SetBytes(int64(len(script)))
			b.ReportAllocs()
			for b.Loop() {
				w.stdout.Reset()
				if _, err := Run(context.Background(), source.String("in.kaem", script), opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
