package tool_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/translate"
	"stage0/tool"
)

// An m2PlanetRun is a run of a program of M2-Planet's test suite, and what its
// run_test.sh wants of it. The paths are those of the script.
type m2PlanetRun struct {
	name   string
	args   string
	stdin  string // a file, if there is one
	status int
	words  int    // if there are some, the status is how many bytes they have
	prints string // on standard output, but for newlines at the end
	answer string // the file that has the digest of what is made; then prints does not count
	makes  string // the file that is made; standard output if it is empty, or error if it is toStderr
}

const toStderr = "standard error"

var m2PlanetRuns = []m2PlanetRun{
	{name: "test0000", status: 42},
	{name: "test0001", status: 42, prints: "Hello mes"},
	{name: "test0002", status: 42, prints: "Hello mes"},
	{name: "test0003", status: 42, prints: "Hello mes"},
	{name: "test0004", status: 42, prints: "Hello mes"},
	{name: "test0005", status: 42, prints: "Hello mes"},
	{name: "test0006", answer: "proof.answer"},
	{name: "test0007", answer: "proof.answer"},
	{name: "test0008", words: 4, prints: "35419896642975313541989657891634"},
	{name: "test0009", status: 42, prints: "Hello mes"},
	{name: "test0010", words: 3, prints: "35419896642975313541989657891634"},
	{name: "test0011", answer: "proof.answer"},
	{name: "test0012", answer: "proof.answer"},
	{name: "test0013", answer: "proof.answer"},
	{name: "test0014", args: "314 1 5926 5 35897 932384626 43 383279 50288 419 71693 99375105 820974944", answer: "proof-{arch}.answer"},
	{name: "test0015", args: "test/test0015/file_read.c", answer: "proof.answer"},
	{name: "test0016", args: "test/test0016/proof", answer: "proof.answer", makes: "proof"},
	{name: "test0017", answer: "proof.answer"},
	{name: "test0018", answer: "proof.answer"},
	{name: "test0019", args: "-f test/test0019/input -o test/test0019/proof", answer: "proof.answer", makes: "proof"},
	{name: "test0020", words: 5, prints: "35419896642975313541989657891634"},
	{name: "test0021"},
	{name: "test0022", answer: "proof.answer"},
	{name: "test0023", args: "test/test0023/question", answer: "proof.answer"},
	{name: "test0024", status: 42},
	{name: "test0025", answer: "proof.answer", makes: toStderr},
	{name: "test0026", args: "12345 abcdef ABCDEF", answer: "proof.answer"},
	{name: "test0027", prints: "Hello world!"},
	{name: "test0031", status: 111},
	{name: "test0031", args: "test1", status: 122},
	{name: "test0031", args: "test2", status: 31},
	{name: "test0031", args: "test3", status: 43},
	{name: "test0031", args: "test4", status: 155},
	{name: "test0031", args: "test5", status: 133},
	{name: "test0031", args: "test6", status: 84},
	{name: "test0031", args: "test7", status: 151},
	{name: "test0100", args: "--version", prints: "blood-elf 0.1\n(Basically Launches Odd Object Dump ExecutabLe Files"},
	{name: "test0100", args: "-f test/test0100/test.M1 -o test/test0100/proof", answer: "proof.answer", makes: "proof"},
	{name: "test0101", args: "--version", prints: "hex2 0.3"},
	{
		name: "test0101",
		args: "-f M2libc/x86/ELF-x86.hex2 -f test/test0101/test.hex2 --LittleEndian --architecture x86" +
			" --BaseAddress 0x8048000 -o test/test0101/proof",
		answer: "proof.answer", makes: "proof",
	},
	{name: "test0102", args: "--version", prints: "M1 1.0.0"},
	{
		name: "test0102",
		args: "-f M2libc/x86/x86_defs.M1 -f M2libc/x86/libc-core.M1 -f test/test0100/test.M1 --little-endian" +
			" --architecture x86 -o test/test0102/proof",
		answer: "proof.answer", makes: "proof",
	},
	{name: "test0103", prints: "{arch}"},
	{name: "test0104", args: "--version", prints: "kaem version 0.6.0"},
	{name: "test0104", args: "--file test/test0104/kaem.run", prints: "hello world"},
	{name: "test0105", args: "--version", prints: "Slow_Lisp 0.1"},
	{name: "test0105", args: "--file test/test0105/test.scm", prints: "42"},
	{name: "test0106", stdin: "test/test0106/cc500.c", answer: "proof0.answer"},
	{
		name: "test1000",
		args: "--architecture x86 -f M2libc/ctype.c -f M2libc/stdarg.h -f M2libc/sys/types.h -f M2libc/stddef.h" +
			" -f M2libc/sys/utsname.h -f M2libc/x86/linux/unistd.c -f M2libc/x86/linux/fcntl.c -f M2libc/fcntl.c" +
			" -f M2libc/stdlib.c -f M2libc/stdio.h -f M2libc/stdio.c -f cc.h -f M2libc/bootstrappable.c" +
			" -f cc_globals.c -f cc_reader.c -f cc_strings.c -f cc_types.c -f cc_emit.c -f cc_core.c -f cc_macro.c" +
			" -f cc.c -o test/test1000/proof",
		answer: "proof.answer", makes: "proof",
	},
}

