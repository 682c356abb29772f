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
	AL      // register al
	rAX     // register ax, eax or rax
	CL      // register cl
	Eb      // register or memory, by ModRM
	Ew
	Ed
	Ev
	Gb // register, by ModRM
	Gv
	Ib // immediate byte, sign-extended
	Iw // immediate word, zero-extended
	Iz // immediate, sign-extended to v
	Iv
	I1 // the immediate 1
	Jb // relative to the next instruction
	Jz
	M  // memory, by ModRM
	Ob // memory at an immediate address
	Ov
	Zb // register, by the low bits of the opcode
	Zv
)

// An opcode is a row of an opcode map. On amd64, push, pop, and jumps to an address
// in an operand have 64-bit operands without a prefix.
type opcode struct {
	kind     kind
	dst, src arg
}

// oneByte maps one-byte opcodes (table A-2). Prefixes are not in it.
var oneByte = [256]opcode{
	0x00: {add, Eb, Gb},
	0x01: {add, Ev, Gv},
	0x02: {add, Gb, Eb},
	0x03: {add, Gv, Ev},
	0x04: {add, AL, Ib},
	0x05: {add, rAX, Iz},
	0x08: {or, Eb, Gb},
	0x09: {or, Ev, Gv},
	0x0A: {or, Gb, Eb},
	0x0B: {or, Gv, Ev},
	0x0C: {or, AL, Ib},
	0x0D: {or, rAX, Iz},
	0x10: {adc, Eb, Gb},
	0x11: {adc, Ev, Gv},
	0x12: {adc, Gb, Eb},
	0x13: {adc, Gv, Ev},
	0x14: {adc, AL, Ib},
	0x15: {adc, rAX, Iz},
	0x18: {sbb, Eb, Gb},
	0x19: {sbb, Ev, Gv},
	0x1A: {sbb, Gb, Eb},
	0x1B: {sbb, Gv, Ev},
	0x1C: {sbb, AL, Ib},
	0x1D: {sbb, rAX, Iz},
	0x20: {and, Eb, Gb},
	0x21: {and, Ev, Gv},
	0x22: {and, Gb, Eb},
	0x23: {and, Gv, Ev},
	0x24: {and, AL, Ib},
	0x25: {and, rAX, Iz},
	0x28: {sub, Eb, Gb},
	0x29: {sub, Ev, Gv},
	0x2A: {sub, Gb, Eb},
	0x2B: {sub, Gv, Ev},
	0x2C: {sub, AL, Ib},
	0x2D: {sub, rAX, Iz},
	0x30: {xor, Eb, Gb},
	0x31: {xor, Ev, Gv},
	0x32: {xor, Gb, Eb},
	0x33: {xor, Gv, Ev},
	0x34: {xor, AL, Ib},
	0x35: {xor, rAX, Iz},
	0x38: {cmp, Eb, Gb},
	0x39: {cmp, Ev, Gv},
	0x3A: {cmp, Gb, Eb},
	0x3B: {cmp, Gv, Ev},
	0x3C: {cmp, AL, Ib},
	0x3D: {cmp, rAX, Iz},
	0x40: {inc, Zv, 0}, 0x41: {inc, Zv, 0}, 0x42: {inc, Zv, 0}, 0x43: {inc, Zv, 0}, // REX on amd64
	0x44: {inc, Zv, 0}, 0x45: {inc, Zv, 0}, 0x46: {inc, Zv, 0}, 0x47: {inc, Zv, 0},
	0x48: {dec, Zv, 0}, 0x49: {dec, Zv, 0}, 0x4A: {dec, Zv, 0}, 0x4B: {dec, Zv, 0},
	0x4C: {dec, Zv, 0}, 0x4D: {dec, Zv, 0}, 0x4E: {dec, Zv, 0}, 0x4F: {dec, Zv, 0},
	0x50: {push, Zv, 0}, 0x51: {push, Zv, 0}, 0x52: {push, Zv, 0}, 0x53: {push, Zv, 0},
	0x54: {push, Zv, 0}, 0x55: {push, Zv, 0}, 0x56: {push, Zv, 0}, 0x57: {push, Zv, 0},
	0x58: {pop, Zv, 0}, 0x59: {pop, Zv, 0}, 0x5A: {pop, Zv, 0}, 0x5B: {pop, Zv, 0},
	0x5C: {pop, Zv, 0}, 0x5D: {pop, Zv, 0}, 0x5E: {pop, Zv, 0}, 0x5F: {pop, Zv, 0},
	0x63: {movsx, Gv, Ed}, // amd64 only
	0x68: {push, Iz, 0},
	0x69: {imul3, Gv, Ev}, // and Iz
	0x6A: {push, Ib, 0},
	0x6B: {imul3, Gv, Ev}, // and Ib
	0x70: {jcc, Jb, 0}, 0x71: {jcc, Jb, 0}, 0x72: {jcc, Jb, 0}, 0x73: {jcc, Jb, 0},
	0x74: {jcc, Jb, 0}, 0x75: {jcc, Jb, 0}, 0x76: {jcc, Jb, 0}, 0x77: {jcc, Jb, 0},
	0x78: {jcc, Jb, 0}, 0x79: {jcc, Jb, 0}, 0x7A: {jcc, Jb, 0}, 0x7B: {jcc, Jb, 0},
	0x7C: {jcc, Jb, 0}, 0x7D: {jcc, Jb, 0}, 0x7E: {jcc, Jb, 0}, 0x7F: {jcc, Jb, 0},
	0x80: {group1, Eb, Ib},
	0x81: {group1, Ev, Iz},
	0x83: {group1, Ev, Ib},
	0x84: {test, Eb, Gb},
	0x85: {test, Ev, Gv},
	0x86: {xchg, Eb, Gb},
	0x87: {xchg, Ev, Gv},
	0x88: {mov, Eb, Gb},
	0x89: {mov, Ev, Gv},
	0x8A: {mov, Gb, Eb},
	0x8B: {mov, Gv, Ev},
	0x8D: {lea, Gv, M},
	0x8F: {group1A, Ev, 0},
	0x90: {xchg, Zv, rAX}, 0x91: {xchg, Zv, rAX}, 0x92: {xchg, Zv, rAX}, 0x93: {xchg, Zv, rAX},
	0x94: {xchg, Zv, rAX}, 0x95: {xchg, Zv, rAX}, 0x96: {xchg, Zv, rAX}, 0x97: {xchg, Zv, rAX},
	0x98: {cbw, rAX, 0},
	0x99: {cwd, rAX, 0},
	0x9C: {pushf, 0, 0},
	0x9D: {popf, 0, 0},
	0xA0: {mov, AL, Ob},
	0xA1: {mov, rAX, Ov},
	0xA2: {mov, Ob, AL},
	0xA3: {mov, Ov, rAX},
	0xA8: {test, AL, Ib},
	0xA9: {test, rAX, Iz},
	0xB0: {mov, Zb, Ib}, 0xB1: {mov, Zb, Ib}, 0xB2: {mov, Zb, Ib}, 0xB3: {mov, Zb, Ib},
	0xB4: {mov, Zb, Ib}, 0xB5: {mov, Zb, Ib}, 0xB6: {mov, Zb, Ib}, 0xB7: {mov, Zb, Ib},
	0xB8: {mov, Zv, Iv}, 0xB9: {mov, Zv, Iv}, 0xBA: {mov, Zv, Iv}, 0xBB: {mov, Zv, Iv},
	0xBC: {mov, Zv, Iv}, 0xBD: {mov, Zv, Iv}, 0xBE: {mov, Zv, Iv}, 0xBF: {mov, Zv, Iv},
	0xC0: {group2, Eb, Ib},
	0xC1: {group2, Ev, Ib},
	0xC2: {ret, 0, Iw},
	0xC3: {ret, 0, 0},
	0xC6: {group11, Eb, Ib},
	0xC7: {group11, Ev, Iz},
	0xC9: {leave, 0, 0},
	0xCC: {breakpoint, 0, 0},
	0xCD: {syscall, 0, Ib}, // only on x86, and only 0x80
	0xD0: {group2, Eb, I1},
	0xD1: {group2, Ev, I1},
	0xD2: {group2, Eb, CL},
	0xD3: {group2, Ev, CL},
	0xE8: {call, Jz, 0},
	0xE9: {jmp, Jz, 0},
	0xEB: {jmp, Jb, 0},
	0xF5: {cmc, 0, 0},
	0xF6: {group3, Eb, 0},
	0xF7: {group3, Ev, 0},
	0xF8: {clc, 0, 0},
	0xF9: {stc, 0, 0},
	0xFE: {group4, Eb, 0},
	0xFF: {group5, Ev, 0},
}

