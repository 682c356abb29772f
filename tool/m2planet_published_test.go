package tool_test

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/tool/registry"
)

// An m2PlanetTest is a program of M2-Planet's test suite, and what it is made
// with.
type m2PlanetTest struct {
	name    string // of its directory in M2-Planet/test
	sources string // in that directory
	options string
	libc    string
	debug   bool // with blood-elf's footer, except on the knights
}

var m2PlanetTests = []m2PlanetTest{
	{"test0000", "return.c", "", "core", false},
	{"test0001", "library_call.c", "--expand-includes", "full", false},
	{"test0002", "if.c", "--expand-includes", "full", false},
	{"test0003", "constant.c", "--expand-includes", "full", false},
	{"test0004", "call.c", "--expand-includes", "full", false},
	{"test0005", "string.c", "--expand-includes", "full", false},
	{"test0006", "for.c", "--expand-includes", "full", false},
	{"test0007", "do.c", "--expand-includes", "full", false},
	{"test0008", "struct.c", "--expand-includes", "full", true},
	{"test0009", "goto.c", "--expand-includes", "full", false},
	{"test0010", "nested_struct.c", "--expand-includes", "full", false},
	{"test0011", "break-do.c", "--expand-includes", "full", false},
	{"test0012", "break-for.c", "--expand-includes", "full", false},
	{"test0013", "break-while.c", "--expand-includes", "full", false},
	{"test0014", "basic_args.c", "--expand-includes", "full", false},
	{"test0015", "file_read.c", "--expand-includes", "full", false},
	{"test0016", "file_write.c", "--expand-includes", "full", false},
	{"test0017", "memset.c", "--expand-includes", "full", false},
	{"test0018", "math.c", "--expand-includes", "full", false},
	{"test0019", "getopt.c", "--expand-includes", "full", false},
	{"test0020", "struct.c", "--expand-includes", "full", false},
	{"test0021", "chdir.c", "--expand-includes", "full", true},
	{"test0022", "continue.c", "--expand-includes", "full", true},
	{"test0023", "fseek.c", "--expand-includes", "full", true},
	{"test0024", "return.c", "", "core", false},
	{"test0025", "array.c", "--expand-includes", "full", true},
	{"test0026", "multi-array.c", "--expand-includes", "full", true},
	{"test0027", "include_paths.c", "--expand-includes -I dir1 -I dir2 -I dir3 -I M2libc", "full", true},
	{"test0031", "switch.c", "--expand-includes", "core", true},
	{"test0100", "blood-elf.c", "--expand-includes", "full", true},
	{"test0101", "hex2_linker.c", "--expand-includes", "full", true},
	{"test0102", "M1-macro.c", "--expand-includes", "full", true},
	{"test0103", "get_machine.c", "--expand-includes", "full", true},
	{"test0104", "kaem.c", "--expand-includes", "full", true},
	{"test0105", "lisp.c lisp_cell.c lisp_eval.c lisp_print.c lisp_read.c", "--expand-includes", "full", true},
	{"test0106", "../../M2libc/ctype.c ../../M2libc/stdarg.h ../../M2libc/sys/types.h ../../M2libc/stddef.h {signal}" +
		" ../../M2libc/sys/utsname.h ../../M2libc/{system}/unistd.c ../../M2libc/{system}/fcntl.c ../../M2libc/fcntl.c" +
		" ../../M2libc/stdlib.c ../../M2libc/stdio.h ../../M2libc/stdio.c cc500.c", "", "full", false},
	{"test1000", "../../M2libc/{system}/bootstrap.c ../../cc.h ../../M2libc/bootstrappable.c ../../cc_globals.c" +
		" ../../cc_reader.c ../../cc_strings.c ../../cc_types.c ../../cc_emit.c ../../cc_core.c ../../cc_macro.c ../../cc.c",
		"--debug --bootstrap-mode", "core", true},
}

// An m2PlanetSystem is what the commands for an architecture differ in.
type m2PlanetSystem struct {
	dir    string // in M2libc, of what is linked with the program
	defs   string
	header string // empty if there is none
	source string // in M2libc, of the operating system's part
	libc   string // how its file's name starts
	endian string
	base   string
}

func m2PlanetSystemOf(name string) m2PlanetSystem {
	switch name {
	case "knight-native":
		return m2PlanetSystem{"knight", "knight-native_defs.M1", "", "knight/native", "libc-native", "--big-endian", "0x0"}
	case "knight-posix":
		return m2PlanetSystem{"knight", "knight_defs.M1", "ELF-knight.hex2", "knight/linux", "libc", "--big-endian", "0x0"}
	}
	a, _ := arch.Lookup(name)
	return m2PlanetSystem{name, name + "_defs.M1", "ELF-" + name + ".hex2", name + "/linux", "libc", "--little-endian", fmt.Sprintf("%#x", a.Base)}
}

