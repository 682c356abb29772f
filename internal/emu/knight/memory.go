package knight

import "stage0/internal/emu/cpu"

// load loads size bytes.
func (k *core) load(a uint32, size int) (uint32, error) {
	v, ok := k.mem.Load(uint64(a), size)
	if !ok {
		return 0, &cpu.Fault{Kind: cpu.BadLoad, Addr: uint64(a)}
	}
	return uint32(v), nil
}

// store stores the low size bytes of v.
func (k *core) store(a uint32, size int, v uint32) error {
	if !k.mem.Store(uint64(a), size, uint64(v)) {
		return &cpu.Fault{Kind: cpu.BadStore, Addr: uint64(a)}
	}
	return nil
}

// An extension extends a loaded value of size bytes to a register.
type extension func(v uint32, size int) uint32

func unsigned(v uint32, size int) uint32 { return v }

func signed(v uint32, size int) uint32 {
	unused := 32 - 8*size
	return uint32(int32(v<<unused) >> unused)
}

// An address computes the address of a load or store.
type address func(k *core, o operands) uint32

func indexed(k *core, o operands) uint32   { return k.r[o.b] + k.r[o.c] }
func displaced(k *core, o operands) uint32 { return k.r[o.b] + o.imm }
func relative(k *core, o operands) uint32  { return k.pc + o.imm }

func load(size int, at address) action       { return extended(size, unsigned, at) }
func loadSigned(size int, at address) action { return extended(size, signed, at) }

func extended(size int, extend extension, at address) action {
	return func(k *core, o operands) error {
		v, err := k.load(at(k, o), size)
		if err != nil {
			return err
		}
		k.r[o.a] = extend(v, size)
		return nil
	}
}

func store(size int, at address) action {
	return func(k *core, o operands) error { return k.store(at(k, o), size, k.r[o.a]) }
}

// push stores v where a register points, and advances the register.
func (k *core) push(pointer uint8, size int, v uint32) error {
	if err := k.store(k.r[pointer], size, v); err != nil {
		return err
	}
	k.r[pointer] += uint32(size)
	return nil
}

// pop moves the register back, loads the value there, and clears it in memory.
func (k *core) pop(pointer uint8, size int) (uint32, error) {
	a := k.r[pointer] - uint32(size)
	v, err := k.load(a, size)
	if err != nil {
		return 0, err
	}
	if err := k.store(a, size, 0); err != nil {
		return 0, err
	}
	k.r[pointer] = a
	return v, nil
}

func push(size int) action {
	return func(k *core, o operands) error { return k.push(o.b, size, k.r[o.a]) }
}

func pop(size int, extend extension) action {
	return func(k *core, o operands) error {
		v, err := k.pop(o.b, size)
		if err != nil {
			return err
		}
		k.r[o.a] = extend(v, size)
		return nil
	}
}

func pushPC(k *core, o operands) error { return k.push(o.a, 4, k.pc) }

// popPC executes RET and POPPC.
func popPC(k *core, o operands) error {
	v, err := k.pop(o.a, 4)
	if err != nil {
		return err
	}
	k.pc = v
	return nil
}

// branch stores PC where b points, and jumps to a.
func branch(k *core, o operands) error {
	if err := k.store(k.r[o.b], 4, k.pc); err != nil {
		return err
	}
	k.pc = k.r[o.a]
	return nil
}

func callRegister(k *core, o operands) error {
	if err := k.push(o.b, 4, k.pc); err != nil {
		return err
	}
	k.pc = k.r[o.a]
	return nil
}

func callI(k *core, o operands) error {
	if err := pushPC(k, o); err != nil {
		return err
	}
	return jump(k, o)
}

func jumpTo(k *core, o operands) error {
	k.pc = k.r[o.a]
	return nil
}

func jump(k *core, o operands) error {
	k.pc += o.imm
	return nil
}

func jumpIf(t test) action {
	return func(k *core, o operands) error {
		if t(k.r[o.a]) {
			k.pc += o.imm
		}
		return nil
	}
}

// compareJump jumps to c if is(a, b).
func compareJump(is relation) action {
	return func(k *core, o operands) error {
		if is(k.r[o.a], k.r[o.b]) {
			k.pc = k.r[o.c]
		}
		return nil
	}
}

// compareJumpI jumps by the immediate if is(a, b).
func compareJumpI(is relation) action {
	return func(k *core, o operands) error {
		if is(k.r[o.a], k.r[o.b]) {
			k.pc += o.imm
		}
		return nil
	}
}

// skip moves PC past the next instruction, whose length follows from its first byte
// (next_instruction_size, vm_instructions.c); an unknown instruction counts as four
// bytes.
func (k *core) skip() error {
	opcode, err := k.load(k.pc, 1)
	if err != nil {
		return err
	}
	k.pc += uint32(max(4, formats[opcode].length))
	return nil
}

// compareSkip skips an instruction if is(a, b).
func compareSkip(is relation) action {
	return func(k *core, o operands) error {
		if is(k.r[o.a], k.r[o.b]) {
			return k.skip()
		}
		return nil
	}
}

// compareSkipI skips an instruction if is(a, immediate).
func compareSkipI(is relation) action {
	return func(k *core, o operands) error {
		if is(k.r[o.a], o.imm) {
			return k.skip()
		}
		return nil
	}
}

// compareSkipUI is compareSkipI with a zero-extended immediate.
func compareSkipUI(is relation) action {
	return func(k *core, o operands) error {
		if is(k.r[o.a], o.imm&0xFFFF) {
			return k.skip()
		}
		return nil
	}
}
