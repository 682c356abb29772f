package tool_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// The tests that mescc-tools 1.7.0 comes with: test0 to test13, and what
// test/test.answers says of the binary that each makes.
var mesccTests = []struct{ name, digest, commands string }{
	{"test0", "054359eb2b4e4f75aa212a41f90654b18b1efdde7ba08aac12bd9c21b1a12cf6", `
hex2 -f elf_headers/elf32.hex2 -f test/test0/mini-libc-mes.hex2 -f test/test0/hello.hex2 --little-endian --architecture x86 --base-address 0x8048000 -o binary`},
	{"test1", "4f1bf2ce18cd6d182745501d1a3812037ab95e826780bebc37adc4f49f4eba52", `
M1 -f test/test1/hex.M1 --little-endian --architecture amd64 -o hold
hex2 -f elf_headers/elf64.hex2 -f hold --little-endian --architecture amd64 --base-address 0x00600000 -o binary`},
	{"test2", "793e619fa6ec1adb99c7b65f92f0e713370d56cf503a10d967a9494ce7ef40a9", `
M1 -f test/test2/hex.M1 --little-endian --architecture x86 -o hold
hex2 -f elf_headers/elf32.hex2 -f hold --little-endian --architecture x86 --base-address 0x8048000 -o binary`},
	{"test3", "96ade767f30e3d9037a6c597cefb103942c8ec104264a3551017f091b10646e1", `
M1 -f test/test3/defs -f test/test3/lisp.s --big-endian --architecture knight-native -o hold
hex2 -f hold --big-endian --architecture knight-native --base-address 0 -o binary`},
	{"test4", "310bea3129335b2cbda70fd591b2cf079b6f7fc19b22f12061a5379ba96dbdae", `
M1 -f test/test4/MES_defs.M1 -f test/test4/mini-libc-mes.M1 -f test/test4/hello.M1 --little-endian --architecture x86 -o hold
hex2 -f elf_headers/elf32.hex2 -f hold --little-endian --architecture x86 --base-address 0x8048000 -o binary`},
	{"test5", "1b09d2b8a3848d691d5d5927f80b6acaad57174b7653d88fe07cd1f6f4bd6f3d", `
M1 -f test/test5/exec_enable_amd64.M1 --little-endian --architecture amd64 -o hold
hex2 -f elf_headers/elf64.hex2 -f hold --little-endian --architecture amd64 --base-address 0x00600000 -o binary`},
	{"test6", "61d70db94077ee71b5522f44344baf3943c02559fb1c3e311cfe2fb6cb652d55", `
M1 -f test/test6/exec_enable_i386.M1 --little-endian --architecture x86 -o hold
hex2 -f elf_headers/elf32.hex2 -f hold --little-endian --architecture x86 --base-address 0x8048000 -o binary`},
	{"test7", "5cba7bcb9de863c721613b5fafa17277e9e83336e32c8e7e59ee76d003ed5f29", `
M1 -f test/test7/hex1_amd64.M1 --little-endian --architecture amd64 -o hold
hex2 -f elf_headers/elf64.hex2 -f hold --little-endian --architecture amd64 --base-address 0x00600000 -o binary`},
	{"test8", "a71dc25bcba2a7298b9b9024a7927e215c5081a9ff90a6afa9b583be6c0a7e06", `
M1 -f test/test8/sample.M1 --little-endian --architecture amd64 -o 1
M1 -f test/test8/sample.M1 --big-endian --architecture amd64 -o 2
M1 -f test/test8/sample.M1 --little-endian --architecture x86 -o 3
M1 -f test/test8/sample.M1 --big-endian --architecture x86 -o 4
catm proof 1 2 3 4
hex2 -f proof --big-endian --architecture knight-native --base-address 0 -o binary`},
	{"test9", "7fb2aa7451ea132a98f3900b140c8eb3d50751aa6adeac23fd2d766fce2635d4", `
blood-elf -f test/test9/M1.M1 ` + mesEntries() + `--little-endian -o footer.M1
M1 --little-endian --architecture x86 -f test/test9/x86.M1 -f test/test9/M1.M1 -f footer.M1 -o M1.hex2
hex2 --little-endian --architecture x86 --base-address 0x1000000 -f elf_headers/elf32-debug.hex2 -f test/test9/crt1.hex2 -f test/test9/libc-mes+tcc.hex2 -f M1.hex2 -o binary`},
	{"test10", "2027e0c8d6295f041d338a430c5a3d3aae042294e5ba4ad1eb08bed16b147671", `
M1 --little-endian --architecture armv7l -f test/test10/exit_42.M1 -o hello.hex2
hex2 --little-endian --architecture armv7l --base-address 0x10000 -f elf_headers/elf32-ARM.hex2 -f hello.hex2 -o binary`},
	{"test11", "bd0fba222284869f35b1ddcc3469d579d862e844122bcacc9b5d673e8bfe2aaf", `
blood-elf -f test/test11/hello.M1 --little-endian -o footer.M1
M1 --little-endian --architecture armv7l -f test/test11/hello.M1 -f footer.M1 -o hello.hex2
hex2 --little-endian --architecture armv7l --base-address 0x10000 -f elf_headers/elf32-ARM-debug.hex2 -f hello.hex2 -o binary`},
	{"test12", "611c702f74f931cff6f010023b0ff5da48dc262167e79e3de31eea2ea5ba20ce", `
blood-elf -f test/test12/hello.M1 --little-endian -o footer.M1
M1 --little-endian --architecture armv7l -f test/test12/hello.M1 -f footer.M1 -o hello.hex2
hex2 --little-endian --architecture armv7l --base-address 0x10000 -f elf_headers/elf32-ARM-debug.hex2 -f hello.hex2 -o binary`},
	{"test13", "71bd38e9d077dd339046fe44f47b277981e768902491baeeb97199a86101a320", `
M1 --little-endian --architecture ppc64le -f test/test13/hello.M1 -o hello.hex2
hex2 --little-endian --architecture ppc64le --base-address 0x10000 -f elf_headers/elf64-PPC64LE.hex2 -f hello.hex2 -o binary`},
}

