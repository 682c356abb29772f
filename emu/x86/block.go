package x86

import "stage0/emu/cpu"

// A cache holds decoded instructions in blocks: instructions that follow one
// another in memory, past conditional jumps that are not taken, up to one that
// always jumps. A jump into the middle of a block begins another.
type cache struct {
	code  []inst         // block after block; the first is not used
	ops   []op           // at the same indices
	base  uint64         // address of the first page
	pages []*[4096]int32 // by offset of a block's address from base: its index in code, or 0
}

const (
	maxBlock = 64      // instructions of a block
	maxCode  = 1 << 18 // instructions of all blocks
)

// find returns the index of the block at c.pc, which it decodes if need be.
func (c *machine[W]) find() (int, *cpu.Fault) {
	pc := uint64(c.pc)
	if off := pc - c.base; off>>12 < uint64(len(c.pages)) {
		if page := c.pages[off>>12]; page != nil && page[off&4095] != 0 {
			return int(page[off&4095]), nil
		}
	}
	return c.block(pc)
}

// block decodes the block at pc.
func (c *machine[W]) block(pc uint64) (int, *cpu.Fault) {
	if c.pages == nil || len(c.code) > maxCode {
		c.drop()
	}
	first, ended := len(c.code), 0
	for n := 1; ; n++ {
		in, fault := c.decode(pc)
		if fault != nil && n == 1 {
			return 0, fault
		}
		if fault != nil || n == maxBlock || n > 1 && c.known(pc) {
			c.code = append(c.code, inst{kind: jmp, imm: pc, pc: pc}) // which is none, and not counted
			ended = 1
			break
		}
		c.mem.MarkCode(pc, int(in.length))
		c.code = append(c.code, in)
		pc = in.next()
		if in.kind > control && in.kind != jcc {
			break
		}
	}
	c.ops = append(c.ops, fuse(c.code[first:], uint8(c.bits/8))...)
	c.ops[len(c.ops)-1].count -= uint8(ended)
	off := c.code[first].pc - c.base
	page := &c.pages[off>>12]
	if *page == nil {
		*page = new([4096]int32)
	}
	(*page)[off&4095] = int32(first)
	return first, nil
}

// known reports whether a block begins at pc.
func (c *machine[W]) known(pc uint64) bool {
	off := pc - c.base
	page := c.pages[off>>12]
	return page != nil && page[off&4095] != 0
}

// drop drops every block.
func (c *machine[W]) drop() {
	if c.pages == nil {
		base, size := c.mem.CodeRange()
		c.base = base
		c.pages = make([]*[4096]int32, size/cpu.PageSize+1)
	}
	for i := 1; i < len(c.code); i++ {
		// A block's first instruction is where its address leads to.
		if off := c.code[i].pc - c.base; c.pages[off>>12] != nil {
			c.pages[off>>12][off&4095] = 0
		}
	}
	c.code, c.ops = append(c.code[:0], inst{}), append(c.ops[:0], op{})
	c.mem.ForgetCode()
}
