package m2planet

import (
	"fmt"
	"strings"
)

// An emitter collects the three parts of the output: code, global variables and
// string literals.
type emitter struct {
	target *target
	build  *build

	code    []byte // of the functions that are complete
	globals []byte
	strings []byte

	// The current function. The size of its stack frame is known only at its
	// end, when the code that depends on it is inserted.
	body     []byte
	cleanups []int // offsets in body where the stack reservation is undone
	returned bool  // the last instruction is a return

	longest  int  // length in bytes of the longest instruction that upstream formats in a buffer
	negative bool // an instruction holds a negative byte
}

// operands are the values of the words in parentheses of a template; see target.
type operands struct {
	reg, other register
	prefix     string // of the label
	label      string
	value      string
	note       string
}

// out emits text.
// upstream: emit_out
func (e *emitter) out(text string) {
	e.body = append(e.body, text...)
	e.returned = false
}

// emit fills in a template.
func (e *emitter) emit(template string, x operands) {
	for {
		open := strings.IndexByte(template, '(')
		if open < 0 {
			break
		}
		e.body = append(e.body, template[:open]...)
		size := strings.IndexByte(template[open:], ')')
		switch template[open+1 : open+size] {
		case "reg":
			e.body = append(e.body, e.target.Registers[x.reg]...)
		case "other":
			e.body = append(e.body, e.target.Registers[x.other]...)
		case "bare":
			e.body = append(e.body, e.target.Registers[x.reg][1:]...)
		case "label", "name":
			e.body = append(e.body, x.prefix...)
			e.body = append(e.body, x.label...)
		case "value":
			e.body = append(e.body, x.value...)
		case "note":
			if x.note != "" {
				e.body = append(e.body, " # "...)
				e.body = append(e.body, x.note...)
			}
			e.body = append(e.body, '\n')
		}
		template = template[open+size+1:]
	}
	e.body = append(e.body, template...)
	e.returned = false
}

// buffered updates longest with the text emitted from start on.
func (e *emitter) buffered(start int) { e.longest = max(e.longest, len(e.body)-start) }

// upstream: emit_label
func (e *emitter) label(prefix, name string) {
	e.out(":")
	e.out(prefix)
	e.out(name)
	e.out("\n")
}

// comment emits a line "# TEXTname".
func (e *emitter) comment(text, name string) {
	e.out("# ")
	e.out(text)
	e.out(name)
	e.out("\n")
}

// upstream: emit_unconditional_jump
func (e *emitter) jump(prefix, label, note string) {
	e.emit(e.target.Jump, operands{prefix: prefix, label: label, note: note})
}

// upstream: emit_jump_if_zero
func (e *emitter) jumpIfZero(reg register, prefix, label, note string) {
	e.emit(e.target.JumpIfZero, operands{reg: reg, prefix: prefix, label: label, note: note})
}

// upstream: emit_jump_if_not_zero
func (e *emitter) jumpIfNotZero(reg register, prefix, label, note string) {
	e.emit(e.target.JumpIfNotZero, operands{reg: reg, prefix: prefix, label: label, note: note})
}

// upstream: emit_jump_if_equal
func (e *emitter) jumpIfEqual(reg, other register, prefix, label, note string) {
	e.emit(e.target.JumpIfEqual, operands{reg: reg, other: other, prefix: prefix, label: label, note: note})
}

// upstream: emit_load_named_immediate
func (e *emitter) loadLabel(reg register, prefix, label, note string) {
	e.emit(e.target.LoadLabel, operands{reg: reg, prefix: prefix, label: label, note: note})
}

// upstream: emit_load_immediate
func (e *emitter) loadImmediate(reg register, value int64, note string) {
	start := len(e.body)
	e.target.LoadImmediate(e, reg, value, note)
	e.buffered(start)
}

// upstream: emit_load_relative_to_register
func (e *emitter) loadRelative(reg, base register, value int64, note string) {
	e.target.LoadRelative(e, reg, base, value, note)
}

// upstream: emit_add
func (e *emitter) add(reg, other register, note string) {
	start := len(e.body)
	e.emit(e.target.Add, operands{reg: reg, other: other, note: note})
	e.buffered(start)
}

// upstream: emit_sub
func (e *emitter) subtract(reg, other register, note string) {
	start := len(e.body)
	e.emit(e.target.Subtract, operands{reg: reg, other: other, note: note})
	e.buffered(start)
}

// upstream: emit_mul_register_zero_with_immediate
func (e *emitter) scale(value int64, note string) {
	e.loadImmediate(regEmitTemp, value, note)
	e.emit(e.target.Scale, operands{reg: regEmitTemp, note: note})
}

func (e *emitter) addImmediate(reg register, value int64, note string) {
	start := len(e.body)
	e.target.AddImmediate(e, reg, value, note)
	e.buffered(start)
}

func (e *emitter) subtractImmediate(reg register, value int64, note string) {
	start := len(e.body)
	e.target.SubtractImmediate(e, reg, value, note)
	e.buffered(start)
}

// addUp moves the address in reg by value bytes in the direction in which the
// stack grows.
func (e *emitter) addUp(reg register, value int64, noteUp, noteDown string) {
	if e.target.StackUp {
		e.addImmediate(reg, value, noteUp)
	} else {
		e.subtractImmediate(reg, value, noteDown)
	}
}

// upstream: emit_move
func (e *emitter) move(reg, other register, note string) {
	start := len(e.body)
	e.emit(e.target.Move, operands{reg: reg, other: other, note: note})
	e.buffered(start)
}

// upstream: emit_dereference
func (e *emitter) dereference(reg register, note string) {
	e.emit(e.target.Dereference, operands{reg: reg, note: note})
}

// upstream: emit_push
func (e *emitter) push(reg register, note string) {
	e.emit(e.target.Push, operands{reg: reg, note: note})
}

// upstream: emit_pop
func (e *emitter) pop(reg register, note string) {
	e.emit(e.target.Pop, operands{reg: reg, note: note})
}

// cleanup marks a place where the locals are dropped from the stack.
func (e *emitter) cleanup() { e.cleanups = append(e.cleanups, len(e.body)) }

// upstream: emit_return
func (e *emitter) ret() {
	e.cleanup()
	e.out(e.target.Return)
	e.returned = true
}

// beginFunction starts a function's code.
func (e *emitter) beginFunction(name string) {
	e.comment("Defining function ", name)
	e.label("FUNCTION_", name)
	e.code = append(e.code, e.body...)
	e.body = e.body[:0]
	e.cleanups = e.cleanups[:0]
}

// endFunction completes a function's code, with a frame of reserved bytes for
// locals.
func (e *emitter) endFunction(reserved int64) {
	body, cleanups := e.body, e.cleanups
	e.body = nil
	var undo []byte
	if reserved != 0 {
		e.move(regStack, regLocals, "Undo local variables")
		undo, e.body = e.body, nil
		e.move(regLocals, regStack, "Set locals pointer")
		e.addUp(regStack, reserved, "Reserve stack", "Reserve stack")
		e.code = append(e.code, e.body...)
	}
	done := 0
	for _, at := range cleanups {
		e.code = append(e.code, body[done:at]...)
		e.code = append(e.code, undo...)
		done = at
	}
	e.code = append(e.code, body[done:]...)
	e.code = append(e.code, '\n')
	e.body = body[:0]
}

// rawByte returns M1 text for a byte, given as a number from 0 to 127.
// upstream: integer_to_raw_byte_string
func rawByte(value int64) string { return fmt.Sprintf("'%02X' ", value) }
