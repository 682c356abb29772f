package x86

// A kind is the operation of an instruction.
type kind uint8

const (
	undefined kind = iota
	add            // in the order of group 1
	or
	adc
	sbb
	and
	sub
	xor
	cmp
	rol // in the order of group 2
	ror
	rcl
	rcr
	shl
	shr
	sal
	sar
	test
	not
	neg
	mul
	imul // one operand: rdx:rax = rax * src
	div
	idiv
	imul2 // dst *= src
	imul3 // dst = src * imm
	inc
	dec
	mov
	movzx
	movsx
	lea
	xchg
	push
	pop
	pushf
	popf
	leave
	cbw // rax, sign-extended from half its size
	cwd // rdx:rax, sign-extended from rax
	clc
	stc
	cmc
	bswap
	setcc
	cmovcc
	nop
	breakpoint

	control // kinds from here on end a block, or may
	jcc
	jmp
	jmpTo // to the address in dst
	call
	callTo
	ret
	syscall // syscall, or int 0x80

	groups // kinds from here on are indices into groupTable
)

// An arg is an operand in the notation of the manual's appendix A: a letter for its
// kind and one for its size. v means 16, 32 or 64 bits, z means 16 or 32.
type arg uint8

const (
	_   arg = iota
	al      // register al
	rAX     // register ax, eax or rax
	cl      // register cl
	eb      // register or memory, by ModRM
	ew
	ed
	ev
	gb // register, by ModRM
	gv
	ib // immediate byte, sign-extended
	iw // immediate word, zero-extended
	iz // immediate, sign-extended to v
	iv
	i1 // the immediate 1
	jb // relative to the next instruction
	jz
	m  // memory, by ModRM
	ob // memory at an immediate address
	ov
	zb // register, by the low bits of the opcode
	zv
)

// An opcode is a row of an opcode map. On amd64, push, pop, and jumps to an address
// in an operand have 64-bit operands without a prefix.
type opcode struct {
	kind     kind
	dst, src arg
}