// runPass is what run-pass.sh wants of a program.
var runPass = m2PlanetRun{}

// A runner runs the program in binary, in a directory that has all of M2-Planet.
type runner func(t *testing.T, dir string, args []string, stdin io.Reader, stdout, stderr io.Writer) (status int)

// TestM2PlanetRuns runs every program of M2-Planet's test suite in the emulator,
// and on armv7l, where there is no ladder, by qemu too, and wants what the suite's
// scripts want.
func TestM2PlanetRuns(t *testing.T) {
	for _, a := range append(arch.Ladders(), armv7l(t)) {
		t.Run(a.Name, func(t *testing.T) {
			dir := m2PlanetTree(t)
			addEcho(t, dir, a)
			runs := 0
			for _, name := range m2PlanetNames(t, dir, a.Name) {
				build(t, dir, m2PlanetCommands(t, name, a.Name))
				for _, r := range m2PlanetRunsOf(name) {
					check(t, a, dir, name, r, "emulated", emulated)
					if a.Dir == "" {
						check(t, a, dir, name, r, "by qemu", byQemu)
					}
					runs++
				}
			}
			t.Logf("%d runs", runs)
		})
	}
}

func armv7l(t *testing.T) arch.Arch {
	a, ok := arch.Lookup("armv7l")
	if !ok {
		t.Fatal("no armv7l")
	}
	return a
}

// m2PlanetTree returns a copy of M2-Planet, which has M2libc in it as upstream's
// repository has.
func m2PlanetTree(t *testing.T) (dir string) {
	t.Helper()
	tree, dir := posixTree(t), filepath.Join(t.TempDir(), "M2-Planet")
	for _, c := range []struct{ from, to string }{{"M2-Planet", dir}, {"M2libc", filepath.Join(dir, "M2libc")}} {
		err := os.RemoveAll(c.to)
		if err == nil {
			err = os.CopyFS(c.to, os.DirFS(filepath.Join(tree, c.from)))
		}
		require.NoError(t, err)
	}
	return dir
}

// build does commands in a directory, of which the last one makes the program in
// binary.
func build(t *testing.T, dir string, commands []string) {
	t.Helper()
	env := &tool.Env{FS: host, Dir: dir, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: new(strings.Builder)}
	for _, command := range commands {
		run(t, env, strings.Fields(command)...)
	}
	require.NoError(t, os.Chmod(filepath.Join(dir, "binary"), 0o755))
}

// echo is a program that test0104 runs.
const echo = `#include <stdio.h>
int main(int argc, char** argv)
{
	int i;
	for(i = 1; i < argc; i = i + 1)
	{
		if(1 < i) fputc(' ', stdout);
		fputs(argv[i], stdout);
	}
	fputc('\n', stdout);
	return 0;
}
`

// addEcho puts the files beside dir that the programs want to be in the emulator:
// echo, made like test0001, and /dev/null.
func addEcho(t *testing.T, dir string, a arch.Arch) {
	t.Helper()
	source := filepath.Join(dir, "test", "test0001", "library_call.c")
	original, err := os.ReadFile(source)
	require.NoError(t, err)
	writeFile(t, source, echo)
	build(t, dir, m2PlanetCommands(t, "test0001", a.Name))
	writeFile(t, source, string(original))

	root := filepath.Dir(dir)
	for _, name := range []string{"bin", "dev"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, name), 0o777))
	}
	writeFile(t, filepath.Join(root, "dev", "null"), "")
	require.NoError(t, os.Rename(filepath.Join(dir, "binary"), filepath.Join(root, "bin", "echo")))
}

