package tool_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// A mesoplanetRun is a run of M2-Mesoplanet in a directory of its own, on a
// machine called x86_64, where in.c is a program and in.o an object file.
type mesoplanetRun struct {
	args  string
	vars  string // of the environment
	stdin string
	exec  func(dir string, cmd tool.Command) (int, error)

	fsys tool.FS // the host's if nil
}

// run returns the exit status, what was printed, and the files in the
// directory and in its tmp. The directory's name is DIR.
func (r mesoplanetRun) run(t *testing.T) (status int, printed, files string) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "in.c"), "int main() { return 42; }\n")
	for _, name := range []string{"tmp", "bin"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o777))
	}
	writeFile(t, filepath.Join(dir, "in.o"), "")
	for _, name := range []string{"M2-Planet", "blood-elf", "M1", "hex2", "catm"} {
		writeFile(t, filepath.Join(dir, "bin", name), "")
	}
	var out strings.Builder
	env := &tool.Env{
		FS:      tool.Host{},
		Dir:     dir,
		Vars:    strings.Fields(r.vars),
		Stdin:   strings.NewReader(r.stdin),
		Stdout:  &out,
		Stderr:  &out,
		Machine: tool.Machine{System: "Linux", Name: "x86_64"},
		Exec: func(_ context.Context, env *tool.Env, cmd tool.Command) (int, error) {
			return r.exec(env.Dir, cmd)
		},
	}
	if r.fsys != nil {
		env.FS = r.fsys
	}
	p, _ := registry.Lookup("M2-Mesoplanet")
	status = p.Run(context.Background(), env, append([]string{"M2-Mesoplanet"}, strings.Fields(r.args)...))
	return status, strings.ReplaceAll(out.String(), dir, "DIR"), list(t, dir) + "|" + list(t, filepath.Join(dir, "tmp"))
}

const untouched = "bin in.c in.o tmp|"

// With --exec it runs the programs that are in PATH, which find the temporary
// files there; how one ends is how it ends.
func TestMesoplanetExec(t *testing.T) {
	const announced = "# starting M2-Planet build\nM2-Planet --file tmp/M2-Mesoplanet-000000 --output tmp/M2-Planet-000000 --architecture amd64 --debug \n"
	for _, c := range []struct {
		name    string
		path    string
		status  int
		err     error
		want    int
		printed string
	}{
		{"exit status", "bin", 3, nil, 3, "M2-Mesoplanet: bin/M2-Planet: exit status 3; --dirty-mode keeps what it was given\n"},
		{"signal", "none:bin", -11, nil, 11, "M2-Mesoplanet: bin/M2-Planet: ended by signal 11\n"},
		{"signal, core dump", "none::bin:", -139, nil, 11, "M2-Mesoplanet: bin/M2-Planet: ended by signal 11\n"},
		{"cannot be run", "bin:none", 1, syscall.EACCES, 1, "M2-Mesoplanet: bin/M2-Planet: cannot run: permission denied\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ran []string
			status, printed, files := mesoplanetRun{
				args: "--exec --temp-directory tmp in.c -o out",
				vars: "PATH=none A=B PATH=" + c.path,
				exec: func(dir string, cmd tool.Command) (int, error) {
					ran = append(ran, cmd.Path+" "+strings.Join(cmd.Args, " "))
					assert.Equal(t, "M1-macro-000000 M2-Mesoplanet-000000 M2-Planet-000000 blood-elf-000000", list(t, filepath.Join(dir, "tmp")))
					return c.status, c.err
				},
			}.run(t)
			assert.Equal(t, c.want, status)
			assert.Equal(t, announced+c.printed, printed)
			assert.Equal(t, untouched, files)
			assert.Equal(t, []string{"bin/M2-Planet M2-Planet --file tmp/M2-Mesoplanet-000000 --output tmp/M2-Planet-000000 --architecture amd64 --debug"}, ran)
		})
	}
	var ran []string
	status, printed, files := mesoplanetRun{
		args: "--exec --temp-directory tmp in.c -o out",
		vars: "PATH=bin",
		exec: func(dir string, cmd tool.Command) (int, error) {
			ran = append(ran, cmd.Path)
			return 0, nil
		},
	}.run(t)
	assert.Zero(t, status)
	assert.Equal(t, "bin/M2-Planet bin/blood-elf bin/M1 bin/hex2", strings.Join(ran, " "))
	assert.Equal(t, untouched, files)
	assert.Equal(t, 8, strings.Count(printed, "\n"), printed)
	status, printed, _ = mesoplanetRun{
		args: "--exec --dirty-mode --temp-directory tmp in.c",
		vars: "PATH=bin",
		exec: func(string, tool.Command) (int, error) { return 2, nil },
	}.run(t)
	assert.Equal(t, 2, status)
	assert.Equal(t, announced+"M2-Mesoplanet: bin/M2-Planet: exit status 2\n", printed)
	for _, path := range []string{"", "PATH=", "PATH=none:tmp"} {
		status, printed, files = mesoplanetRun{args: "--exec --temp-directory tmp in.c", vars: path}.run(t)
		assert.Equal(t, 1, status, path)
		assert.Equal(t, "# starting M2-Planet build\nM2-Mesoplanet: M2-Planet: not found in PATH\n", printed, path)
		assert.Equal(t, untouched, files, path)
	}
}

