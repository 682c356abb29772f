package emu_test

import (
	"encoding/binary"
	"fmt"

	"stage0/internal/emu/emutest"
)

// A target describes a processor for the programs of TestProcessors: a few
// instructions, and the system call numbers.
type target struct {
	arch      string
	machine   uint16
	bits      int
	align     uint64                             // of instructions
	set       func(argument int, v int64) []byte // sets an argument of a system call, or its number if argument is -1
	call      []byte
	result    []byte // moves the negated result to the first argument
	jump      func(distance int64) []byte
	jumpTo    func(address int64) []byte
	store     func(address int64, v uint32) (setup, store []byte)
	undefined []byte
	numbers   map[string]int64
	before    map[string][]int64 // arguments that precede those of the older call
}

// words returns the machine code of 32-bit words.
func words(w ...uint32) []byte {
	var b []byte
	for _, w := range w {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

var le = binary.LittleEndian

// setRISCV loads a 32-bit number into a register.
func setRISCV(rd int, v int64) []byte {
	u := uint32(v)
	lower := u << 20
	return words(0x37|uint32(rd<<7)|(u+0x800)&^0xFFF, 0x13|uint32(rd<<7|rd<<15)|lower)
}

// setARM loads a number into a register, 16 bits at a time.
func setARM(rd int, v int64) []byte {
	u, r := uint64(v), uint32(rd)
	part := func(i int) uint32 { return r | uint32(i)<<21 | uint32(u>>(16*i)&0xFFFF)<<5 }
	return words(0xD2800000|part(0), 0xF2800000|part(1), 0xF2800000|part(2), 0xF2800000|part(3))
}

var generic = map[string]int64{
	"getcwd": 17, "symlink": 36, "mount": 40, "chdir": 49, "open": 56, "close": 57,
	"read": 63, "write": 64, "exit": 93, "brk": 214, "fork": 220, "execve": 221,
}

var genericBefore = map[string][]int64{"open": {-100}, "fork": {17, 0}}

func riscvTarget(arch string, bits int) target {
	return target{
		arch: arch, machine: 0xF3, bits: bits, align: 4,
		set: func(argument int, v int64) []byte {
			if argument < 0 {
				return setRISCV(a7, v)
			}
			return setRISCV(a0+argument, v)
		},
		call:   words(ecall),
		result: words(0x40A00533), // sub a0, zero, a0
		jump: func(distance int64) []byte {
			return words(j(int(distance / 4)))
		},
		jumpTo: func(address int64) []byte { return append(setRISCV(t0, address), words(jalr(t0))...) },
		store: func(address int64, v uint32) (setup, store []byte) {
			return append(setRISCV(t0, address), setRISCV(t1, int64(int32(v)))...), words(sw(t0, t1))
		},
		undefined: words(0),
		numbers:   generic,
		before:    genericBefore,
	}
}

var targets = []target{
	riscvTarget("riscv32", 32),
	riscvTarget("riscv64", 64),
	{
		arch: "aarch64", machine: 0xB7, bits: 64, align: 4,
		set: func(argument int, v int64) []byte {
			if argument < 0 {
				return setARM(8, v)
			}
			return setARM(argument, v)
		},
		call:   words(0xD4000001),
		result: words(0xCB0003E0), // neg x0, x0
		jump: func(distance int64) []byte {
			return words(0x14000000 | uint32(distance/4)&0x3FFFFFF)
		},
		jumpTo: func(address int64) []byte { return append(setARM(9, address), words(0xD61F0120)...) }, // br x9
		store: func(address int64, v uint32) (setup, store []byte) {
			return append(setARM(9, address), setARM(10, int64(v))...), words(0xB900012A) // str w10, [x9]
		},
		undefined: words(0),
		numbers:   generic,
		before:    genericBefore,
	},
	{
		arch: "amd64", machine: 0x3E, bits: 64, align: 1,
		set: func(argument int, v int64) []byte {
			op := [][]byte{{0x48, 0xB8}, {0x48, 0xBF}, {0x48, 0xBE}, {0x48, 0xBA}, {0x49, 0xBA}, {0x49, 0xB8}}[argument+1] // rax, rdi, rsi, rdx, r10, r8
			return le.AppendUint64(append([]byte(nil), op...), uint64(v))
		},
		call:   []byte{0x0F, 0x05},
		result: []byte{0x48, 0xF7, 0xD8, 0x48, 0x89, 0xC7}, // neg rax; mov rdi, rax
		jump: func(distance int64) []byte {
			return le.AppendUint32([]byte{0xE9}, uint32(distance-5))
		},
		jumpTo: func(address int64) []byte {
			return append(le.AppendUint64([]byte{0x48, 0xB8}, uint64(address)), 0xFF, 0xE0) // jmp rax
		},
		store: func(address int64, v uint32) (setup, store []byte) {
			return le.AppendUint64([]byte{0x48, 0xB8}, uint64(address)), le.AppendUint32([]byte{0xC7, 0x00}, v) // mov dword [rax], v
		},
		undefined: append([]byte{0x0F, 0x0B}, make([]byte, 13)...), // padded to the maximum length of an instruction
		numbers: map[string]int64{
			"read": 0, "write": 1, "open": 2, "close": 3, "brk": 12, "fork": 57, "execve": 59, "exit": 60,
			"getcwd": 79, "chdir": 80, "symlink": 88, "mount": 165,
		},
	},
	{
		arch: "x86", machine: 3, bits: 32, align: 1,
		set: func(argument int, v int64) []byte {
			return le.AppendUint32([]byte{[]byte{0xB8, 0xBB, 0xB9, 0xBA, 0xBE, 0xBF}[argument+1]}, uint32(v)) // eax, ebx, ecx, edx, esi, edi
		},
		call:   []byte{0xCD, 0x80},
		result: []byte{0xF7, 0xD8, 0x89, 0xC3}, // neg eax; mov ebx, eax
		jump: func(distance int64) []byte {
			return le.AppendUint32([]byte{0xE9}, uint32(distance-5))
		},
		jumpTo: func(address int64) []byte {
			return append(le.AppendUint32([]byte{0xB8}, uint32(address)), 0xFF, 0xE0) // jmp eax
		},
		store: func(address int64, v uint32) (setup, store []byte) {
			return le.AppendUint32([]byte{0xB8}, uint32(address)), le.AppendUint32([]byte{0xC7, 0x00}, v) // mov dword [eax], v
		},
		undefined: append([]byte{0x0F, 0x0B}, make([]byte, 13)...), // padded to the maximum length of an instruction
		numbers: map[string]int64{
			"exit": 1, "fork": 2, "read": 3, "write": 4, "open": 5, "close": 6, "execve": 11, "chdir": 12, "mount": 21,
			"brk": 45, "symlink": 83, "getcwd": 183,
		},
	},
}

// A writer is a program that is being written for a target. Its data follows the
// code, at dataBegin.
type writer struct {
	target
	code []byte
	data []byte
	mark uint64 // address expected in an error,
	text []byte // and the bytes of code expected with it
}

const dataBegin = emutest.Base + 0x1000

func (w *writer) here() int64 { return emutest.Entry + int64(len(w.code)) }

func (w *writer) add(code []byte) { w.code = append(w.code, code...) }

// call makes a system call, to which errors are expected to refer.
func (w *writer) call(name string, args ...int64) {
	w.callNumber(w.numbers[name], append(append([]int64(nil), w.before[name]...), args...)...)
}

func (w *writer) callNumber(n int64, args ...int64) {
	for i, v := range args {
		w.add(w.set(i, v))
	}
	w.add(w.set(-1, n))
	w.add(w.target.call)
	w.mark = uint64(w.here())
}

// exit ends the program with the error number of the last system call.
func (w *writer) exit() {
	w.add(w.result)
	w.add(w.set(-1, w.numbers["exit"]))
	w.add(w.target.call)
}

// jump jumps to an address.
func (w *writer) jump(to int64) { w.add(w.target.jump(to - w.here())) }

func (w *writer) store(address int64, v uint32) {
	setup, store := w.target.store(address, v)
	w.add(setup)
	w.mark, w.text = uint64(w.here()), store
	w.add(store)
}

// patch changes old to new in the code at an address. They may differ in up to four
// bytes.
func (w *writer) patch(address int64, old, new []byte) {
	at := 0
	for old[at] == new[at] {
		at++
	}
	at &^= int(w.align) - 1
	w.store(address+int64(at), le.Uint32(new[at:]))
}

// string adds a zero-terminated string to the data, and returns its address.
func (w *writer) string(s string) int64 {
	at := dataBegin + int64(len(w.data))
	w.data = append(append(w.data, s...), 0)
	return at
}

// pointers adds a null-terminated array of addresses to the data.
func (w *writer) pointers(addresses ...int64) int64 {
	for len(w.data)%8 != 0 {
		w.data = append(w.data, 0)
	}
	at := dataBegin + int64(len(w.data))
	for _, a := range append(addresses, 0) {
		if w.bits == 64 {
			w.data = le.AppendUint64(w.data, uint64(a))
		} else {
			w.data = le.AppendUint32(w.data, uint32(a))
		}
	}
	return at
}

// file returns the program, with extra memory after its data.
func (w *writer) file() []byte {
	if len(w.code) > dataBegin-emutest.Entry {
		panic(fmt.Sprintf("%d bytes of code", len(w.code)))
	}
	code := append(w.code, make([]byte, dataBegin-emutest.Entry-len(w.code))...)
	return emutest.ELF(w.machine, w.bits, append(code, w.data...), 0x8000)
}
