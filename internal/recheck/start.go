package recheck

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An arch is what the checker knows about an architecture.
type arch struct {
	class     byte   // of the ELF header: 1 for 32 bits, 2 for 64
	registers string // all of them, in the order of a certificate
	sp        int    // the stack pointer's index
}

var archs = map[string]arch{
	"x86":   {1, "eax ecx edx ebx esp ebp esi edi eflags", 4},
	"amd64": {2, "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rflags", 4},
}

// startFlags are the flags at the start of a program: interrupts are enabled.
const startFlags = 0x202

// checkStart checks what a proof rests on: that state 0 is how Linux starts the program
// with the arguments hex0-seed, in and out, and that states have all registers, and
// live bytes on the stack only.
func (c *certificate) checkStart(program []byte) error {
	a, known := archs[c.arch]
	switch {
	case !known: // start says that it cannot execute the program
		return nil
	case len(program) < 64 || string(program[:4]) != "\x7fELF" || program[4] != a.class:
		return fmt.Errorf("the program is not an ELF file for %s", c.arch)
	case strings.Join(c.registers, " ") != a.registers:
		return fmt.Errorf("the registers are %q, expected %q", strings.Join(c.registers, " "), a.registers)
	}
	first := c.states[0]
	word := 4 * int(a.class)
	if entry := number(program[24:][:word]); first.pc != entry {
		return fmt.Errorf("state 0 is at %#x, expected the program's entry %#x", first.pc, entry)
	}
	for i, v := range first.regs {
		want := uint64(0)
		switch i {
		case a.sp:
			want = v
		case len(first.regs) - 1:
			want = startFlags
		}
		if v != want {
			return fmt.Errorf("state 0 has %s %#x, expected %#x", c.registers[i], v, want)
		}
	}
	sp := first.regs[a.sp]
	for _, pc := range slices.Sorted(maps.Keys(c.sites)) {
		for _, addr := range c.sites[pc] {
			if addr < sp&^0xFFF-0x1000 || addr >= sp&^0xFFF+0x1000 {
				return fmt.Errorf("the byte at %#x is live, which is not on the stack", addr)
			}
		}
	}
	return c.checkArguments(sp, word)
}

// checkArguments checks the live bytes of state 0: the number of arguments, pointers to
// them, and the two names.
func (c *certificate) checkArguments(sp uint64, word int) error {
	first := c.states[0]
	live := map[uint64]byte{}
	for i, addr := range c.sites[first.pc] {
		live[addr] = first.memory[i]
	}
	words := make([]uint64, 4) // the number, and the pointers
	for i := range words {
		var b []byte
		for j := range word {
			addr := sp + uint64(i*word+j)
			b = append(b, live[addr])
			delete(live, addr)
		}
		words[i] = number(b)
	}
	if words[0] != 3 && words[0] != 0 { // 0 if it is not live
		return fmt.Errorf("state 0 has %d arguments, expected 3", words[0])
	}
	for i, name := range []string{"in\x00", "out\x00"} {
		for j := range len(name) {
			addr := words[2+i] + uint64(j)
			if b, ok := live[addr]; ok && b != name[j] {
				return fmt.Errorf("argument %d of state 0 is not %s", i+1, name[:len(name)-1])
			}
			delete(live, addr)
		}
	}
	if len(live) > 0 {
		return fmt.Errorf("%d bytes of state 0 are live that are no arguments", len(live))
	}
	return nil
}

// number returns a little-endian number of 4 or 8 bytes.
func number(b []byte) uint64 {
	if len(b) == 4 {
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}
