package arm

import (
	"encoding/binary"

	"stage0/emu/cpu"
)

// A block is what one executes from where a jump leads to up to the next jump
// that could lead to two places. Jumps that can only lead to one, as those past
// a literal do, are not in it: it goes on behind them.
type block struct {
	insts []inst // the last one leaves the block
	count uint64 // instructions that are executed until then

	// The blocks where the last one leads to, if that is known: nil until it
	// has been there.
	taken, next *block

	pc    uint64
	loop  *loop  // one that begins here, if there is one
	heat  uint32 // how often it is to be entered before hot is asked
	tries uint8  // how often a loop was looked for
}

const (
	maxBlock = 128     // instructions in a block
	maxInsts = 1 << 20 // decoded instructions; if there are more all are dropped
)

// Fast forms of instructions: the values of inst.do that are no instructions.
const (
	runSet  op = fastOps + iota // rd = imm
	runMove                     // rd = rn
	runAdd
	runSub
	runAddImm
	runSubImm
	runAnd
	runOr
	runXor
	runNot
	runMul
	runCompare    // SUBS to nowhere
	runCompareImm // immediate in imm
	runLoad8      // LDR of 64 bits: base and distance
	runLoad4
	runLoad1
	runLoad1Signed
	runLoad1Next // of one byte, post-indexed
	runStore8
	runStore4
	runStore1
	runPush  // STR of 64 bits, pre-indexed
	runPop   // LDR of 64 bits, post-indexed
	runPush2 // two that push 8 bytes: rd, then rm
	runPop2

	// What fuse makes of sequences.
	runAddress
	runLocal
	runPushLocal
	runPushLocalPop
	runPushAddress
	runAddConst
	runLocalAdd
	runIncrement
	runPopStore8
	runPopStore1

	// What follows is last in a block.
	runJump // to imm
	runCall // the same, with the address behind it in lr
	runBranch
	runIfZero
	runIfNonzero
	runIfCompare // what fuseBranch makes
	runIndirect  // to the address in rn
	runIndirectCall
	runStep // what execute has to do
)

// lookup returns the block at pc.
func (c *core) lookup(pc uint64) (*block, error) {
	i := (pc - c.base) / 4
	if pc%4 != 0 || i >= uint64(len(c.blocks)) {
		return nil, &cpu.Fault{Kind: cpu.BadFetch, PC: pc}
	}
	if b := c.blocks[i]; b != nil {
		return b, nil
	}
	if c.insts > maxInsts {
		c.forget()
	}
	b, err := c.translate(pc)
	if err != nil {
		return nil, err
	}
	b.pc, b.heat = pc, c.heat
	c.blocks[i] = b
	c.decoded = append(c.decoded, uint32(i))
	c.insts += len(b.insts)
	return b, nil
}

// forget drops what has been decoded.
func (c *core) forget() {
	for _, i := range c.decoded {
		c.blocks[i] = nil
	}
	c.decoded, c.insts = c.decoded[:0], 0
	c.mem.ForgetCode()
}

// A translation is a block in the making.
type translation struct {
	c     *core
	b     block
	known [64]bool // the register's value is in value
	value [64]uint64
}

// translate returns a new block that begins at pc.
func (c *core) translate(pc uint64) (*block, error) {
	t := &translation{c: c}
	for t.b.count < maxBlock {
		in, err := c.decodeAt(pc)
		if err != nil {
			if t.b.count == 0 {
				return nil, err
			}
			break
		}
		c.mem.MarkCode(pc, 4)
		in.at = uint32((pc - c.base) / 4)
		in.before = uint32(t.b.count)
		var last bool
		if pc, last = t.add(in, pc); last {
			b := t.b
			b.insts = pairs(b.insts)
			return &b, nil
		}
	}
	b := t.b
	b.insts = append(pairs(b.insts), inst{do: runJump, imm: pc, before: uint32(b.count)})
	return &b, nil
}

