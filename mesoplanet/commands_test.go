package mesoplanet

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

// show returns the commands of a link as upstream prints them, its notes
// included. The temporary files are called after what they start with.
func show(l Link) string {
	temps := map[string]string{}
	for _, stem := range l.Temporaries() {
		temps[stem] = "T/" + stem
	}
	var b strings.Builder
	for _, cmd := range l.Commands(temps) {
		b.WriteString(cmd.Note + cmd.Message + strings.Join(cmd.Args, " ") + "\n")
	}
	return b.String()
}

func TestCommands(t *testing.T) {
	linux := func(name string) Target { return Target{name, "Linux", "L"} }
	for _, c := range []struct {
		name string
		link Link
		want string
	}{
		{"64 bits", Link{Target: linux("aarch64"), Program: "P", Output: "O", Debug: true}, `
# starting M2-Planet build
M2-Planet --file P --output T/M2-Planet --architecture aarch64 --debug
# starting Blood-elf stub generation
blood-elf --file T/M2-Planet --little-endian --output T/blood-elf --64
# starting M1 assembly
M1 --file L/aarch64/aarch64_defs.M1 --file L/aarch64/libc-core.M1 --file T/M2-Planet --little-endian --architecture aarch64 --file T/blood-elf --output T/M1-macro
# starting hex2 linking
hex2 --file L/aarch64/ELF-aarch64-debug.hex2 --file T/M1-macro --output O --architecture aarch64 --base-address 0x400000 --little-endian
`},
		{"32 bits, stdio", Link{Target: linux("x86"), Program: "P", Output: "O", Debug: true, Stdio: true}, `
# starting M2-Planet build
M2-Planet --file P --output T/M2-Planet --architecture x86 --debug
# starting Blood-elf stub generation
blood-elf --file T/M2-Planet --little-endian --output T/blood-elf
# starting M1 assembly
M1 --file L/x86/x86_defs.M1 --file L/x86/libc-full.M1 --file T/M2-Planet --little-endian --architecture x86 --file T/blood-elf --output T/M1-macro
# starting hex2 linking
hex2 --file L/x86/ELF-x86-debug.hex2 --file T/M1-macro --output O --architecture x86 --base-address 0x8048000 --little-endian
`},
		{"big-endian, no symbols", Link{Target: linux("knight-native"), Program: "P", Output: "O"}, `
# starting M2-Planet build
M2-Planet --file P --output T/M2-Planet --architecture knight-native
# starting M1 assembly
M1 --file L/knight-native/knight-native_defs.M1 --file L/knight-native/libc-core.M1 --file T/M2-Planet --big-endian --architecture knight-native --output T/M1-macro
# starting hex2 linking
hex2 --file L/knight-native/ELF-knight-native.hex2 --file T/M1-macro --output O --architecture knight-native --base-address 0x0 --big-endian
`},
		{"UEFI", Link{Target: Target{"amd64", "UEFI", "L"}, Program: "P", Output: "O", Debug: true}, `
# starting M2-Planet build
M2-Planet --file P --output T/M2-Planet --architecture amd64
# starting M1 assembly
M1 --file L/amd64/amd64_defs.M1 --file L/amd64/uefi/libc-full.M1 --file T/M2-Planet --little-endian --architecture amd64 --output T/M1-macro
# starting hex2 linking
hex2 --file L/amd64/uefi/PE32-amd64.hex2 --file T/M1-macro --output O --architecture amd64 --base-address 0x0 --little-endian
`},
		{"object file", Link{Target: linux("amd64"), Program: "P", Output: "O", Debug: true, CompileOnly: true}, `
# starting M2-Planet build
M2-Planet --file P --output O --architecture amd64 --debug
`},
		{"program and object files", Link{Target: linux("riscv64"), Program: "P", Output: "O", Objects: []Object{{"A", 0}, {"B", 2}, {"C", 1}}}, `
# starting M2-Planet build
M2-Planet --file P --output T/M2-Planet --architecture riscv64
# starting catm merging of object files
STDIO_USED
STDIO_USED
STDIO_USED
catm T/catm T/M2-Planet C B A
# starting M1 assembly
M1 --file L/riscv64/riscv64_defs.M1 --file L/riscv64/libc-full.M1 --file T/catm --little-endian --architecture riscv64 --output T/M1-macro
# starting hex2 linking
hex2 --file L/riscv64/ELF-riscv64.hex2 --file T/M1-macro --output O --architecture riscv64 --base-address 0x600000 --little-endian
`},
		{"object files", Link{Target: linux("armv7l"), Output: "O", Objects: []Object{{"A", 0}}, Debug: true}, `
# starting catm merging of object files
catm T/catm T/M2-Planet A
# starting Blood-elf stub generation
blood-elf --file T/catm --little-endian --output T/blood-elf
# starting M1 assembly
M1 --file L/armv7l/armv7l_defs.M1 --file L/armv7l/libc-core.M1 --file T/catm --little-endian --architecture armv7l --file T/blood-elf --output T/M1-macro
# starting hex2 linking
hex2 --file L/armv7l/ELF-armv7l-debug.hex2 --file T/M1-macro --output O --architecture armv7l --base-address 0x10000 --little-endian
`},
		{"nothing to do", Link{Target: linux("amd64"), Output: "O", Objects: []Object{{"A", 0}}, CompileOnly: true}, "\n"},
	} {
		if got := "\n" + show(c.link); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

// Each architecture has what the others have.
func TestArchitectures(t *testing.T) {
	want := map[string]string{
		"knight-native": "0x0 --big-endian 4",
		"knight-posix":  "0x0 --big-endian 4",
		"x86":           "0x8048000 --little-endian 4 __i386__=1",
		"amd64":         "0x00600000 --little-endian 8 __x86_64__=1",
		"armv7l":        "0x10000 --little-endian 4 __arm__=1",
		"aarch64":       "0x400000 --little-endian 8 __aarch64__=1",
		"riscv32":       "0x600000 --little-endian 4 __riscv=1 __riscv_xlen=32",
		"riscv64":       "0x600000 --little-endian 8 __riscv=1 __riscv_xlen=64",
	}
	for _, a := range architectures {
		for system, more := range map[string]string{"Linux": "", "UEFI": " __uefi__=1"} {
			target := Target{Arch: a.name, System: system}
			got := target.base() + " " + target.byteOrder() + " " + string(rune('0'+target.word()))
			macros, err := target.macros()
			for _, m := range macros {
				got += " " + m.Name + "=" + m.Value
			}
			wanted := want[a.name] + more
			if system == "UEFI" {
				_, rest, _ := strings.Cut(wanted, " ")
				wanted = "0x0 " + rest
			}
			assert.Equal(t, wanted, got, a.name)
			require.NoError(t, err, a.name)
		}
	}
	if len(architectures) != len(want) {
		t.Errorf("%d architectures, want %d", len(architectures), len(want))
	}
}

func TestDiscover(t *testing.T) {
	for _, c := range []struct {
		given   Target
		machine string
		env     string
		want    string
	}{
		{Target{}, "x86_64", "", "amd64 Linux ./M2libc"},
		{Target{}, "i386", "", "x86 Linux ./M2libc"},
		{Target{}, "i686-pae", "", "x86 Linux ./M2libc"},
		{Target{}, "riscv32", "", "riscv32 Linux ./M2libc"},
		{Target{}, "x86", "", "x86 Linux ./M2libc"},
		{Target{}, "ppc64", "", `unknown architecture "ppc64"; known are knight-native, knight-posix, x86, amd64, armv7l, aarch64, riscv32, riscv64`},
		{Target{}, "x86_64", "ARCHITECTURE_OVERRIDE=armv7l OS_OVERRIDE=UEFI M2LIBC_PATH=L", "armv7l UEFI L"},
		{Target{}, "x86_64", "ARCHITECTURE_OVERRIDE=x86_64", `unknown architecture "x86_64"; known are knight-native, knight-posix, x86, amd64, armv7l, aarch64, riscv32, riscv64`},
		{Target{"aarch64", "Hurd", "no"}, "x86_64", "ARCHITECTURE_OVERRIDE=armv7l OS_OVERRIDE=UEFI M2LIBC_PATH=", "aarch64 Hurd "},
	} {
		got, err := c.given.Discover(c.machine, func(name string) (string, bool) {
			for _, v := range strings.Fields(c.env) {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value, true
				}
			}
			return "", false
		})
		text := got.Arch + " " + got.System + " " + got.Libc
		if err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("%+v: %s", c, text)
		}
	}
}

