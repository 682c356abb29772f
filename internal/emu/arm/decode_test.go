package arm

import "testing"

// TestDecodeRefuses tests words that are unallocated, constrained unpredictable, or
// not implemented.
func TestDecodeRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		word uint32
	}{
		{"udf", 0x00000000},
		{"add, shift ror", 0x8BC10402},
		{"add w, shift by 32", 0x0B018002},
		{"and w, shift by 32", 0x0A018002},
		{"add, extension by 5", 0x8B217402},
		{"and w, N = 1", 0x12400002},
		{"and, bitmask of all ones", 0x9240FC02},
		{"and w, bitmask of all ones", 0x12007C02},
		{"movz w, lsl 32", 0x52C00002},
		{"movk w, lsl 48", 0x72E00002},
		{"ubfm x, N = 0", 0xD3000002},
		{"ubfm w, N = 1", 0x53400002},
		{"ubfm w, immr 32", 0x53200002},
		{"ubfm w, imms 32", 0x53008002},
		{"prefetch", 0xF9800000},
		{"prefetch of a literal", 0xD8000000},
		{"load word, opc 3", 0xB9C00002},
		{"load, extension uxtb", 0x38610802},
		{"load pre-indexed of its base", 0xF8408C00},
		{"store post-indexed of its base", 0xF8008400},
		{"load pair", 0xA9400402},
		{"load exclusive", 0xC85F7C02},
		{"load of a vector register", 0xFD400000},
		{"conditional select", 0x9A810002},
		{"mrs", 0xD53B4202},
		{"b.cond with bit 4", 0x54000010},
		{"hlt", 0xD4400000},
		{"svc with other low bits", 0xD4000003},
	} {
		if in := decode(test.word); in.op != opNone {
			t.Errorf("%s: %#08x is instruction %d, want none", test.name, test.word, in.op)
		}
	}
}

// TestBitmask counts the bitmask immediates: rotation and run length determine 5334
// values of 64 bits and 1302 of 32, each once.
func TestBitmask(t *testing.T) {
	for _, wide := range []bool{false, true} {
		seen := map[uint64]bool{}
		for n := range uint32(2) {
			for imms := range uint32(64) {
				for immr := range uint32(64) {
					if v, ok := bitmask(n, imms, immr, wide); ok {
						seen[v] = true
					}
				}
			}
		}
		if want := map[bool]int{false: 1302, true: 5334}[wide]; len(seen) != want {
			t.Errorf("wide %t: %d different values, want %d", wide, len(seen), want)
		}
	}
}

// TestEncodings checks that no word matches two rows of the table.
func TestEncodings(t *testing.T) {
	for i, a := range encodings {
		if a.bits&^a.mask != 0 {
			t.Errorf("%08x %08x: bits outside of the mask", a.mask, a.bits)
		}
		for _, b := range encodings[:i] {
			if (a.bits^b.bits)&a.mask&b.mask == 0 {
				t.Errorf("%08x %08x and %08x %08x have words in common", a.mask, a.bits, b.mask, b.bits)
			}
		}
	}
}