// oneByte maps one-byte opcodes (table A-2). Prefixes are not in it.
var oneByte = [256]opcode{
	0x00: {add, eb, gb},
	0x01: {add, ev, gv},
	0x02: {add, gb, eb},
	0x03: {add, gv, ev},
	0x04: {add, al, ib},
	0x05: {add, rAX, iz},
	0x08: {or, eb, gb},
	0x09: {or, ev, gv},
	0x0A: {or, gb, eb},
	0x0B: {or, gv, ev},
	0x0C: {or, al, ib},
	0x0D: {or, rAX, iz},
	0x10: {adc, eb, gb},
	0x11: {adc, ev, gv},
	0x12: {adc, gb, eb},
	0x13: {adc, gv, ev},
	0x14: {adc, al, ib},
	0x15: {adc, rAX, iz},
	0x18: {sbb, eb, gb},
	0x19: {sbb, ev, gv},
	0x1A: {sbb, gb, eb},
	0x1B: {sbb, gv, ev},
	0x1C: {sbb, al, ib},
	0x1D: {sbb, rAX, iz},
	0x20: {and, eb, gb},
	0x21: {and, ev, gv},
	0x22: {and, gb, eb},
	0x23: {and, gv, ev},
	0x24: {and, al, ib},
	0x25: {and, rAX, iz},
	0x28: {sub, eb, gb},
	0x29: {sub, ev, gv},
	0x2A: {sub, gb, eb},
	0x2B: {sub, gv, ev},
	0x2C: {sub, al, ib},
	0x2D: {sub, rAX, iz},
	0x30: {xor, eb, gb},
	0x31: {xor, ev, gv},
	0x32: {xor, gb, eb},
	0x33: {xor, gv, ev},
	0x34: {xor, al, ib},
	0x35: {xor, rAX, iz},
	0x38: {cmp, eb, gb},
	0x39: {cmp, ev, gv},
	0x3A: {cmp, gb, eb},
	0x3B: {cmp, gv, ev},
	0x3C: {cmp, al, ib},
	0x3D: {cmp, rAX, iz},
	0x40: {inc, zv, 0}, 0x41: {inc, zv, 0}, 0x42: {inc, zv, 0}, 0x43: {inc, zv, 0}, // REX on amd64
	0x44: {inc, zv, 0}, 0x45: {inc, zv, 0}, 0x46: {inc, zv, 0}, 0x47: {inc, zv, 0},
	0x48: {dec, zv, 0}, 0x49: {dec, zv, 0}, 0x4A: {dec, zv, 0}, 0x4B: {dec, zv, 0},
	0x4C: {dec, zv, 0}, 0x4D: {dec, zv, 0}, 0x4E: {dec, zv, 0}, 0x4F: {dec, zv, 0},
	0x50: {push, zv, 0}, 0x51: {push, zv, 0}, 0x52: {push, zv, 0}, 0x53: {push, zv, 0},
	0x54: {push, zv, 0}, 0x55: {push, zv, 0}, 0x56: {push, zv, 0}, 0x57: {push, zv, 0},
	0x58: {pop, zv, 0}, 0x59: {pop, zv, 0}, 0x5A: {pop, zv, 0}, 0x5B: {pop, zv, 0},
	0x5C: {pop, zv, 0}, 0x5D: {pop, zv, 0}, 0x5E: {pop, zv, 0}, 0x5F: {pop, zv, 0},
	0x63: {movsx, gv, ed}, // amd64 only
	0x68: {push, iz, 0},
	0x69: {imul3, gv, ev}, // and Iz
	0x6A: {push, ib, 0},
	0x6B: {imul3, gv, ev}, // and Ib
	0x70: {jcc, jb, 0}, 0x71: {jcc, jb, 0}, 0x72: {jcc, jb, 0}, 0x73: {jcc, jb, 0},
	0x74: {jcc, jb, 0}, 0x75: {jcc, jb, 0}, 0x76: {jcc, jb, 0}, 0x77: {jcc, jb, 0},
	0x78: {jcc, jb, 0}, 0x79: {jcc, jb, 0}, 0x7A: {jcc, jb, 0}, 0x7B: {jcc, jb, 0},
	0x7C: {jcc, jb, 0}, 0x7D: {jcc, jb, 0}, 0x7E: {jcc, jb, 0}, 0x7F: {jcc, jb, 0},
	0x80: {group1, eb, ib},
	0x81: {group1, ev, iz},
	0x83: {group1, ev, ib},
	0x84: {test, eb, gb},
	0x85: {test, ev, gv},
	0x86: {xchg, eb, gb},
	0x87: {xchg, ev, gv},
	0x88: {mov, eb, gb},
	0x89: {mov, ev, gv},
	0x8A: {mov, gb, eb},
	0x8B: {mov, gv, ev},
	0x8D: {lea, gv, m},
	0x8F: {group1A, ev, 0},
	0x90: {xchg, zv, rAX}, 0x91: {xchg, zv, rAX}, 0x92: {xchg, zv, rAX}, 0x93: {xchg, zv, rAX},
	0x94: {xchg, zv, rAX}, 0x95: {xchg, zv, rAX}, 0x96: {xchg, zv, rAX}, 0x97: {xchg, zv, rAX},
	0x98: {cbw, rAX, 0},
	0x99: {cwd, rAX, 0},
	0x9C: {pushf, 0, 0},
	0x9D: {popf, 0, 0},
	0xA0: {mov, al, ob},
	0xA1: {mov, rAX, ov},
	0xA2: {mov, ob, al},
	0xA3: {mov, ov, rAX},
	0xA8: {test, al, ib},
	0xA9: {test, rAX, iz},
	0xB0: {mov, zb, ib}, 0xB1: {mov, zb, ib}, 0xB2: {mov, zb, ib}, 0xB3: {mov, zb, ib},
	0xB4: {mov, zb, ib}, 0xB5: {mov, zb, ib}, 0xB6: {mov, zb, ib}, 0xB7: {mov, zb, ib},
	0xB8: {mov, zv, iv}, 0xB9: {mov, zv, iv}, 0xBA: {mov, zv, iv}, 0xBB: {mov, zv, iv},
	0xBC: {mov, zv, iv}, 0xBD: {mov, zv, iv}, 0xBE: {mov, zv, iv}, 0xBF: {mov, zv, iv},
	0xC0: {group2, eb, ib},
	0xC1: {group2, ev, ib},
	0xC2: {ret, 0, iw},
	0xC3: {ret, 0, 0},
	0xC6: {group11, eb, ib},
	0xC7: {group11, ev, iz},
	0xC9: {leave, 0, 0},
	0xCC: {breakpoint, 0, 0},
	0xCD: {syscall, 0, ib}, // only on x86, and only 0x80
	0xD0: {group2, eb, i1},
	0xD1: {group2, ev, i1},
	0xD2: {group2, eb, cl},
	0xD3: {group2, ev, cl},
	0xE8: {call, jz, 0},
	0xE9: {jmp, jz, 0},
	0xEB: {jmp, jb, 0},
	0xF5: {cmc, 0, 0},
	0xF6: {group3, eb, 0},
	0xF7: {group3, ev, 0},
	0xF8: {clc, 0, 0},
	0xF9: {stc, 0, 0},
	0xFE: {group4, eb, 0},
	0xFF: {group5, ev, 0},
}