func TestMesoplanetInput(t *testing.T) {
	const header = "/* M2-Mesoplanet Preprocessed source */\n"
	for _, c := range []struct {
		run     mesoplanetRun
		status  int
		printed string
	}{
		{mesoplanetRun{args: "-E", stdin: "a\n"}, 0, header + "// #FILENAME STDIN 1\na\n"},
		{mesoplanetRun{args: "-E", stdin: ""}, 0, header + "// #FILENAME STDIN 1\n"},
		{mesoplanetRun{args: "--dump-mode -E", stdin: "a"}, 0, "// #FILENAME STDIN 1\na"},
		{mesoplanetRun{args: "-E", vars: "M2MESOPLANET_NEW_ARGUMENTLESS_BEHAVIOR="}, 1, "M2-Mesoplanet: there are no input files\n"},
		{mesoplanetRun{args: "-c --temp-directory tmp", stdin: "a\n"}, 1, "M2-Mesoplanet: -c of the standard input needs --output\n"},
		{mesoplanetRun{args: "-E in.c -D"}, 1, "M2-Mesoplanet: option -D needs an argument\n"},
		{mesoplanetRun{args: "-E tmp"}, 1, "M2-Mesoplanet: tmp: cannot open: is a directory\n"},
		{mesoplanetRun{args: "-E none.o"}, 1, "M2-Mesoplanet: none.o: cannot open: no such file or directory\n"},
		{mesoplanetRun{args: "--max-string 0 -E in.c"}, 1, "M2-Mesoplanet: --max-string is \"0\", expected the size of a token\n"},
		{mesoplanetRun{args: "--max-string x -E in.c"}, 1, "M2-Mesoplanet: --max-string is \"x\", expected the size of a token\n"},
		{mesoplanetRun{args: "--debug-mode x -E in.c"}, 1, "M2-Mesoplanet: --debug-mode is \"x\", expected a number\n"},
		{mesoplanetRun{args: "--built-by tcc -E in.c"}, 1, "M2-Mesoplanet: unknown build by \"tcc\" for \"amd64\"; known are m2-planet for amd64, m2-planet for aarch64, m2-planet for riscv64, m2-planet for x86, m2-planet for riscv32, gcc for amd64\n"},
		{mesoplanetRun{args: "-E in.c", vars: "ARCHITECTURE_OVERRIDE=vax"}, 1, "M2-Mesoplanet: unknown architecture \"vax\"; known are knight-native, knight-posix, x86, amd64, armv7l, aarch64, riscv32, riscv64\n"},
		{mesoplanetRun{args: "in.c", vars: "TMPDIR=none"}, 1, "M2-Mesoplanet: none: no directory for temporary files: no such file or directory; name one with --temp-directory, or TMPDIR\n"},
		{mesoplanetRun{args: "in.c --temp-directory in.c", vars: "TMPDIR=none"}, 1, "M2-Mesoplanet: in.c/M2-Mesoplanet-000000: cannot create: not a directory\n"},
		{mesoplanetRun{args: "--debug-mode 1 -E -o tmp in.c", vars: "TMPDIR=t M2LIBC_PATH=x M2LIBC_PATH=l OS_OVERRIDE=o ARCHITECTURE_OVERRIDE=x86"}, 1,
			"M2LIBC_PATH set to l\nTEMPDIR set to t\nArchitecture selected: x86\nOperating System selected: o\nM2-Mesoplanet: tmp: cannot create: is a directory\n"},
	} {
		status, printed, files := c.run.run(t)
		assert.Equal(t, c.status, status, "%s %s", c.run.vars, c.run.args)
		assert.Equal(t, c.printed, printed, "%s %s", c.run.vars, c.run.args)
		assert.Equal(t, untouched, files, "%s %s", c.run.vars, c.run.args)
	}
}

