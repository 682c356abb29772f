package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
	"stage0/tool"
	"stage0/tool/mesoplanet"
)

// library is a small M2libc for x86.
var library = map[string]string{
	"L/x86/ELF-x86.hex2":       ":ELF_base\n7F &_start %ELF_end>ELF_base\n",
	"L/x86/ELF-x86-debug.hex2": ":ELF_base\n7E\n:ELF_text\n",
	"L/x86/x86_defs.M1":        "DEFINE mov_eax, B8\nDEFINE mov_ebx, BB\nDEFINE call E8\nDEFINE ret C3\n",
	"L/x86/libc-core.M1":       ":_start\n\tcall %FUNCTION_main\n",
	"L/x86/libc-full.M1":       ":_start\n\tcall %FUNCTION___init_malloc\n",
}

// run builds files, each after a line "-- NAME --".
func run(text string, opt Options) (program []byte, warnings []string, err error) {
	var srcs []source.Source
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, text, _ := strings.Cut(part+"\n", " --\n")
		srcs = append(srcs, source.String(name, text))
	}
	opt.Arch = "x86"
	opt.Open = func(path string) (source.Source, error) {
		text, ok := library[path]
		if !ok {
			return source.Source{}, errors.New(path + ": cannot open")
		}
		return source.String(path, text), nil
	}
	opt.Warn = func(e *source.Error) { warnings = append(warnings, e.Error()) }
	program, err = Program(srcs, opt)
	return program, warnings, err
}

func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name, text string
		opt        Options
		want       string // in hex
	}{
		{"hex0", "-- a.hex0 --\nEB # x\n-- b.hex0 --\nFE", Options{}, "EBFE"},
		{"hex1", "-- a.hex1 --\n:a EB %a", Options{}, "EBFBFFFFFF"},
		{"hex2", "-- a.hex2 --\n:_start\nEB !_start", Options{Libc: "L"}, "7F 09800408 0B000000 EB FE"},
		{"hex2 with a header", "-- a.hex2 --\n:ELF_base\nEB !ELF_base\n:ELF_end", Options{}, "EB FE"},
		{"a label in a comment", "-- a.hex2 --\n# :ELF_base\n:_start\nEB", Options{Libc: "L"}, "7F 09800408 0A000000 EB"},
		{"M1 with main", "-- a.M1 --\n:FUNCTION_main\n\tret", Options{Libc: "L"}, "7F 09800408 0F000000 E8 00000000 C3"},
		{"M1 with _start", "-- a.M1 --\n:_start\n\tret", Options{Libc: "L"}, "7F 09800408 0A000000 C3"},
		{"M1 with all", "-- d.M1 --\nDEFINE ret C4\n-- a.M1 --\n:ELF_base\n:_start\n\tret", Options{}, "C4"},
		{"M1 with symbols", "-- a.M1 --\n:FUNCTION_main\n\tret", Options{Libc: "L", Debug: true}, "7E E8 00000000 C3"},
		{"M1 with malloc", "-- a.M1 --\n:FUNCTION___init_malloc\n:ELF_end", Options{Libc: "L"}, "7F 09800408 0E000000 E8 00000000"},
	} {
		program, warnings, err := run(c.text, c.opt)
		require.NoError(t, err, c.name)
		assert.Empty(t, warnings, c.name)
		if c.opt.Debug { // the footer is compared with M2-Mesoplanet's
			program = program[:min(len(program), strings.Count(strings.ReplaceAll(c.want, " ", ""), "")/2)]
		}
		assert.Equal(t, strings.ReplaceAll(c.want, " ", ""), fmt.Sprintf("%X", program), c.name)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		opt  Options
		want string
	}{
		{"-- a --\n", Options{}, "a: the suffix of a source is .hex0, .hex1, .hex2, .M1 or .c"},
		{"-- a.hex0 --\n-- b.hex1 --\n", Options{}, "a.hex0 and b.hex1 are in different languages"},
		{"-- a.hex2 --\n", Options{Debug: true}, "a.hex2: only programs in M1 and C can have symbols"},
		{"-- a.hex2 --\n:_start\n", Options{}, "M2libc is missing"},
		{"-- a.c --\nint main() { return 0; }", Options{}, "M2libc is missing"},
		{"-- a.hex2 --\n:_start\nE8 %_strt", Options{Libc: "L"}, `a.hex2:2:4: label "_strt" is not defined; did you mean _start?`},
		{"-- a.hex2 --\n00", Options{Libc: "L"}, `L/x86/ELF-x86.hex2:2:4: label "_start" is not defined; the program has to define it`},
		{"-- a.M1 --\n:FUNCTION_main\n\tcall %one # c\n\n\tcall %two", Options{Libc: "L"}, `a.M1:2:7: label "one" is not defined`},
		{"-- a.M1 --\n:_start\n-- b.M1 --\n\tret\n\tmov_eaz, %1", Options{Libc: "L"}, `b.M1:2:2: found "mov_eaz,", which is not a macro, label, string or number; did you mean mov_eax,?`},
		{"-- a.M1 --\n:_start // here", Options{Libc: "L"}, `a.M1:1:9: found "//", which is not a macro, label, string or number; comments start with # or ;`},
		{"-- a.M1 --\n:_start \"a\\n\"", Options{Libc: "L", Diagnostics: source.Diagnostics{Strict: true}}, `a.M1:1:11: found \n in a string, where it stands for itself; M1 has no escapes, but a string may have line ends`},
		{"-- a.hex0 --\n0xEB", Options{Diagnostics: source.Diagnostics{Strict: true}}, "a.hex0:1:2: 'x' is not a hex digit; skipped; there is no 0x here, all digits are hex"},
		{"-- a.c --\nint main()\n{\n\treturn 1 + ;\n}", Options{Libc: "L"}, "a.c:3:13: found \";\", expected an expression"},
	} {
		_, _, err := run(c.text, c.opt)
		require.EqualError(t, err, c.want, c.text)
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"-- a.hex0 --\n0xEB00", "a.hex0:1:2: 'x' is not a hex digit; skipped; there is no 0x here, all digits are hex\na.hex0:1:6: the last digit has no partner; dropped"},
		{"-- a.hex0 --\nEB // c\nFE", "a.hex0:1:4: '/' is not a hex digit; skipped; comments start with # or ;\na.hex0:1:5: '/' is not a hex digit; skipped\na.hex0:2:2: the last digit has no partner; dropped"},
		{"-- a.M1 --\n:ELF_base\n:_start\nDEFINE a 00\n\ta \"x\\t\" ; \"\\n\"\n\t'00'", "a.M1:4:6: found \\t in a string, where it stands for itself; M1 has no escapes, but a string may have line ends"},
	} {
		_, warnings, err := run(c.text, Options{})
		require.NoError(t, err, c.text)
		assert.Equal(t, c.want, strings.Join(warnings, "\n"), c.text)
	}
}

