//go:build unix

package tool_test

import (
	"bytes"
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"stage0/internal/clean"
	"stage0/tool"
	"stage0/tool/registry"
)

// evil is a name that a terminal would obey: it clears the line, sets the
// title, and is not shown in the order that it has.
const evil = "\x1b[2K\u009b1A\x1b]0;x\x07\u202Ex\u2066\u061C\x7f\xff"

// What the tools say of names and texts is fit for a terminal, whatever these
// hold.
func TestMessagesAreClean(t *testing.T) {
	said := 0
	say := func(t *testing.T, dir string, args ...string) {
		var stdout, stderr bytes.Buffer
		program, ok := registry.Lookup(args[0])
		if !ok {
			t.Fatalf("no program %s", args[0])
		}
		env := &tool.Env{
			FS: tool.Host{}, Dir: dir, Vars: []string{"PATH=/nowhere", "M2LIBC_PATH=" + evil},
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
			Exec: func(context.Context, *tool.Env, tool.Command) (int, error) { return 1, fs.ErrNotExist },
		}
		program.Run(context.Background(), env, args)
		if got := stderr.String(); got != clean.Text(got) {
			t.Errorf("%q: says %q", args, got)
		} else if got != "" {
			said++
		}
	}
	for _, p := range registry.Programs() {
		t.Run(p.Name, func(t *testing.T) {
			if p.Name == "wrap" { // it runs a program
				t.Skip()
			}
			dir := t.TempDir()
			said = 0
			say(t, dir, p.Name, evil)
			say(t, dir, p.Name, evil, evil)
			say(t, dir, p.Name, "out", evil)
			say(t, dir, p.Name, "-"+evil)
			say(t, dir, p.Name, "--"+evil, "x")
			say(t, dir, p.Name, "-f", evil, "-o", "out")
			say(t, dir, p.Name, "--file", evil, "--output", evil)
			say(t, dir, p.Name, "-A", evil, "--architecture", evil)
			if said == 0 && !strings.Contains(" get_machine rm sha256sum ", " "+p.Name+" ") {
				t.Error("says nothing")
			}
		})
	}
	for _, c := range []struct{ command, text string }{
		{"hex0 in out", evil},
		{"hex0 --strict in out", evil},
		{"hex1 --strict in out", "%" + evil + "\n"},
		{"hex2-0 in out", "%" + evil + "\n"},
		{"hex2 -f in -o out", "%" + evil + "\n"},
		{"hex2 -f in -o out", ":" + evil + "\n:" + evil + "\n"},
		{"M0 --strict in out", evil + "\n"},
		{"M1 -f in -o out", evil + "\n"},
		{"M1 -f in -o out", "DEFINE " + evil + " " + evil + "\n"},
		{"blood-elf -f in -o out", ":" + evil},
		{"cc-0 in out", "int main() { return " + evil + "; }\n"},
		{"cc-0 in out", "int main() { return \"" + evil + "\n"},
		{"M2-Planet -f in -o out", "int main() { return " + evil + "; }\n"},
		{"M2-Planet -f in -o out", "#error " + evil + "\n"},
		{"M2-Planet -f in -o out", "#include <" + evil + ">\n"},
		{"M2-Mesoplanet -f in -o out", "#include <" + evil + ">\n"},
		{"M2-Mesoplanet -f in -o out", "#error " + evil + "\n"},
		{"M2-Mesoplanet --debug-mode -f in -o out", "int x;\n"},
		{"kaem -f in", evil + " a b\n"},
		{"kaem -f in", "cd " + evil + "\n"},
		{"kaem --show-exit-codes -f in", "./" + evil + "\n"},
		{"kaem -f in", "./x ${" + evil + "\n"},
		{"kaem-0 in", "./" + evil + "\n"},
		{"sha256sum -c in", strings.Repeat("0", 64) + "  " + evil + "\n"},
		{"untar -f in", evil},
		{"unxz -f in -o out", evil},
		{"match a b", ""},
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "in"), c.text)
		say(t, dir, strings.Fields(c.command)...)
	}
}
