package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// programs are C programs, compiled by mescc with options, and what they do.
var programs = []struct {
	args   string // of mescc
	prints string
	status int
}{
	{"-o a.out sieve.c -lc+tcc", "two\nthree\nfive\nseven\n25 primes below 100\n", 25},
	{"-g -o a.out words.c -lc+tcc", "catm 1\nhex 3\nkaem 1\nmes 2\n", 2},
	{"-g -o a.out bits.c rotate.c", "34568713\n", 7},
}

// GNU Mes's C compiler runs M1, hex2 and, for -g, blood-elf. It makes the same
// with ours as with Debian's, and what it makes runs.
func TestMescc(t *testing.T) {
	mes := debian(t, "mescc", "mes", "basename", "dirname")
	theirTools := debian(t, "M1", "hex2", "blood-elf")
	ourTools := links(t)
	mescc := filepath.Join(mes, "mescc")
	for _, program := range programs {
		t.Run(program.args, func(t *testing.T) {
			t.Parallel()
			newJob := func(tools string) job {
				return job{dir: sources(t), vars: []string{"PATH=" + tools + ":" + mes}}
			}
			ours, theirs, none := newJob(ourTools), newJob(theirTools), newJob("/nowhere")
			args := strings.Fields(program.args)
			ours.run(t, 0, mescc, args...)
			theirs.run(t, 0, mescc, args...)
			t.Logf("%d files are the same", compare(t, ours.dir, theirs.dir))
			for _, j := range []job{ours, theirs} {
				if got := j.run(t, program.status, filepath.Join(j.dir, "a.out")); got != program.prints {
					t.Errorf("it prints %q, want %q", got, program.prints)
				}
			}
			// PATH is what decides which tools it runs.
			if out := none.run(t, 255, mescc, args...); !strings.Contains(out, "mescc: failed: M1 ") {
				t.Errorf("without tools: %s", out)
			}
		})
	}
}

// sources returns a directory with the C programs of testdata.
func sources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	return dir
}

// Our kaem, M1, hex2 and blood-elf make of the M1 and assembly files that
// Debian's mes installs, its C library in the first place, what Debian's make.
func TestMesLibrary(t *testing.T) {
	debian(t, "mes")
	theirTools := debian(t, "kaem", "M1", "hex2", "blood-elf")
	ourTools := links(t)
	script := libraryScript(t)
	newJob := func(tools string) job {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"kaem.run": script,
			"main.M1":  ":main\nmov____$i32,%rax %43\nret\n:ELF_data\n",
		} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
		}
		j := job{dir: dir, vars: []string{"PATH=" + tools}}
		j.run(t, 0, filepath.Join(tools, "kaem"), "--strict", "--file", "kaem.run")
		return j
	}
	ours, theirs := newJob(ourTools), newJob(theirTools)
	commands := strings.Count(script, " -o ")
	t.Logf("%d files are the same, made by %d commands", compare(t, ours.dir, theirs.dir), commands)
	if commands < 30 {
		t.Errorf("only %d commands were run", commands)
	}
	for _, program := range []struct {
		name, prints string
		status       int
	}{{"exit-42", "", 42}, {"hello-mes", "Hello, GNU Mes!\n", 0}, {"libc-mini", "", 43}, {"libc", "", 43}, {"libc+tcc", "", 43}, {"libc+gnu", "", 43}} {
		if got := ours.run(t, program.status, filepath.Join(ours.dir, program.name)); got != program.prints {
			t.Errorf("%s prints %q, want %q", program.name, got, program.prints)
		}
	}
}

// libraryScript returns a script for kaem that assembles, lists and links what
// is installed.
func libraryScript(t *testing.T) string {
	t.Helper()
	found := func(pattern string) []string {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err, pattern)
		require.NotEqual(t, 0, len(names), pattern)
		return names
	}
	defs := found("/usr/lib/*/mes/x86_64-mes/x86_64.M1")[0]
	lib := filepath.Dir(defs)
	var b strings.Builder
	fmt.Fprintf(&b, "set -ex\nLIB=%s\nELF=%s\n", lib, filepath.Dir(found("/usr/lib/*/mes/linux/x86_64-mes/elf64-header.hex2")[0]))
	const (
		assemble = "M1 --little-endian --architecture amd64 -f ${LIB}/x86_64.M1"
		list     = "blood-elf --64 --little-endian -f ${LIB}/x86_64.M1"
		link     = "hex2 --little-endian --architecture amd64 --base-address 0x1000000 -f ${ELF}/elf64-header.hex2"
	)
	b.WriteString(assemble + " -f main.M1 -o main.o\n")
	for _, path := range found(filepath.Join(lib, "*.s")) {
		name := strings.TrimSuffix(filepath.Base(path), ".s")
		fmt.Fprintf(&b, assemble+" -f ${LIB}/%[1]s.s -o %[1]s.o\n", name)
		fmt.Fprintf(&b, list+" -f ${LIB}/%[1]s.s -o %[1]s.blood-elf\n", name)
		fmt.Fprintf(&b, assemble+" -f %[1]s.blood-elf -o %[1]s.elf\n", name)
		if strings.HasPrefix(name, "libc") {
			fmt.Fprintf(&b, link+" -f ${LIB}/crt1.o -f main.o -f ${LIB}/%[1]s.a -f %[1]s.elf -o %[1]s\n", name)
		}
	}
	for _, path := range found(filepath.Join(filepath.Dir(lib), "linux/x86_64-mes/elf64-body-*.hex2")) {
		name := strings.TrimSuffix(filepath.Base(path), ".hex2")
		fmt.Fprintf(&b, link+" -f ${ELF}/%s.hex2 -f ${ELF}/elf64-footer-single-main.hex2 -o %s\n", name, strings.TrimPrefix(name, "elf64-body-"))
	}
	return b.String()
}
