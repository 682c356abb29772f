package diff_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"stage0/bloodelf"
	"stage0/bootstrap/sample"
	"stage0/hex2"
	"stage0/internal/diff"
	"stage0/m1"
	"stage0/source"
)

// file returns a file of the sample.
func file(t *testing.T, name string) string {
	text, err := fs.ReadFile(sample.Tree(), name)
	require.NoError(t, err)
	return string(text)
}

// program returns x86/hello.M1 of the sample, with another text in the place
// of old, as a program with symbols.
func program(t *testing.T, old, changed string) []byte {
	t.Helper()
	return programFor(t, "x86", old, changed)
}

// programFor is program for an architecture of 32 bits.
func programFor(t *testing.T, arch, old, changed string) []byte {
	t.Helper()
	hello := file(t, arch+"/hello.M1")
	if !strings.Contains(hello, old) {
		t.Fatalf("there is no %q in hello.M1", old)
	}
	text := source.String("hello.M1", strings.Replace(hello, old, changed, 1))
	var footer, words, made bytes.Buffer
	require.NoError(t, bloodelf.Footer(&footer, []source.Source{text}, bloodelf.Options{Entries: []string{"ELF_text"}}))
	srcs := []source.Source{source.String("defs.M1", file(t, arch+"/defs.M1")), text, source.Bytes("footer.M1", footer.Bytes())}
	require.NoError(t, m1.Assemble(&words, srcs, m1.Options{Arch: arch}))
	srcs = []source.Source{source.String("ELF-debug.hex2", file(t, arch+"/ELF-debug.hex2")), source.Bytes("hello.hex2", words.Bytes())}
	require.NoError(t, hex2.Link(&made, srcs, hex2.Options{Arch: arch, Base: 0x8048000}))
	return made.Bytes()
}

// link returns texts as they are linked for x86.
func link(t *testing.T, texts ...source.Source) []byte {
	t.Helper()
	var made bytes.Buffer
	require.NoError(t, hex2.Link(&made, texts, hex2.Options{Arch: "x86", Base: 0x8048000}))
	return made.Bytes()
}

func printed(t *testing.T, a, b []byte, sources diff.Sources) string {
	t.Helper()
	var text strings.Builder
	d := diff.CompareBinaries(diff.Side{Name: "a", Data: a}, diff.Side{Name: "b", Data: b}, sources)
	if d.Same() != bytes.Equal(a, b) {
		t.Errorf("Same: %v", d.Same())
	}
	require.NoError(t, d.Print(&text))
	return text.String()
}

func TestBinaries(t *testing.T) {
	same := program(t, "", "")
	riscv := programFor(t, "riscv32", "", "")
	hidden := program(t, ":counted", ":_hidden :counted")
	outside := bytes.Replace(same, []byte{0x83, 0x80, 4, 8, 0, 0, 0, 0, 2, 0, 1, 0}, []byte{0x83, 0x80, 4, 0xF8, 0, 0, 0, 0, 2, 0, 1, 0}, 1)
	elf := source.String("ELF.hex2", file(t, "x86/ELF.hex2"))
	hello := source.String("hello.hex2", file(t, "x86/hello.hex2"))
	hex0, hex1 := source.String("hello.hex0", file(t, "x86/hello.hex0")), source.String("hello.hex1", file(t, "x86/hello.hex1"))
	linked := link(t, elf, hello)
	overlap := bytes.Clone(linked[:52])
	overlap[28] = 20 // the program header is said to be in the ELF header
	golden(t, "binaries", []example{
		{"same", printed(t, same, same, nil)},
		{"operand", printed(t, same, program(t, "mov_ebx, %1 ", "mov_ebx, %2 "), nil)},
		{"instruction", printed(t, same, program(t, "mov_eax, %1 ", "inc_edx mov_eax, %1 "), nil)},
		{"label", printed(t, same, program(t, ":counted\n    ret", ":done :counted"), nil)},
		{"labels", printed(t, same, program(t, ":counted", ":a :b :c :d :e :f :g :h :i :_j :k :l"+" :counted"), nil)},
		{"no-instruction", printed(t, riscv, programFor(t, "riscv32", ":_start", ":_start\n'FFFFFFFF' '03B50500'"), nil)},
		{"no-instruction-x86", printed(t, same, program(t, ":_start", "'0F'\n:_start"), nil)},
		{"hidden-label", printed(t, hidden, changed(hidden, 0x63), nil)},
		{"label-outside", printed(t, same, outside, nil)},
		{"headers-overlap", printed(t, overlap, changed(overlap, 15), nil)},
		{"two-processors", printed(t, same, riscv, nil)},
		{"data", printed(t, same, program(t, "bottom", "middle"), nil)},
		{"name", printed(t, same, program(t, ":_end", ":_fin"), nil)},
		{"header", printed(t, same, changed(same, 8), nil)},
		{"header-field", printed(t, same, bytes.Replace(same, []byte{5, 0, 0, 0}, []byte{7, 0, 0, 0}, 1), nil)},
		{"end", printed(t, same, same[:len(same)-8], nil)},
		{"hex2", printed(t, linked, changed(linked, 0x70), diff.Sources{elf, hello})},
		{"hex1", printed(t, linked, changed(linked, 0x70), diff.Sources{hex1})},
		{"hex0", printed(t, linked, changed(linked, 0x70), diff.Sources{hex0})},
		{"source-error", printed(t, linked, changed(linked, 0x70), diff.Sources{elf})},
		{"other-source", printed(t, changed(linked, 0x72), changed(linked, 0x70), diff.Sources{hex0})},
		{"processors", printed(t, link(t, elf, hello), []byte("\x7fELF"), nil)},
		{"no-program", printed(t, []byte("\x00abcdefghijklmnopqrstuvwxyz\xff0123456789 0123456789 0123456789 0123456789"),
			[]byte("\x00abcdefghijklmnopqrstuvwxyz\xff0123456789 0123456789 012345678_ 0123456789"), nil)},
		{"nothing", printed(t, nil, []byte{0xff}, nil)},
		{"less", printed(t, []byte("\x00ab"), []byte("\x00"), nil)},
	})
}

// changed returns data with another byte at offset.
func changed(data []byte, offset int) []byte {
	other := bytes.Clone(data)
	other[offset] ^= 0xff
	return other
}