// add adds an instruction. It returns the address of the next one, or that
// this was the block's last.
func (t *translation) add(in inst, pc uint64) (next uint64, last bool) {
	t.b.count++
	switch in.op {
	case opB:
		return pc + in.imm, false
	case opBR:
		if t.known[in.rn] {
			return t.value[in.rn], false
		}
		in.do = runIndirect
		last = true
	case opRET:
		in.do = runIndirect
		last = true
	case opBL:
		in.do, in.imm = runCall, pc+in.imm
		last = true
	case opBLR:
		in.do = runIndirectCall
		if t.known[in.rn] {
			in.do, in.imm = runCall, t.value[in.rn]
		}
		last = true
	case opBcond:
		if t.fuseBranch(&in, pc) {
			return 0, true
		}
		in.do, in.imm = runBranch, pc+in.imm
		last = true
	case opCBZ, opCBNZ:
		in.do, in.imm = runIfZero, pc+in.imm
		if in.op == opCBNZ {
			in.do = runIfNonzero
		}
		if !in.wide {
			in.do = runStep
		}
		last = true
	case opTBZ, opTBNZ, opSVC, opBRK:
		in.do = runStep
		last = true
	case opNOP:
		return pc + 4, false
	default:
		t.simplify(&in, pc)
	}
	if in.do == runStep {
		t.b.count-- // step counts it
	}
	t.b.insts = append(t.b.insts, in)
	t.fuse()
	return pc + 4, last
}

// simplify makes in.do a fast form, if there is one for its operands.
func (t *translation) simplify(in *inst, pc uint64) {
	value, constant := t.constant(in, pc)
	switch {
	case constant:
		in.do, in.imm = runSet, value
	case in.op == opLDR && in.how == 1 && in.signed && in.wide:
		in.do = runLoad1Signed
	case in.op == opLDRpost && in.how == 1 && !in.signed:
		in.do = runLoad1Next
	case in.wide:
		in.do = fastForm(in)
	case in.op == opLDR && in.how == 4 && !in.signed:
		in.do = runLoad4
	case in.op == opLDR && in.how == 1 && !in.signed:
		in.do = runLoad1
	case in.op == opSTR && in.how == 4:
		in.do = runStore4
	case in.op == opSTR && in.how == 1:
		in.do = runStore1
	}
	t.known[in.rd], t.value[in.rd] = constant, value
	switch in.op {
	case opLDRpre, opLDRpost, opSTRpre, opSTRpost:
		t.known[in.ra] = false
	}
	t.known[sink] = false
}

// constant returns what an instruction sets its destination to, if that is
// known now.
func (t *translation) constant(in *inst, pc uint64) (uint64, bool) {
	switch in.op {
	case opADR, opADRP, opMOVZ, opMOVN:
		var next uint64
		var c core
		c.execute(in, pc, &next)
		return c.x[in.rd], true
	case opMOVK:
		if !t.known[in.rd] {
			return 0, false
		}
		var next uint64
		var c core
		c.x[in.rd] = t.value[in.rd]
		c.execute(in, pc, &next)
		return c.x[in.rd], true
	case opLDRlit:
		// The literal is part of the code from here on.
		size := int(in.how)
		b := t.c.mem.Fetch(pc+in.imm, size)
		if len(b) < size || t.c.mem.Bytes(pc+in.imm, size, cpu.Read) == nil {
			return 0, false
		}
		t.c.mem.MarkCode(pc+in.imm, size)
		switch {
		case size == 8:
			return binary.LittleEndian.Uint64(b), true
		case in.signed:
			return uint64(int64(int32(binary.LittleEndian.Uint32(b)))), true
		}
		return uint64(binary.LittleEndian.Uint32(b)), true
	}
	return 0, false
}

// fastForm returns what run does for an instruction with operands of 64 bits.
func fastForm(in *inst) op {
	plain := in.how == shiftLSL && in.amount == 0 && !in.flags
	switch in.op {
	case opADDimm:
		if !in.flags {
			return runAddImm
		}
	case opSUBimm:
		switch {
		case !in.flags:
			return runSubImm
		case in.rd == sink:
			return runCompareImm
		}
	case opADD:
		if plain {
			return runAdd
		}
	case opSUB:
		switch {
		case plain:
			return runSub
		case in.flags && in.rd == sink && in.amount == 0:
			return runCompare
		}
	case opAND:
		if plain {
			return runAnd
		}
	case opORR:
		if plain && in.rn == zero {
			in.rn = in.rm
			return runMove
		}
		if plain {
			return runOr
		}
	case opORN:
		if plain && in.rn == zero {
			return runNot
		}
	case opEOR:
		if plain {
			return runXor
		}
	case opMADD:
		if in.ra == zero {
			return runMul
		}
	case opLDR:
		if in.how == 8 {
			return runLoad8
		}
	case opSTR:
		return runStore8
	case opSTRpre:
		return runPush
	case opLDRpost:
		if in.how == 8 {
			return runPop
		}
	}
	return in.op
}