func TestObjectName(t *testing.T) {
	for source, want := range map[string]string{
		"a.c": "a.o", "d/a.c": "a.o", "../d.e/a.b.c": "a.b.o", "a": "a.o", "d.e/a": "a.o", ".a": ".o", "d/": ".o", "a.o": "a.o", "a.": "a.o",
	} {
		if got := ObjectName(source); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}

// Upstream looks for a word in pieces of 64 KiB, up to a NUL, and does not see
// that a piece may be shorter than the one before.
func TestObject(t *testing.T) {
	const word, piece = "__init_malloc", objectChunk
	pad := func(n int) string { return strings.Repeat("x", n) }
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{word, 1},
		{pad(piece-len(word)) + word, 2},
		{pad(piece) + word, 1},
		{pad(piece-1) + word, 0},
		{word + pad(piece) + word, 2},
		{word + pad(piece), 1},
		{pad(10) + word + pad(piece-20), 2},
		{"\x00" + word, 0},
		{"\x00" + pad(10) + word + pad(piece-24), 0},
		{"\x00" + pad(10) + word + pad(piece-24) + "a", 1},
	} {
		want := Object{Name: "o", Stdio: c.want}
		assert.Equal(t, want, NewObject(source.String("o", c.text)), "%d bytes, %.20q", len(c.text), c.text)
	}
}