// sources are programs that M2-Mesoplanet compiles, too: C, and M1 as an object file.
var sources = map[string]string{
	"plain.c": "int main(int argc, char** argv)\n{\n\treturn argc + 41;\n}\n",
	"stdio.c": "#include <stdio.h>\n#define TEXT \"Hello\\n\"\nint main()\n{\n\tfputs(TEXT, stdout);\n\treturn 42;\n}\n",
	"main.M1": ":FUNCTION_main\n\t'00'\n:ELF_data\n:ELF_end\n",
	"tidy.M1": ":FUNCTION_main\n\t&GLOBAL_x\n:ELF_data\n:GLOBAL_x\n\t%7 \"text\"\n:ELF_end\n",
}

// The bytes are those of M2-Mesoplanet: ours, and upstream's where it can be run.
func TestMesoplanet(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX names no tree")
	}
	libc := filepath.Join(tree, "M2libc")
	native := filepath.Join(tree, "AMD64", "bin", "M2-Mesoplanet")
	_, err := os.Stat(native)
	hasNative := err == nil && runtime.GOOS == "linux" && runtime.GOARCH == "amd64"
	for name, text := range sources {
		for _, arch := range []string{"x86", "amd64", "armv7l", "aarch64", "riscv32", "riscv64"} {
			for _, debug := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/%t", name, arch, debug), func(t *testing.T) {
					env, _, err := tool.HostEnv()
					require.NoError(t, err)
					env.Dir, env.Vars = t.TempDir(), append(env.Vars, "M2LIBC_PATH="+libc, "PATH="+filepath.Dir(native))
					var messages bytes.Buffer
					env.Stdout, env.Stderr = &messages, &messages

					program, err := Program([]source.Source{source.String(name, text)}, Options{
						Arch: arch, Libc: libc, Debug: debug,
						Open:        func(path string) (source.Source, error) { return env.Read(path) },
						Diagnostics: source.Diagnostics{Strict: true},
					})
					require.NoError(t, err)

					file := strings.Replace(name, ".M1", ".o", 1)
					require.NoError(t, os.WriteFile(filepath.Join(env.Dir, file), []byte(text), 0o666))
					args := []string{"M2-Mesoplanet", "-A", arch, "--os", "Linux", "-o", "program", "-f", file, "--temp-directory", env.Dir}
					if !debug {
						args = append(args, "--no-debug")
					}
					require.Zero(t, mesoplanet.Run(context.Background(), env, args), &messages)
					want, err := os.ReadFile(filepath.Join(env.Dir, "program"))
					require.NoError(t, err)
					assert.True(t, bytes.Equal(want, program), "%d bytes, want our M2-Mesoplanet's %d", len(program), len(want))

					if !hasNative {
						return
					}
					args[6] = "native"
					cmd := exec.Command(native, args[1:]...)
					cmd.Dir, cmd.Env = env.Dir, env.Vars
					out, err := cmd.CombinedOutput()
					require.NoError(t, err, "%s", out)
					want, err = os.ReadFile(filepath.Join(env.Dir, "native"))
					require.NoError(t, err)
					assert.True(t, bytes.Equal(want, program), "%d bytes, want upstream's %d", len(program), len(want))
				})
			}
		}
	}
}
