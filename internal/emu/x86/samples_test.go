package x86_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// families returns samples that differ only in a condition, an operation or a
// register: rows of eight or sixteen in the opcode maps.
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
	for r := 5; r < 8; r++ { // bp, si and di, which are restored
		add(all, "50%[1]x89c%[2]x29c%[2]x%[3]x58", 0x50+r, r, 0x58+r)
		add(all&^fA, "%[1]xb%[2]x05000000%[3]x01d80fc%[2]x%[4]x", 0x50+r, 8+r, 0x90+r, 0x58+r)
	}
	add(all&^fA, "84d9")
	add(all&^fA, "84c5")
	add(all, "545c")

	add(all, "e80300000090eb0589c8c20000")
	add(all, "68000000006a006a00e803000000eb06f989c8c20800")
	address := little(space)
	if is64 {
		address += "00000000"
		add(all, "488d0503000000ffe0f990")
		add(all, "554889e55053c9")
		list = append(list, wide(list)...)
		list = append(list, narrow()...)
	} else {
		add(all, "e8000000005883c006ffe0f5")
		add(all, "5589e55053c9")
	}
	for op := range 4 { // mov between ax and a constant address
		add(all, "%xADDRESS", 0xA0+op)
	}
	for i := range list {
		list[i].code = strings.ReplaceAll(list[i].code, "ADDRESS", address)
	}
	return list
}

// wide adds the prefix REX.W to those samples of one instruction that take it.
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

// narrow returns samples with prefix 67 on amd64, which truncates addresses to 32
// bits: si and di hold more than that.
func narrow() []sample {
	const high = "05000000"
	setup := "48be" + little(space) + high + "48bf" + little(space+8) + high
	var list []sample
	add := func(flags uint32, codes string) {
		for _, code := range strings.Fields(codes) {
			list = append(list, sample{setup + strings.ReplaceAll(code, "ADDRESS", little(space)), flags})
		}
	}
	// Moves of all sizes, with the prefixes in either order.
	add(all, `678b06 67488b06 678a06 678a26 67668b06 66678b06 66676766678b06 6766488b06
		678906 67488906 678806 678826 67668906 6667488906 67c60641 67c70678563412 6748c70678563492
		670fb606 670fb706 670fbe06 67480fbe06 67480fbf07 67486306 678706 678606 670f4406 67480f4f06 670f9407
		67a1ADDRESS 67a0ADDRESS 67a2ADDRESS 67a3ADDRESS 6748a1ADDRESS 6748a3ADDRESS 6667a1ADDRESS`)
	// Every form of address. The sum may exceed 32 bits or be negative.
	add(all, `678b4604 678b47f8 678b8604000000 678b87f8ffffff 678b0425ADDRESS 678b0500000000 678b44260c
		b9000000c0678b048e b9feffffff678b048f 48c7c1ffffffff67488b44cf08 48c7c1f8ffffff678b0439 48c7c1ffffffff678b048dADDRESS
		4989f067418b00 4989f067418900 4989fd67498b45f8 4989f467498b0424 4989f441bf0800000067438b043c`)
	add(all, `678d06 67488d06 66678d06 67488d440801 678d440801 67488d84cb00010080 67488d8600000080 67488d0500000000
		67488d042500000080`)
	// Other instructions with memory operands.
	add(all, `670306 67480306 670106 670206 673806 67112f 67ff06 67ff0e 67fe06 67f716 67f71e 67480146f8 67833e05 67807f0141
		67ff3658 50678f06 6750678f47f8 675058 67ff76f858`)
	add(all&^fA, "672306 67480b06 673106 67842f 67f60680 67f70680000000 67d13e")
	add(all&^(fA|fO), "67c12605")
	add(fC|fO, "67f726 6748f726 67f72e 670faf06 67480faf07 6769c6e8030000 67486bc6f9 67486b06f9")
	// Instructions that the prefix does not change.
	add(all, `6790 67f5 67b878563412 39c8677401f9 67eb01f9f5 e80300000090eb0489c867c3 67e80300000090eb0389c8c3 554889e5505367c9`)
	// A jump and a call through memory.
	add(all, "488d05080000006748890667ff26f990 488d05090000006748890667ff16eb01c3")
	return list
}

// little returns an address as in an instruction: four bytes, lowest first.
func little(a uint32) string {
	return hex.EncodeToString(binary.LittleEndian.AppendUint32(nil, a))
}
