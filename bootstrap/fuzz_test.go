package bootstrap

import (
	"strings"
	"testing"
)

// Whatever a script says, the replay ends, in time, without a panic.
func FuzzScript(f *testing.F) {
	f.Add(ladder()["x86/mini.kaem"], "68 65 78 31")
	f.Add("./x86/artifact/hex0 x86/full.hex0 x86/bin/kaem\n./x86/bin/kaem --non-strict -f x86/hex1.hex0\n", "echo\ncd ..\ncd /\n./x86/bin/kaem\n")
	f.Add("./x86/artifact/hex0 x86/catm.hex0 x86/artifact/catm\n./x86/artifact/catm x86/artifact/M0 x86/hex1.hex0 none\n./x86/artifact/M0 a b\n", "DEFINE a 00\n:a a\n")
	f.Add("./x86/artifact/none a b\n./x86/artifact/hex0 b ../c\n", "")
	f.Fuzz(func(t *testing.T, script, text string) {
		tree := ladder().with(files{"x86/mini.kaem": script, "x86/hex1.hex0": text, "x86/bin/": ""})
		l := replayX86(tree.tree(), reference(tree, made))
		for _, s := range l.Steps {
			if strings.HasPrefix(s.Reason, "panic") {
				t.Fatalf("%v: %s", s.Args, s.Reason)
			}
		}
		if l.Err != nil && strings.HasPrefix(l.Err.Error(), "panic") {
			t.Fatal(l.Err)
		}
	})
}

func FuzzParseDigests(f *testing.F) {
	f.Add(sum("") + "  a\n")
	f.Add(sum("") + " *a")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseDigests("sums", []byte(text))
		if err != nil && !strings.HasPrefix(err.Error(), "sums:") {
			t.Errorf("no position: %v", err)
		}
		for _, d := range list {
			if strings.HasPrefix(d.Path, "/") || strings.HasPrefix(d.Path, "..") {
				t.Errorf("path %q", d.Path)
			}
		}
	})
}