// crowded is a file system in which each temporary file is there already.
type crowded struct{ tool.Host }

func (crowded) CreateNew(string, tool.Perm) error { return fs.ErrExist }

// plain is a file system that cannot make a file only if it is not there.
type plain struct{ tool.FS }

func TestMesoplanetTemporaries(t *testing.T) {
	status, printed, files := mesoplanetRun{args: "--temp-directory tmp in.c", fsys: crowded{}}.run(t)
	assert.Equal(t, 1, status)
	assert.Equal(t, "M2-Mesoplanet: tmp/M2-Mesoplanet-: there are 9002 such files; remove some\n", printed)
	assert.Equal(t, untouched, files)
	for _, fsys := range []tool.FS{tool.Host{}, plain{tool.Host{}}} {
		for _, args := range []string{"", " --dirty-mode"} {
			status, printed, files = mesoplanetRun{args: "-c --temp-directory tmp in.c" + args, fsys: fsys}.run(t)
			want := untouched
			if args != "" {
				want += "M2-Mesoplanet-000000"
			}
			if _, ok := fsys.(plain); !ok && args != "" {
				want += " M2-Planet-000000"
			}
			assert.Zero(t, status, printed)
			assert.Equal(t, want, files, "%T%s", fsys, args)
		}
		// What M2-Planet does not write is there all the same, and nobody else
		// may read what is there.
		status, printed, _ = mesoplanetRun{
			args: "--exec --temp-directory tmp in.o", vars: "PATH=bin", fsys: fsys,
			exec: func(dir string, cmd tool.Command) (int, error) {
				for _, name := range []string{"M2-Planet-000000", "M2-Mesoplanet-000000"} {
					info, err := os.Stat(filepath.Join(dir, "tmp", name))
					require.NoError(t, err, "%T", fsys)
					assert.Zero(t, info.Size(), "%T: %s", fsys, name)
					if runtime.GOOS != "windows" {
						assert.EqualValues(t, 0o600, info.Mode(), "%T: %s", fsys, name)
					}
				}
				return 0, nil
			},
		}.run(t)
		assert.Zero(t, status, "%T", fsys)
		assert.Regexp(t, "^# starting catm merging of object files\ncatm tmp/catm-000000 tmp/M2-Planet-000000 in.o \n", printed, "%T", fsys)
	}
}

// Many runs at a time do not take each other's temporary files.
func TestMesoplanetTogether(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "tmp"), 0o777))
	const runs = 20
	done := make(chan error)
	for i := range runs {
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.c", i)), fmt.Sprintf("int main() { return %d; }\n", i+1))
		go func() {
			var out strings.Builder
			env := &tool.Env{FS: tool.Host{}, Dir: dir, Stdout: &out, Stderr: &out}
			p, _ := registry.Lookup("M2-Mesoplanet")
			args := []string{"M2-Mesoplanet", "-A", "amd64", "-c", "--temp-directory", "tmp", fmt.Sprintf("%d.c", i)}
			if p.Run(context.Background(), env, args) != 0 {
				done <- errors.New(out.String())
			} else {
				done <- nil
			}
		}()
	}
	for range runs {
		assert.NoError(t, <-done)
	}
	for i := range runs {
		text, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.o", i)))
		require.NoError(t, err)
		assert.Contains(t, string(text), fmt.Sprintf("mov_rax, %%%d ", i+1))
	}
	assert.Empty(t, list(t, filepath.Join(dir, "tmp")))
}