// twoByte maps the opcodes after 0F (table A-3).
var twoByte = [256]opcode{
	0x05: {syscall, 0, 0}, // amd64 only
	0x1F: {group16, Ev, 0},
	0x40: {cmovcc, Gv, Ev}, 0x41: {cmovcc, Gv, Ev}, 0x42: {cmovcc, Gv, Ev}, 0x43: {cmovcc, Gv, Ev},
	0x44: {cmovcc, Gv, Ev}, 0x45: {cmovcc, Gv, Ev}, 0x46: {cmovcc, Gv, Ev}, 0x47: {cmovcc, Gv, Ev},
	0x48: {cmovcc, Gv, Ev}, 0x49: {cmovcc, Gv, Ev}, 0x4A: {cmovcc, Gv, Ev}, 0x4B: {cmovcc, Gv, Ev},
	0x4C: {cmovcc, Gv, Ev}, 0x4D: {cmovcc, Gv, Ev}, 0x4E: {cmovcc, Gv, Ev}, 0x4F: {cmovcc, Gv, Ev},
	0x80: {jcc, Jz, 0}, 0x81: {jcc, Jz, 0}, 0x82: {jcc, Jz, 0}, 0x83: {jcc, Jz, 0},
	0x84: {jcc, Jz, 0}, 0x85: {jcc, Jz, 0}, 0x86: {jcc, Jz, 0}, 0x87: {jcc, Jz, 0},
	0x88: {jcc, Jz, 0}, 0x89: {jcc, Jz, 0}, 0x8A: {jcc, Jz, 0}, 0x8B: {jcc, Jz, 0},
	0x8C: {jcc, Jz, 0}, 0x8D: {jcc, Jz, 0}, 0x8E: {jcc, Jz, 0}, 0x8F: {jcc, Jz, 0},
	0x90: {setcc, Eb, 0}, 0x91: {setcc, Eb, 0}, 0x92: {setcc, Eb, 0}, 0x93: {setcc, Eb, 0},
	0x94: {setcc, Eb, 0}, 0x95: {setcc, Eb, 0}, 0x96: {setcc, Eb, 0}, 0x97: {setcc, Eb, 0},
	0x98: {setcc, Eb, 0}, 0x99: {setcc, Eb, 0}, 0x9A: {setcc, Eb, 0}, 0x9B: {setcc, Eb, 0},
	0x9C: {setcc, Eb, 0}, 0x9D: {setcc, Eb, 0}, 0x9E: {setcc, Eb, 0}, 0x9F: {setcc, Eb, 0},
	0xAF: {imul2, Gv, Ev},
	0xB6: {movzx, Gv, Eb},
	0xB7: {movzx, Gv, Ew},
	0xBE: {movsx, Gv, Eb},
	0xBF: {movsx, Gv, Ew},
	0xC8: {bswap, Zv, 0}, 0xC9: {bswap, Zv, 0}, 0xCA: {bswap, Zv, 0}, 0xCB: {bswap, Zv, 0},
	0xCC: {bswap, Zv, 0}, 0xCD: {bswap, Zv, 0}, 0xCE: {bswap, Zv, 0}, 0xCF: {bswap, Zv, 0},
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
