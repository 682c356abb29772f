package tool_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// The tests of M2-Mesoplanet 1.13.0, M2-Mesoplanet/test: what comes of a
// command has a digest, or is run, prints something and succeeds. A command
// that starts with a directory is run there.
var mesoplanetTests = []struct{ command, output, digest, prints string }{
	{command: "-E -f test/test0000/return.c -o out", output: "out", digest: "d5796491afca11ed64a81fe75048a409e0cf642eb20d8d2558fceda7cca86e20"},
	{command: "-E -f test/test0001/return.c -o out", output: "out", digest: "b31ee92d2492e7e1de1b8524b3c321780c5abf84ac872859e4361e3d4128bd0d"},
	{command: "-E -f test/test0002/macro_functions.c -o out", output: "out", digest: "9288aba747a092ea8890b571642f8f17882f6c13cbc992dd024dacc5b64ef2bc"},
	{command: "-E -f test/test0003/include_paths1.c -o out", output: "out", digest: "0e466d3bc7892fb7347fe195b4b24c103e0d5d24e61c72d15d3594c4d2e60f50"},
	{command: "-E test/test0003/include_paths2.c -o out", output: "out", digest: "c53fe1866e9923066f600c977ec0170e124eef64cb6788b2b6a9f7fda86b4dc2"},
	{command: "-E -I test/test0003/directory test/test0003/include_paths3.c -o out", output: "out", digest: "f4faa3469bdf04b7750c04e76c3099ccdef7cbfa65c305ec8e20d25fea0b8d04"},
	{command: "-E -I test/test0003 -I test/test0003/directory test/test0003/include_paths3.c -o out", output: "out", digest: "f4faa3469bdf04b7750c04e76c3099ccdef7cbfa65c305ec8e20d25fea0b8d04"},
	{command: "-E -I test/test0003 -I test/test0003/directory test/test0003/include_paths4.c -o out", output: "out", digest: "4a3f2e93eda0615405a8393e88cedcb5a61b2ea2db905a0a02d9e9d1b22ae687"},
	{command: "-I M2libc test/test0003/include_paths5.c -o out", output: "out", prints: "Hello world!\n"},
	{command: "-c -f test/test0004/main.c -o test/test0004/tmp/main.o"},
	{command: "test/test0004/tmp: -c -I ../../../M2libc -f ../f.c", output: "test/test0004/tmp/f.o"},
	{command: "test/test0004/tmp: ../f.c ../main.c", output: "test/test0004/tmp/a.out", prints: "Hello world\n"},
	{command: "test/test0004/main.c test/test0004/f.c -o both", output: "both", prints: "Hello world\n"},
	{command: "test/test0004/main.c test/test0004/tmp/f.o -o main", output: "main", prints: "Hello world\n"},
	{command: "test/test0004/tmp/main.o test/test0004/f.c -o f", output: "f", prints: "Hello world\n"},
	{command: "test/test0004/tmp/main.o test/test0004/tmp/f.o --dirty-mode -o none", output: "none", prints: "Hello world\n"},
	{command: "-c test/test0004/f_no_print.c -o f_no_print.o", output: "f_no_print.o"},
	{command: "test/test0004/main.c test/test0004/f_no_print.c -o both", output: "both"},
	{command: "test/test0004/main.c f_no_print.o -o main", output: "main"},
	{command: "test/test0004/tmp/main.o test/test0004/f_no_print.c -o f", output: "f"},
	{command: "test/test0004/tmp/main.o f_no_print.o --dirty-mode -o none", output: "none"},
}

// copyTests copies the directory M2-Mesoplanet of a tree, with M2libc in it, to
// a new one.
func copyTests(t *testing.T, tree string) string {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"M2-Mesoplanet/test": "test", "M2libc": "M2libc"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, to), os.DirFS(filepath.Join(tree, from))))
	}
	for _, name := range []string{"test/test0004/tmp", "tmp"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name), 0o777))
	}
	return dir
}

// split returns the directory and the arguments of a test's command.
func split(command string) (dir string, args []string) {
	if before, after, ok := strings.Cut(command, ": "); ok {
		dir, command = before, after
	}
	return dir, append([]string{"M2-Mesoplanet", "-A", "amd64"}, strings.Fields(command)...)
}

// mesoplanetEnv returns the environment of a test's command.
func mesoplanetEnv(root, dir, path string) []string {
	libc := "./M2libc"
	if dir != "" {
		libc = "../../../M2libc"
	}
	return []string{"PATH=" + path, "M2LIBC_PATH=" + libc, "TMPDIR=" + filepath.Join(root, "tmp")}
}

