package m2planet

// Constants on riscv32 and riscv64.

// upstream: write_load_immediate
func riscvLoadImmediate(e *emitter, reg register, value int64, note string) {
	high := e.build.ShiftRight(value, 30)
	switch {
	case -2048 <= value && value <= 2047:
		e.emit("rd_(reg) !(value) addi(note)", operands{reg: reg, value: e.build.signed(value), note: note})
	case high == 0:
		e.emit("rd_(reg) ~(value) lui\nrd_(reg) rs1_(reg) !(value) addi(note)", operands{reg: reg, value: e.build.signed(value), note: note})
	default:
		low := e.build.Wrap(high<<30) ^ value
		e.emit("rd_(reg) ~(value) lui\nrd_(reg) rs1_(reg) !(value) addi\nrd_(reg) rs1_(reg) rs2_x30 slli\n", operands{reg: reg, value: e.build.signed(high)})
		e.emit("rd_t1 ~(value) lui\nrd_t1 rs1_t1 !(value) addi\nrd_(reg) rs1_(reg) rs2_t1 or(note)", operands{reg: reg, value: e.build.signed(low), note: note})
	}
}

// upstream: write_add_immediate
func riscvAddImmediate(e *emitter, reg register, value int64, note string) {
	if e.build.Logical && -2048 <= value && value <= 2047 {
		e.emit("rd_(reg) rs1_(reg) !(value) addi(note)", operands{reg: reg, value: e.build.signed(value), note: note})
		return
	}
	loadThenAdd(e, reg, value, note)
}

// upstream: write_sub_immediate
func riscvSubtractImmediate(e *emitter, reg register, value int64, note string) {
	if e.build.Logical && -2047 <= value && value <= 2048 {
		e.emit("rd_(reg) rs1_(reg) !(value) addi(note)", operands{reg: reg, value: e.build.signed(-value), note: note})
		return
	}
	loadThenSubtract(e, reg, value, note)
}

// upstream: emit_load_relative_to_register
func riscvLoadRelative(e *emitter, reg, base register, value int64, note string) {
	template := "rd_(reg) ~(value) lui\nrd_(reg) rs1_(other) !(value) addi(note)" // upstream overwrites what lui made
	if -2048 <= value && value <= 2047 {
		template = "rd_(reg) rs1_(other) !(value) addi(note)"
	}
	e.emit(template, operands{reg: reg, other: base, value: e.build.signed(value), note: note})
}
