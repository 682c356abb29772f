package m2planet

// Constants on knight-native and knight-posix.

// upstream: write_load_immediate
func knightLoadImmediate(e *emitter, reg register, value int64, note string) {
	template := "LOADR R(reg) 4\nJUMP 4\n%(value)(note)"
	if -32768 < value && value < 32767 {
		template = "LOADI R(reg) (value)(note)"
	}
	e.emit(template, operands{reg: reg, value: e.build.signed(value), note: note})
}

// upstream: emit_load_relative_to_register
func knightLoadRelative(e *emitter, reg, base register, value int64, note string) {
	e.emit("ADDI R(reg) R(other) (value)(note)", operands{reg: reg, other: base, value: e.build.signed(value), note: note})
}