// m2PlanetNames returns the programs that upstream publishes for an architecture.
func m2PlanetNames(t *testing.T, dir, architecture string) (names []string) {
	t.Helper()
	answers, err := os.ReadFile(filepath.Join(dir, "test", "test.answers"))
	require.NoError(t, err)
	for _, file := range strings.Fields(string(answers)) {
		name, ok := strings.CutSuffix(path.Base(file), "-"+architecture+"-binary")
		if ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatalf("test.answers has nothing for %s", architecture)
	}
	return names
}

func m2PlanetRunsOf(name string) (runs []m2PlanetRun) {
	for _, r := range m2PlanetRuns {
		if r.name == name {
			runs = append(runs, r)
		}
	}
	if runs == nil {
		return []m2PlanetRun{runPass}
	}
	return runs
}

// check does a run.
func check(t *testing.T, a arch.Arch, dir, name string, r m2PlanetRun, how string, do runner) {
	t.Helper()
	forArch := strings.NewReplacer("{arch}", a.Name)
	var stdin io.Reader = strings.NewReader("")
	if r.stdin != "" {
		text, err := os.ReadFile(filepath.Join(dir, r.stdin))
		require.NoError(t, err)
		stdin = bytes.NewReader(text)
	}
	var stdout, stderr bytes.Buffer
	args := append([]string{"./test/results/" + name + "-" + a.Name + "-binary"}, strings.Fields(r.args)...)
	status := do(t, dir, args, stdin, &stdout, &stderr)
	if want := r.status + r.words*a.WordSize; status != want {
		t.Errorf("%s, %s: exit status %d, want %d\n%s%s", args, how, status, want, &stdout, &stderr)
		return
	}
	if r.answer == "" {
		want := forArch.Replace(r.prints)
		if got := strings.TrimRight(stdout.String(), "\n"); got != want && name == r.name {
			t.Errorf("%s, %s: prints %q, want %q", args, how, got, want)
		}
		return
	}
	made := stdout.Bytes()
	switch r.makes {
	case "":
	case toStderr:
		made = stderr.Bytes()
	default:
		var err error
		file := filepath.Join(dir, "test", r.name, r.makes)
		if made, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
		require.NoError(t, os.Remove(file))
	}
	answer, err := os.ReadFile(filepath.Join(dir, "test", r.name, forArch.Replace(r.answer)))
	require.NoError(t, err)
	if got, want := digest(made), strings.Fields(string(answer))[0]; got != want {
		t.Errorf("%s, %s: digest %s, want %s", args, how, got, want)
	}
}

// emulated runs a program in the emulator, which sees dir as /M2-Planet.
func emulated(t *testing.T, dir string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root, err := os.OpenRoot(filepath.Dir(dir))
	require.NoError(t, err)
	defer root.Close()
	status, _, err := emu.Run(context.Background(), "/M2-Planet/binary", emu.Config{
		FS: rootFiles{root}, Dir: "/M2-Planet", Args: args, Env: []string{"PATH=/bin"},
		Stdin: stdin, Stdout: stdout, Stderr: stderr, Limits: emu.DefaultLimits,
		Translator: translate.New(false),
	})
	if err != nil {
		t.Errorf("%s: %v", args, err)
	}
	return status
}

// byQemu runs a program by qemu-arm.
func byQemu(t *testing.T, dir string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	qemu := emutest.Qemu(t, "qemu-arm-static")
	cmd := exec.Command(qemu, append([]string{"-0", args[0], "./binary"}, args[1:]...)...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/bin"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// rootFiles are the files of a directory, for the emulator.
type rootFiles struct{ root *os.Root }

func (f rootFiles) below(name string) string { return "." + name }

func (f rootFiles) ReadFile(name string) ([]byte, error) { return f.root.ReadFile(f.below(name)) }

func (f rootFiles) WriteFile(name string, data []byte, perm fs.FileMode) error {
	return f.root.WriteFile(f.below(name), data, perm)
}

func (f rootFiles) Stat(name string) (fs.FileInfo, error) { return f.root.Stat(f.below(name)) }

func (f rootFiles) Chmod(name string, perm fs.FileMode) error {
	return f.root.Chmod(f.below(name), perm)
}

func (f rootFiles) Remove(name string) error { return f.root.Remove(f.below(name)) }

func (f rootFiles) Mkdir(name string, perm fs.FileMode) error {
	return f.root.Mkdir(f.below(name), perm)
}
