package m2planet

// Constants on x86 and amd64.

// upstream: write_load_immediate
func intelLoadImmediate(e *emitter, reg register, value int64, note string) {
	if value == 0 {
		e.emit("xor_e(bare),e(bare)(note)", operands{reg: reg, note: note}) // r14 makes xor_e14,e14
		return
	}
	e.emit("mov_(reg), %(value)(note)", operands{reg: reg, value: e.build.signed(value), note: note})
}

// upstream: write_add_immediate
func intelAddImmediate(e *emitter, reg register, value int64, note string) {
	if e.build.Logical && reg == regZero {
		e.intelShortImmediate("add_(reg),(value)(note)", reg, value, note)
		return
	}
	loadThenAdd(e, reg, value, note)
}

// upstream: write_sub_immediate
func intelSubtractImmediate(e *emitter, reg register, value int64, note string) {
	if e.build.Logical && (reg == regZero || reg == regStack) {
		e.intelShortImmediate("sub_(reg),(value)(note)", reg, value, note)
		return
	}
	loadThenSubtract(e, reg, value, note)
}

// intelShortImmediate emits an instruction that holds the constant itself.
func (e *emitter) intelShortImmediate(template string, reg register, value int64, note string) {
	text := " %" + e.build.signed(value)
	if -128 <= value && value <= 127 {
		text = "BYTE " + rawByte(value)
		e.negative = e.negative || value < 0
	}
	e.emit(template, operands{reg: reg, value: text, note: note})
}

// upstream: emit_load_relative_to_register
func intelLoadRelative(e *emitter, reg, base register, value int64, note string) {
	e.emit("lea_(reg),[(other)+DWORD] %(value)(note)", operands{reg: reg, other: base, value: e.build.signed(value), note: note})
}
