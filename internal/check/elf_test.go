package check

import (
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestInspect(t *testing.T) {
	if p := inspect([]byte(made(amd64, "code"))); !p.isELF || p.arch != "amd64" || p.loads != 1 || p.foreign() != "" {
		t.Errorf("%+v", p)
	}
	debug := makeELF(elf.EM_RISCV, []piece{load64("code")}, append([]piece{{".text", 1, 0, "x"}}, symbols(2, map[string]uint64{"FUNCTION_main": base})...))
	if p := inspect([]byte(debug)); p.arch != "riscv64" || len(p.sections) != 5 || p.foreign() != "" {
		t.Errorf("%+v, %s", p, p.foreign())
	}
	small := []byte("\x7fELF\x01\x01\x01\x03" + string(make([]byte, 8)) + "\x02\x00\x03\x00" + string(make([]byte, 80)))
	small[28], small[42], small[44], small[52] = 52, 32, 1, 1
	if p := inspect(small); p.arch != "x86" || p.loads != 1 || p.foreign() != "" {
		t.Errorf("%+v", p)
	}
	for _, text := range []string{"", "\x7fELF", "\x7fELF\x03\x01" + string(make([]byte, 60)), "\x7fELF\x01\x03" + string(make([]byte, 60)), "#!/bin/sh\n" + string(make([]byte, 60))} {
		if p := inspect([]byte(text)); p.isELF {
			t.Errorf("%q is an ELF file", text)
		}
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
		if got := p.function(headers + offset); got != want {
			t.Errorf("at %d is %q, want %q", offset, got, want)
		}
	}
	none := inspect([]byte(made(amd64, "code")))
	if got := none.function(100); got != "" {
		t.Errorf("%q", got)
	}
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
	if causes := r.Findings[0].Causes; len(causes) != 2 || causes[1] != want {
		t.Errorf("%q, want %s", causes, want)
	}
}

// A file may claim to have more headers than are worth reading.
func TestManyHeaders(t *testing.T) {
	data := []byte(made(amd64, "code"))
	copy(data[40:], data[32:40]) // e_shoff = e_phoff
	copy(data[56:], "\xff\xff")
	copy(data[60:], "\xff\xff")
	if p := inspect(data); len(p.sections) != maxHeaders {
		t.Errorf("%d sections", len(p.sections))
	}
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
