package x86_test

import (
	"fmt"
	"strings"
)

// families returns samples that differ in a condition, an operation or a
// register only: what the opcode maps have in rows of eight or sixteen.
func families(is64 bool) []sample {
	var list []sample
	add := func(flags uint32, format string, args ...any) {
		list = append(list, sample{fmt.Sprintf(format, args...), flags})
	}
	for cc := range 16 {
		add(all, "39c80f%xc0", 0x90+cc)
		add(all, "38e90f%x06", 0x90+cc)
		add(all, "39c80f%xc1", 0x40+cc)
		add(all, "6639c8660f%x0e", 0x40+cc)
		add(all, "39c8%x01f5", 0x70+cc)
		add(all, "83f9010f%x01000000f5", 0x80+cc)
	}
	for op := range 8 {
		flags := uint32(all)
		if op == 1 || op == 4 || op == 6 { // or, and, xor
			flags &^= fA
		}
		for _, imm := range []string{"01", "80"} {
			add(flags, "80%x%s", 0xC1+8*op, imm)
			add(flags, "83%x%s", 0xC3+8*op, imm)
			add(flags, "6683%02x%s", 0x06+8*op, imm)
			add(flags, "81%x%sffff7f", 0xC2+8*op, imm)
			add(flags, "%02x%s", 0x04+8*op, imm)
			add(flags, "%02x%s000080", 0x05+8*op, imm)
		}
		for form := range 4 { // E, G and G, E; of bytes and words
			add(flags, "%02xc1", form+8*op)
			add(flags, "%02x16", form+8*op)
		}
		shift := uint32(all &^ fA)
		if op < 4 { // the rotations
			shift = all
		}
		for wide := range 2 {
			add(shift, "%x%x", 0xD0+wide, 0xC3+8*op)
			add(shift&^(fO|fC), "%x%x", 0xD2+wide, 0xC0+8*op)
			add(shift&^fO, "%x%x05", 0xC0+wide, 0xC0+8*op)
			add(shift, "%x%02x", 0xD0+wide, 0x06+8*op)
		}
	}
	for r := range 4 {
		add(all, "0f%x", 0xC8+r)
		add(all, "%x41%x7f", 0xB0+r, 0xB4+r)
		add(all, "%x78563412", 0xB8+r)
		add(all, "%x", 0x90+r)
		add(all, "%x5f57", 0x50+r)
		if !is64 {
			add(all, "%x", 0x40+r)
			add(all, "%x", 0x48+r)
		}
	}
	for r := 5; r < 8; r++ { // bp, si and di, which are put back
		add(all, "50%[1]x89c%[2]x29c%[2]x%[3]x58", 0x50+r, r, 0x58+r)
		add(all&^fA, "%[1]xb%[2]x05000000%[3]x01d80fc%[2]x%[4]x", 0x50+r, 8+r, 0x90+r, 0x58+r)
	}
	add(all&^fA, "84d9")
	add(all&^fA, "84c5")
	add(all, "545c")

	add(all, "e80300000090eb0589c8c20000")
	add(all, "68000000006a006a00e803000000eb06f989c8c20800")
	address := fmt.Sprintf("%08x", space)
	address = address[6:] + address[4:6] + address[2:4] + address[:2]
	if is64 {
		address += "00000000"
		add(all, "488d0503000000ffe0f990")
		add(all, "554889e55053c9")
		list = append(list, wide(list)...)
	} else {
		add(all, "e8000000005883c006ffe0f5")
		add(all, "5589e55053c9")
	}
	for op := range 4 { // mov between ax and an address
		add(all, "%xADDRESS", 0xA0+op)
	}
	for i := range list {
		list[i].code = strings.ReplaceAll(list[i].code, "ADDRESS", address)
	}
	return list
}

// wide returns some samples of one instruction with the prefix REX.W.
func wide(samples []sample) []sample {
	var w []sample
	for _, s := range samples {
		switch s.code[:2] {
		case "01", "03", "09", "0b", "11", "13", "19", "1b", "21", "23", "29", "2b", "31", "33", "81", "83", "c1", "d1", "d3":
			w = append(w, sample{"48" + s.code, s.flags})
		}
	}
	return w
}