// twoByte maps the opcodes after 0F (table A-3).
var twoByte = [256]opcode{
	0x05: {syscall, 0, 0}, // amd64 only
	0x1F: {group16, ev, 0},
	0x40: {cmovcc, gv, ev}, 0x41: {cmovcc, gv, ev}, 0x42: {cmovcc, gv, ev}, 0x43: {cmovcc, gv, ev},
	0x44: {cmovcc, gv, ev}, 0x45: {cmovcc, gv, ev}, 0x46: {cmovcc, gv, ev}, 0x47: {cmovcc, gv, ev},
	0x48: {cmovcc, gv, ev}, 0x49: {cmovcc, gv, ev}, 0x4A: {cmovcc, gv, ev}, 0x4B: {cmovcc, gv, ev},
	0x4C: {cmovcc, gv, ev}, 0x4D: {cmovcc, gv, ev}, 0x4E: {cmovcc, gv, ev}, 0x4F: {cmovcc, gv, ev},
	0x80: {jcc, jz, 0}, 0x81: {jcc, jz, 0}, 0x82: {jcc, jz, 0}, 0x83: {jcc, jz, 0},
	0x84: {jcc, jz, 0}, 0x85: {jcc, jz, 0}, 0x86: {jcc, jz, 0}, 0x87: {jcc, jz, 0},
	0x88: {jcc, jz, 0}, 0x89: {jcc, jz, 0}, 0x8A: {jcc, jz, 0}, 0x8B: {jcc, jz, 0},
	0x8C: {jcc, jz, 0}, 0x8D: {jcc, jz, 0}, 0x8E: {jcc, jz, 0}, 0x8F: {jcc, jz, 0},
	0x90: {setcc, eb, 0}, 0x91: {setcc, eb, 0}, 0x92: {setcc, eb, 0}, 0x93: {setcc, eb, 0},
	0x94: {setcc, eb, 0}, 0x95: {setcc, eb, 0}, 0x96: {setcc, eb, 0}, 0x97: {setcc, eb, 0},
	0x98: {setcc, eb, 0}, 0x99: {setcc, eb, 0}, 0x9A: {setcc, eb, 0}, 0x9B: {setcc, eb, 0},
	0x9C: {setcc, eb, 0}, 0x9D: {setcc, eb, 0}, 0x9E: {setcc, eb, 0}, 0x9F: {setcc, eb, 0},
	0xAF: {imul2, gv, ev},
	0xB6: {movzx, gv, eb},
	0xB7: {movzx, gv, ew},
	0xBE: {movsx, gv, eb},
	0xBF: {movsx, gv, ew},
	0xC8: {bswap, zv, 0}, 0xC9: {bswap, zv, 0}, 0xCA: {bswap, zv, 0}, 0xCB: {bswap, zv, 0},
	0xCC: {bswap, zv, 0}, 0xCD: {bswap, zv, 0}, 0xCE: {bswap, zv, 0}, 0xCF: {bswap, zv, 0},
}

// The groups: their kind depends on the middle field of ModRM (table A-6).
const (
	group1 = groups + iota
	group1A
	group2
	group3
	group4
	group5
	group11
	group16
)

var groupTable = [...][8]kind{
	group1 - groups:  {add, or, adc, sbb, and, sub, xor, cmp},
	group1A - groups: {pop},
	group2 - groups:  {rol, ror, rcl, rcr, shl, shr, sal, sar},
	group3 - groups:  {test, undefined, not, neg, mul, imul, div, idiv}, // test also has an Ib or Iz
	group4 - groups:  {inc, dec},
	group5 - groups:  {inc, dec, callTo, undefined, jmpTo, undefined, push},
	group11 - groups: {mov},
	group16 - groups: {nop},
}