// TestM2PlanetTests compiles, assembles and links every program of M2-Planet's
// test suite, and compares what comes of it with the digests that upstream
// publishes.
func TestM2PlanetTests(t *testing.T) {
	tree := filepath.Join(posixTree(t), "M2-Planet")
	answers, err := os.ReadFile(filepath.Join(tree, "test", "test.answers"))
	require.NoError(t, err)
	compared := 0
	for line := range strings.Lines(string(answers)) {
		digest, file, ok := strings.Cut(strings.TrimSpace(line), "  test/results/")
		name, rest, _ := strings.Cut(file, "-")
		architecture := strings.TrimSuffix(rest, "-binary")
		if !ok {
			t.Fatalf("test.answers has %q", line)
		}
		var out strings.Builder
		env := newEnv(t, tree, &out)
		if err := os.Symlink(filepath.Join(tree, "..", "M2libc"), filepath.Join(env.Dir, "M2libc")); err != nil {
			t.Fatal(err) // the release has no copy of it in M2-Planet
		}
		for _, command := range m2PlanetCommands(t, name, architecture) {
			run(t, env, strings.Fields(command)...)
		}
		if got := digestOf(t, filepath.Join(env.Dir, "binary")); got != digest {
			t.Errorf("%s: digest %s, want %s", file, got, digest)
		}
		compared++
	}
	t.Logf("%d digests compared", compared)
}

// m2PlanetCommands returns what makes the binary of a test: one of those
// above, or a file of test/run-pass.
func m2PlanetCommands(t *testing.T, name, architecture string) []string {
	test := m2PlanetTest{"run-pass", name, "--expand-includes", "core", true}
	if !strings.HasSuffix(name, ".c") {
		i := slices.IndexFunc(m2PlanetTests, func(m m2PlanetTest) bool { return m.name == name })
		if i < 0 {
			t.Fatalf("test.answers has %s, which is not known", name)
		}
		test = m2PlanetTests[i]
	}
	system := m2PlanetSystemOf(architecture)
	knight := system.dir == "knight"
	debug := test.debug && !knight

	signal := "../../M2libc/signal.h"
	if knight {
		signal = ""
	}
	compile := "M2-Planet --built-by gcc --architecture " + architecture + " " + test.options + " -o out.M1"
	if debug {
		compile += " --debug"
	}
	for _, source := range strings.Fields(strings.NewReplacer("{system}", system.source, "{signal}", signal).Replace(test.sources)) {
		source = path.Join("test", test.name, source)
		if test.name == "run-pass" {
			source = "./" + source // __FILE__ shows it
		}
		compile += " -f " + source
	}
	commands := []string{compile}

	libc := system.libc + "-" + test.libc
	switch libc {
	case "libc-native-core":
		libc = "libc-native"
	case "libc-native-full":
		libc = "libc-native-file"
	}
	target := " " + system.endian + " --architecture " + architecture
	assemble := "M1 -f M2libc/" + system.dir + "/" + system.defs + " -f M2libc/" + system.dir + "/" + libc + ".M1 -f out.M1" + target + " -o out.hex2"
	header := system.header
	if debug {
		a, _ := arch.Lookup(architecture)
		footer := "blood-elf -f out.M1 " + system.endian + " --entry _start -o footer.M1"
		if a.WordSize == 8 || name == "test1000" && architecture == "riscv32" { // as test1000's script has it
			footer += " --64"
		}
		commands = append(commands, footer)
		assemble += " -f footer.M1"
		header = strings.Replace(header, ".hex2", "-debug.hex2", 1)
	}
	link := "hex2"
	if header != "" {
		link += " -f M2libc/" + system.dir + "/" + header
	}
	return append(commands, assemble, link+" -f out.hex2"+target+" --base-address "+system.base+" -o binary")
}

// The programs that M2-Planet's test suite expects to be refused, and where
// ours says that they are wrong.
var compileFail = map[string]string{
	"error_preprocessor.c":      "1:1: #error Should not compile",
	"include_doesnt_exist.c":    "2:1: cannot find the file \"this_file_does_not_exist.h\" to include",
	"include_doesnt_exist2.c":   "2:1: cannot find the file \"this_file_does_not_exist.h\" to include",
	"incorrect_function_call.c": "6:3: found ( after an expression that is not a function",
}

func TestM2PlanetCompileFail(t *testing.T) {
	tree := filepath.Join(posixTree(t), "M2-Planet")
	program, _ := registry.Lookup("M2-Planet")
	for name, want := range compileFail {
		var out strings.Builder
		env := newEnv(t, tree, &out)
		status := program.Run(context.Background(), env, []string{"M2-Planet", "--expand-includes", "test/compile-fail/" + name, "-o", "out"})
		assert.Equal(t, 1, status, name)
		assert.Equal(t, "test/compile-fail/"+name+":"+want+"\n", out.String())
		assert.Empty(t, list(t, env.Dir), name)
	}
}