// mesEntries returns the --entry options of test9: the functions of GNU Mes's C
// library.
func mesEntries() string {
	var b strings.Builder
	for _, name := range strings.Fields(`
		exit read write open chmod access brk fsync strlen eputc eputs fputs puts putchar fputc getchar fgetc free ungetc
		strcmp strcpy itoa isdigit isxdigit isnumber atoi malloc memcpy realloc strncmp getenv vprintf printf vsprintf
		sprintf getopt close unlink lseek getcwd dlclose dlopen execvp fclose fdopen ferror fflush fopen fprintf fread
		fseek ftell fwrite gettimeofday localtime longjmp memmove memset memcmp mprotect qsort remove setjmp sigaction
		sigemptyset snprintf sscanf strcat strchr strrchr strstr strtol strtoll strtoul strtoull time vsnprintf calloc
		vfprintf buf optarg optind opterr optarg optind nextchar opterr errno _start`) {
		b.WriteString("--entry " + name + " ")
	}
	return b.String()
}

func TestMesccTools(t *testing.T) {
	tree := posixTree(t)
	for _, test := range mesccTests {
		var out strings.Builder
		env := newEnv(t, filepath.Join(tree, "mescc-tools"), &out)
		for _, line := range strings.Split(strings.TrimSpace(test.commands), "\n") {
			run(t, env, strings.Fields(line)...)
		}
		if got := digestOf(t, filepath.Join(env.Dir, "binary")); got != test.digest {
			t.Errorf("%s: digest %s, want %s", test.name, got, test.digest)
		}
	}
	t.Logf("%d digests compared", len(mesccTests))
}