var errBroken = errors.New("broken")

func TestWriteErrors(t *testing.T) {
	program, err := Preprocess(nil, Options{Target: Target{Arch: "x86"}})
	require.NoError(t, err)
	require.NoError(t, program.Write(io.Discard))
	assert.Empty(t, program.text)
	program, err = Preprocess([]source.Source{source.String("a", "a\n")}, Options{Target: Target{Arch: "x86"}})
	require.NoError(t, err)
	assert.ErrorIs(t, program.Write(failing{}), errBroken)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errBroken }

// Every byte of the text comes from somewhere.
func TestPosition(t *testing.T) {
	text := "#include \"i\"\n#define F(x) /* 1 */ x + B\n#define B b b\n\n\tF(a \"c\n\")\n// d\ne\n"
	r := preprocess(text, map[string]string{"i": "i\n\"j\nj\"\n"}, nil)
	if r.err != nil {
		t.Fatal(r.err)
	}
	var out strings.Builder
	if err := r.program.Write(&out); err != nil {
		t.Fatal(err)
	}
	var got []string
	line, col := 1, 1
	for _, c := range out.String() {
		if slices.Contains([]rune("abcdeij+"), c) && !strings.HasPrefix(strings.Split(out.String(), "\n")[line-1], "// #") {
			p, ok := r.program.Position(line, col)
			if !ok {
				t.Fatalf("%d:%d: nowhere", line, col)
			}
			got = append(got, string(c)+"="+p.String())
		}
		if col++; c == '\n' {
			line, col = line+1, 1
		}
	}
	want := "i=i:1:1 j=i:2:2 j=i:3:1 a=in.c:5:2 c=in.c:5:2 +=in.c:5:2 b=in.c:5:2 b=in.c:5:2 d=in.c:7:4 e=in.c:8:1"
	if strings.Join(got, " ") != want {
		t.Errorf("%s, want\n%s", strings.Join(got, " "), want)
	}
	for _, at := range [][2]int{{0, 1}, {1, 0}, {line, 1}, {line - 1, 3}} {
		if p, ok := r.program.Position(at[0], at[1]); ok {
			t.Errorf("%d: %v", at, p)
		}
	}
}