func TestMesoplanetPublished(t *testing.T) {
	root := copyTests(t, posixTree(t))
	ran := 0
	for _, test := range mesoplanetTests {
		var out strings.Builder
		dir, args := split(test.command)
		env := &tool.Env{
			FS: tool.Host{}, Dir: filepath.Join(root, dir), Vars: mesoplanetEnv(root, dir, "/nowhere"),
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		}
		run(t, env, args...)
		output := filepath.Join(root, test.output)
		switch {
		case test.digest != "":
			if got := digestOf(t, output); got != test.digest {
				t.Errorf("%s: digest %s, want %s", test.command, got, test.digest)
			}
		case strings.HasSuffix(output, ".o"):
			digestOf(t, output) // it is there
		case test.output != "" && runtime.GOOS == "linux" && runtime.GOARCH == "amd64":
			ran++
			got, err := exec.Command(output).CombinedOutput()
			assert.NoError(t, err, test.command)
			assert.Equal(t, test.prints, string(got), test.command)
		}
	}
	t.Logf("%d commands, %d programs run", len(mesoplanetTests), ran)
}

// The ladder's own M2-Mesoplanet prints what ours prints, and makes the same
// files, temporary ones included.
func TestMesoplanetUpstream(t *testing.T) {
	tree := posixTree(t)
	programs := filepath.Join(tree, "AMD64", "bin")
	commands := []string{
		"--operating-system UEFI --dirty-mode test/test0004/f.c test/test0004/main.c -o uefi",
		"-A x86 --dirty-mode test/test0004/f.c test/test0004/main.c -o x86",
		"-A riscv32 --no-debug test/test0004/f.c test/test0004/main.c",
		"-A armv7l --dirty-mode -D main=start -c test/test0000/return.c",
		"-A knight-posix --no-debug -c test/test0000/return.c -o knight.o",
		"--dump-mode test/test0004/f.c test/test0004/main.c -o dump",
	}
	for _, test := range mesoplanetTests {
		commands = append(commands, test.command)
	}
	roots := [2]string{copyTests(t, tree), copyTests(t, tree)}
	for _, command := range commands {
		var stdout, stderr [2]string
		dir, args := split(command)
		for i, root := range roots {
			var out, errs bytes.Buffer
			vars := mesoplanetEnv(root, dir, programs)
			if i == 0 {
				env := &tool.Env{FS: tool.Host{}, Dir: filepath.Join(root, dir), Vars: vars, Stdin: &bytes.Buffer{}, Stdout: &out, Stderr: &errs}
				p, _ := registry.Lookup("M2-Mesoplanet")
				if status := p.Run(context.Background(), env, args); status != 0 {
					t.Errorf("%s: exit status %d\n%s", command, status, &errs)
				}
			} else {
				cmd := exec.Command(filepath.Join(programs, "M2-Mesoplanet"), args[1:]...)
				cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = filepath.Join(root, dir), vars, &out, &errs
				err := cmd.Run()
				if cmd.ProcessState == nil {
					t.Skip(err) // the processor is not there
				}
				if err != nil {
					t.Errorf("%s: upstream's ends with %v\n%s", command, err, &errs)
				}
			}
			stdout[i] = strings.ReplaceAll(out.String(), root, "ROOT")
			for line := range strings.Lines(strings.ReplaceAll(errs.String(), root, "ROOT")) {
				switch word, _, _ := strings.Cut(line, " "); word {
				case "reading", "STDIO_USED\n", "M2-Planet", "catm", "blood-elf", "M1", "hex2":
					stderr[i] += line
				} // the rest is said by those
			}
		}
		assert.Equal(t, stdout[1], stdout[0], command)
		assert.Equal(t, stderr[1], stderr[0], command)
		compareFiles(t, roots[0], roots[1])
		// Upstream leaves some of its temporary files behind.
		for _, root := range roots {
			files, _ := filepath.Glob(filepath.Join(root, "tmp", "*"))
			for _, name := range files {
				os.Remove(name)
			}
		}
	}
	t.Logf("%d commands compared", len(commands))
}

// compareFiles reports where the files of two directories differ. Where
// upstream leaves temporary files of a run behind is known.
func compareFiles(t *testing.T, ours, upstreams string) {
	t.Helper()
	for _, name := range strings.Fields(list(t, ours) + " " + list(t, upstreams)) {
		a, errA := os.ReadFile(filepath.Join(ours, name))
		b, errB := os.ReadFile(filepath.Join(upstreams, name))
		if info, err := os.Stat(filepath.Join(ours, name)); err == nil && info.IsDir() {
			if name == "tmp" || name == "test" || strings.HasPrefix(name, "test0004") {
				compareFiles(t, filepath.Join(ours, name), filepath.Join(upstreams, name))
			}
			continue
		}
		if errA != nil && errB == nil && strings.HasPrefix(name, "M2-Planet-") {
			continue
		}
		assert.NoError(t, errA)
		assert.NoError(t, errB)
		assert.True(t, bytes.Equal(a, b), "%s/%s: ours %d bytes, upstream's %d", ours, name, len(a), len(b))
	}
}