// The tests of kaem 1.7.0, mescc-tools/Kaem/test, and what test.answers says
// of what each prints. Where that ends with a message of upstream's own, ours
// has another in its place.
var kaemTests = []struct{ digest, upstreams, ours string }{
	{digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{digest: "27e6f695d734689575e2a063b77668a1fab9c7a83071134630f6a02ebf697592"},
	{digest: "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"},
	{digest: "5881f8af754d89e4b6f0cc5e65a0654444a83140946a83f7d5941e6236f180d2"},
	{
		digest:    "8753402793cfecacc5b90b6c7c0f8b351c9be60fd7d07fe18cf4a189bfff16f3",
		upstreams: "WHILE EXECUTING thiscommanddoesnotexist NOT FOUND!\nABORTING HARD\n",
		ours:      "test/test04/kaem.test:19:1: thiscommanddoesnotexist: not found in PATH\n",
	},
	{
		digest: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
		ours:   "test/test05/kaem.test:18:1: warning: thiscommanddoesnotexist: not found in PATH; the script goes on\n",
	},
	{
		digest:    "11b03bec7e7e57151b67cf4d3b38cc5cc9a0469549e104f58b9bf9de82f90c22",
		upstreams: "WHILE EXECUTING thiscommanddoesnotexist NOT FOUND!\nABORTING HARD\n",
		ours:      "test/test06/kaem.test:19:1: thiscommanddoesnotexist: not found in PATH\n",
	},
	{digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{digest: "30c24701f806a83082bcaab77fea8e97304aa60cd846601e82de13f3a45634e8"},
	{digest: "714ef04291d344f7719c207060944b017d4b565ef565b04fbef5ec4c3e8cacb8"},
	{digest: "d857aa87f123be8ca15bab264d2fbc143fe6ca9fa82ebfcc92a3096627c2bfbd"},
	{digest: "95b4340f5a016b59be85be8351cb267642fea01129c8ae40049061301c1b0a95"},
	{digest: "dfb2a6b3ee002a7a82419230acf97563ffe8b84e72f0de074e48453b092da4ad"},
	{digest: "3cf0470e0bba3c7dd743a71f201903fcbd3aed2cf817966e2d127bf10fff66e9"},
	{digest: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"},
	{digest: "3b22d4ec57697b461347a0c8d195c854172ae4b8c92b86497f2bbd8add4c4229"},
	{digest: "472ed61017e76d36a6340ad495bd9e7be5f721d8df65fd4c2caa75e88a412601"},
	{digest: "91eb27fb84000d1d18bc0aa5ec7cc1b85ec3951188f0e17c58161c6051c6a79b"},
}

func TestKaemTests(t *testing.T) {
	tree := posixTree(t)
	kaem, _ := registry.Lookup("kaem")
	for i, test := range kaemTests {
		name := fmt.Sprintf("test%02d", i)
		args := []string{"kaem", "-f", "test/" + name + "/kaem.test"}
		if i == 5 {
			args = append(args, "--non-strict")
		}
		var stdout, stderr strings.Builder
		env := newEnv(t, filepath.Join(tree, "mescc-tools", "Kaem"), &stdout)
		env.Stderr = &stderr
		env.Vars = []string{"LANG=C", "PATH=" + env.Dir}
		writeFile(t, filepath.Join(env.Dir, "printf"), "") // for the search
		env.Exec = func(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
			switch path.Base(cmd.Path) {
			case "printf":
				_, err := io.WriteString(env.Stdout, cmd.Args[1])
				return 0, err
			case "kaem":
				return kaem.Run(ctx, env, cmd.Args), nil
			}
			return 1, errors.New("no such program")
		}
		status := kaem.Run(context.Background(), env, args)
		if failed := test.upstreams != ""; (status != 0) != failed {
			t.Errorf("%s: exit status %d", name, status)
		}
		if got := digest([]byte(stdout.String() + test.upstreams)); got != test.digest {
			t.Errorf("%s: digest %s, want %s, of\n%s", name, got, test.digest, stdout.String())
		}
		if stderr.String() != test.ours {
			t.Errorf("%s: messages\n%swant\n%s", name, stderr.String(), test.ours)
		}
	}
	t.Logf("%d digests compared", len(kaemTests))
}

// The hex0 sources in bootstrap-seeds, and the images that are published with
// them.
var seedSources = []struct{ source, image string }{
	{"POSIX/AArch64/hex0_AArch64.hex0", "hex0-seed"},
	{"POSIX/AArch64/kaem-minimal.hex0", "kaem-optional-seed"},
	{"POSIX/AMD64/hex0_AMD64.hex0", "hex0-seed"},
	{"POSIX/AMD64/kaem-minimal.hex0", "kaem-optional-seed"},
	{"POSIX/riscv32/hex0_riscv32.hex0", "hex0-seed"},
	{"POSIX/riscv32/kaem-minimal.hex0", "kaem-optional-seed"},
	{"POSIX/riscv64/hex0_riscv64.hex0", "hex0-seed"},
	{"POSIX/riscv64/kaem-minimal.hex0", "kaem-optional-seed"},
	{"POSIX/x86/hex0_x86.hex0", "hex0-seed"},
	{"POSIX/x86/kaem-minimal.hex0", "kaem-optional-seed"},
	{"NATIVE/knight/hex0-knight.hex0", "hex0-seed"},
	{"NATIVE/x86/builder-hex0-x86-stage1.hex0", "builder-hex0-x86-stage1.img"},
	{"NATIVE/x86/stage0_monitor.hex0", "stage0_monitor.img"},
}

func TestSeeds(t *testing.T) {
	tree := filepath.Join(posixTree(t), "bootstrap-seeds")
	var out strings.Builder
	env := newEnv(t, tree, &out)
	for _, seed := range seedSources {
		run(t, env, "hex0", "--strict", seed.source, "out")
		want := digestOf(t, filepath.Join(tree, path.Dir(seed.source), seed.image))
		if got := digestOf(t, filepath.Join(env.Dir, "out")); got != want {
			t.Errorf("%s: digest %s, want %s", seed.source, got, want)
		}
	}
	t.Logf("%d seeds compared", len(seedSources))
}

// What the sources of builder-hex0 give, at commit b8a2047910d4; the digests
// are of what its Makefile does: cut the comments off, and xxd -r -p.
var builderHex0 = []struct{ digest, command string }{
	{"9c4a42373754601de171cc7036e3105d66868b1346289d1007b9c454ec366eef", "hex0 --strict builder-hex0-mini.hex0 out"},
	{"87c3d44555bd294dbc7be12dd06697235a354247c155eb0eb5a8834a3aad1b59", "hex0 --strict builder-hex0-x86-stage1.hex0 out"},
	{"388a08c7da40b9eca3fa8684e39665bed71eee87737e46bdfe277e35b5194f2f", "hex0 --strict builder-hex0-x86-stage2.hex0 out"},
	{"3cf251058677ebe2402a6b1383e245334242e9d67431cce312df9c164ed0c3b9", "hex0 --strict builder-hex0.hex0 out"},
	{"87c3d44555bd294dbc7be12dd06697235a354247c155eb0eb5a8834a3aad1b59", "hex2 --strict --file builder-hex0-x86-stage1.hex2 --output out --base-address 0x7C00 --little-endian"},
	{"388a08c7da40b9eca3fa8684e39665bed71eee87737e46bdfe277e35b5194f2f", "hex2 --strict --file builder-hex0.hex2 --output out --base-address 0x7E00 --little-endian"},
	{"3cf251058677ebe2402a6b1383e245334242e9d67431cce312df9c164ed0c3b9", "hex2 --strict --file builder-hex0.hex2 --output out --base-address 0x7C00 --little-endian"},
}

func TestBuilderHex0(t *testing.T) {
	dir := os.Getenv("BUILDER_HEX0")
	if dir == "" {
		t.Skip("BUILDER_HEX0 does not name a checkout of builder-hex0")
	}
	var out strings.Builder
	env := newEnv(t, dir, &out)
	for _, test := range builderHex0 {
		run(t, env, strings.Fields(test.command)...)
		if got := digestOf(t, filepath.Join(env.Dir, "out")); got != test.digest {
			t.Errorf("%s: digest %s, want %s", test.command, got, test.digest)
		}
	}
	t.Logf("%d digests compared", len(builderHex0))
}

func digestOf(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return digest(data)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
