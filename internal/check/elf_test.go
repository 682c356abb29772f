package check

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestInspect(t *testing.T) {
	p := inspect([]byte(made(amd64, "code")))
	assert.Equal(t, "amd64", p.arch)
	assert.Equal(t, 1, p.loads)
	assert.Empty(t, p.foreign())
	debug := makeELF(elf.EM_RISCV, []piece{load64("code")}, append([]piece{{".text", 1, 0, "x"}}, symbols(2, map[string]uint64{"FUNCTION_main": base})...))
	p = inspect([]byte(debug))
	assert.Equal(t, "riscv64", p.arch)
	assert.Len(t, p.sections, 5)
	assert.Empty(t, p.foreign())
	small := []byte("\x7fELF\x01\x01\x01\x03" + string(make([]byte, 8)) + "\x02\x00\x03\x00" + string(make([]byte, 80)))
	small[28], small[42], small[44], small[52] = 52, 32, 1, 1
	p = inspect(small)
	assert.Equal(t, "x86", p.arch)
	assert.Equal(t, 1, p.loads)
	assert.Empty(t, p.foreign())
	for _, text := range []string{"", "\x7fELF", "\x7fELF\x03\x01" + string(make([]byte, 60)), "\x7fELF\x01\x03" + string(make([]byte, 60)), "#!/bin/sh\n" + string(make([]byte, 60))} {
		assert.Nil(t, inspect([]byte(text)).File, "%q", text)
	}
}

// Function names come from the symbols that are not hidden.
func TestFunction(t *testing.T) {
	const headers = 64 + 56 + 64*5
	at := func(n uint64) uint64 { return base + headers + n }
	p := inspect([]byte(makeELF(amd64, []piece{load64("0123456789012345678901234567890123456789")}, append([]piece{{".text", 1, 0, ""}}, symbols(2, map[string]uint64{
		"_start": at(0), "start": at(1), "FUNCTION_a": at(8), "ELSE_a_0": at(12), "FUNCTION_b": at(16), "_b": at(18),
	})...))))
	for offset, want := range map[uint64]string{0: "", 1: "start", 3: "start+0x2", 8: "FUNCTION_a", 13: "FUNCTION_a+0x5", 16: "FUNCTION_b", 30: "FUNCTION_b+0xe"} {
		assert.Equal(t, want, p.function(headers+offset), "at %d", offset)
	}
	none := inspect([]byte(made(amd64, "code")))
	assert.Empty(t, none.function(100))
}

// The first difference is in a function.
func TestFirstDifference(t *testing.T) {
	const headers = 64 + 56 + 64*5
	build := func(code string) string {
		return makeELF(amd64, []piece{load64(code)}, append([]piece{{".text", 1, 0, ""}}, symbols(2, map[string]uint64{"FUNCTION_a": base + headers, "FUNCTION_b": base + headers + 4})...))
	}
	all := map[string]string{"AMD64/bin/M1": build("aaaabbbb")}
	files := directory(t, "", nil, map[string]string{"M1": build("aaaabbcb")})
	r := Check(files, []Release{release("mine", all, true)}, "")
	size := len(build("aaaabbbb"))
	want := fmt.Sprintf("its first difference is at offset %#x, in FUNCTION_b+0x2; it has %d bytes, AMD64/bin/M1 of mine has %[2]d", headers+6, size)
	assert.Equal(t, []string{"no known release has these bytes", want}, r.findings[0].causes)
}

// A file with any bytes changed is read without a panic, and quickly.
func TestInspectDamaged(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	whole := makeELF(amd64, []piece{load64("code"), {"", uint32(elf.PT_INTERP), 0, "ld"}},
		append([]piece{{".text", 1, 0, "x"}, {".comment", 1, 0, "GCC"}}, symbols(3, map[string]uint64{"FUNCTION_main": base})...))
	for range 20_000 {
		data := []byte(whole)[:len(whole)-random.IntN(4)*random.IntN(len(whole)/4)]
		for range 1 + random.IntN(8) {
			data[16+random.IntN(len(data)-16)] = []byte{0, 1, 0x7f, 0x80, 0xff}[random.IntN(5)]
		}
		p := inspect(data)
		p.foreign()
		p.function(random.Uint64N(1 << 10))
	}
}
