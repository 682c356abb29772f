package translate

import (
	"slices"

	"stage0/internal/emu/micro"
)

// do emits the micro-operations of an instruction.
func (e *emitter) do(ops []micro.Op) {
	for i := range ops {
		e.op(&ops[i])
	}
}

func (e *emitter) op(op *micro.Op) {
	switch op.Code {
	case micro.Set:
		e.write(op.To, e.arg(op.A))
	case micro.Load, micro.LoadSigned:
		e.write(op.To, e.load(e.arg(op.A), op.Size, op.Code == micro.LoadSigned))
	case micro.Store:
		e.store(e.arg(op.A), op.Size, e.arg(op.B))
	case micro.Guard:
		e.guard(e.arg(op.A))
	case micro.InsertByte:
		e.insertByte(op)
	case micro.ZeroExtend, micro.SignExtend:
		e.write(op.To, e.extend(op))
	case micro.Equal, micro.NotEqual, micro.LessU, micro.LessS, micro.LessEqualU, micro.LessEqualS:
		e.write(op.To, e.comparison(op.Code, e.arg(op.A), e.arg(op.B)))
	case micro.Select:
		e.write(op.To, e.choose(e.arg(op.A), e.arg(op.B), e.arg(op.C)))
	case micro.SetFlags:
		e.s.flags = flags{known: true, kind: op.Kind, size: op.Size, a: e.arg(op.A), b: e.arg(op.B), r: e.arg(op.C)}
	case micro.Condition:
		e.write(op.To, e.condition(op.Cond))
	case micro.FlagsWord:
		e.write(op.To, e.flagsWord())
	default:
		e.write(op.To, e.binary(op))
	}
}

// binary emits an operation on two words.
func (e *emitter) binary(op *micro.Op) value {
	a, b := e.arg(op.A), e.arg(op.B)
	if a.isConstant() && b.isConstant() {
		if v, ok := fold(op, a.c, b.c, e.bits); ok {
			return constantOf(v)
		}
	}
	switch {
	case op.Code == micro.Add && b.isConstant() && a.kind != aTest:
		a.c = e.word(a.c + b.c)
		return a
	case op.Code == micro.Add && a.isConstant() && b.kind != aTest:
		b.c = e.word(b.c + a.c)
		return b
	case op.Code == micro.Sub && b.isConstant() && a.kind != aTest:
		a.c = e.word(a.c - b.c)
		return a
	case op.Code == micro.Sub && a.base() == b.base() && a.kind == aLocal:
		return constantOf(e.word(a.c - b.c))
	case b == constantOf(0) && (op.Code == micro.Or || op.Code == micro.Xor || op.Code == micro.Shl || op.Code == micro.ShrU || op.Code == micro.ShrS):
		return a
	case op.Code == micro.And && a == b || op.Code == micro.Or && a == b:
		return a
	case op.Code == micro.Xor && b == constantOf(1) && a.kind == aTest:
		return opposite(a)
	}
	if op.Code == micro.MulHighU || op.Code == micro.MulHighS {
		return e.mulHigh(a, b, op.Code == micro.MulHighS)
	}
	o := e.ops
	code := map[micro.Code]byte{
		micro.Add: o.add, micro.Sub: o.sub, micro.Mul: o.mul,
		micro.DivU: o.divU, micro.DivS: o.divS, micro.RemU: o.remU, micro.RemS: o.remS,
		micro.And: o.and, micro.Or: o.or, micro.Xor: o.xor,
		micro.Shl: o.shl, micro.ShrU: o.shrU, micro.ShrS: o.shrS,
	}[op.Code]
	if code == 0 {
		e.fail("operation %d", op.Code)
	}
	v := e.binaryOf(code, a, b)
	if op.Code == micro.And {
		v.width, v.masked = min(e.bytes(a), e.bytes(b)), true
	}
	return v
}

// mulHigh returns the upper word of a product.
func (e *emitter) mulHigh(a, b value, signed bool) value {
	if e.bits == 32 {
		for _, v := range []value{a, b} {
			e.push(v)
			if signed {
				e.w.op(opExtendS)
			} else {
				e.w.op(opExtendU)
			}
		}
		e.w.op(opI64Mul)
		e.w.i64(32)
		e.w.op(opI64ShrU, opWrap)
		return e.define()
	}
	e.push(a)
	e.push(b)
	e.w.index(opCall, funcMulHigh)
	v := e.define()
	if !signed {
		return v
	}
	// For a negative a, the unsigned product is too large by b*2^64; the same holds
	// with a and b exchanged.
	for _, x := range [][2]value{{a, b}, {b, a}} {
		e.push(v)
		e.push(x[0])
		e.constant(63)
		e.w.op(e.ops.shrS)
		e.push(x[1])
		e.w.op(e.ops.and, e.ops.sub)
		v = e.define()
	}
	return v
}

func (e *emitter) extend(op *micro.Op) value {
	signed := op.Code == micro.SignExtend
	if r := op.A.Reg; op.Size == 1 && r < micro.MaxRegs && op.A.Const == 0 && e.s.low[r] != nil {
		return e.extended(*e.s.low[r], 1, signed)
	}
	return e.extended(e.arg(op.A), op.Size, signed)
}

// extended returns the low size bytes of v, zero- or sign-extended.
func (e *emitter) extended(v value, size uint8, signed bool) value {
	if v.isConstant() {
		code := micro.ZeroExtend
		if signed {
			code = micro.SignExtend
		}
		c, _ := fold(&micro.Op{Code: code, Size: size}, v.c, 0, e.bits)
		return constantOf(c)
	}
	switch {
	case int(size)*8 == e.bits, e.bytes(v) < size, e.bytes(v) == size && !signed, v.kind == aTest:
		return v
	}
	e.push(v)
	switch {
	case signed && size == 1:
		e.w.op(e.ops.ext8)
	case signed && size == 2:
		e.w.op(e.ops.ext16)
	case signed:
		e.w.op(opI64Ext32S)
	case size == 4:
		e.w.op(opWrap, opExtendU)
	default:
		e.constant(1<<(8*size) - 1)
		e.w.op(e.ops.and)
	}
	masked := !signed && size < 4
	v = e.define()
	v.masked = masked
	if !signed {
		v.width = size
	}
	return v
}

func (e *emitter) insertByte(op *micro.Op) {
	low := e.extended(e.arg(op.A), 1, false)
	if r := op.To; r < micro.MaxRegs && op.B == micro.R(r) {
		e.s.low[r] = &low
		return
	}
	e.write(op.To, e.withLow(e.arg(op.B), low))
}

// withLow returns v with its lowest byte replaced.
func (e *emitter) withLow(v, low value) value {
	return e.binaryOf(e.ops.or, e.binaryOf(e.ops.and, v, constantOf(e.word(^uint64(0xFF)))), low)
}

func (e *emitter) comparison(code micro.Code, a, b value) value {
	how, not := equal, false
	switch code {
	case micro.NotEqual:
		not = true
	case micro.LessU:
		how = lessU
	case micro.LessS:
		how = lessS
	case micro.LessEqualU:
		how = lessEqualU
	case micro.LessEqualS:
		how = lessEqualS
	}
	v := e.testOf(how, a, b)
	if not {
		v = e.not(v)
	}
	return v
}

// testOf returns the value of a comparison.
func (e *emitter) testOf(how comparison, a, b value) value {
	if how == equal && a.isConstant() {
		a, b = b, a
	}
	switch {
	case a.isConstant() && b.isConstant():
		shift := 64 - e.bits
		x, y := a.c, b.c
		sx, sy := int64(x<<shift), int64(y<<shift)
		return truth([...]bool{equal: x == y, lessU: x < y, lessS: sx < sy, lessEqualU: x <= y, lessEqualS: sx <= sy}[how])
	case how == equal && a.kind == aTest && b == constantOf(0):
		return opposite(a)
	}
	a, b = e.settled(a), e.settled(b)
	// Comparisons with zero need a normal form: see pushTest.
	zero := constantOf(0)
	switch {
	case how == lessU && b == zero:
		return zero
	case how == lessU && a == zero:
		return opposite(testOf(equal, b, zero))
	case how == lessEqualU && a == zero:
		return constantOf(1)
	case how == lessEqualU && b == zero:
		return testOf(equal, a, zero)
	case how == lessS && a == zero:
		return opposite(testOf(lessEqualS, b, zero))
	case how == lessEqualS && a == zero:
		return opposite(testOf(lessS, b, zero))
	}
	return testOf(how, a, b)
}

// settled returns v, in a local if it is a test.
func (e *emitter) settled(v value) value {
	if v.kind == aTest {
		e.push(v)
		n := e.define()
		n.width = 1
		return n
	}
	return v
}

func (e *emitter) not(v value) value {
	if v.isConstant() {
		return constantOf(v.c ^ 1)
	}
	return opposite(v)
}

func truth(b bool) value {
	if b {
		return constantOf(1)
	}
	return constantOf(0)
}

func (e *emitter) choose(cond, yes, no value) value {
	switch {
	case cond.isConstant() && cond.c != 0:
		return yes
	case cond.isConstant():
		return no
	case yes == no:
		return yes
	}
	e.push(yes)
	e.push(no)
	e.pushTest(cond)
	e.w.op(opSelect)
	return e.define()
}

// guard leaves the instruction to the executor if v is zero.
func (e *emitter) guard(v value) {
	if v.isConstant() && v.c != 0 {
		return
	}
	e.pushTest(e.testOf(equal, v, constantOf(0)))
	e.stepIf()
}

// publish writes the flags to the globals, where other functions read them.
func (e *emitter) publish() {
	fl := &e.s.flags
	if fl.lost {
		e.w.i32(lostKind)
		e.w.index(opGlobalSet, globalFlags)
		return
	}
	if !fl.known || fl.published {
		return
	}
	fl.published = true
	e.w.i32(int32(fl.kind) | int32(fl.size)<<8)
	e.w.index(opGlobalSet, globalFlags)
	for i, v := range []value{fl.a, fl.b, fl.r} {
		e.push(v)
		e.w.index(opGlobalSet, globalFlags+1+i)
	}
}

// condition returns 1 if the condition holds, else 0.
func (e *emitter) condition(c micro.Cond) value {
	fl := &e.s.flags
	if !fl.known {
		e.w.i32(int32(c))
		e.w.index(opCall, hostCondition)
		if e.bits == 64 {
			e.w.op(opExtendU)
		}
		v := e.define()
		v.width = 1
		return v
	}
	v := e.holds(c &^ 1)
	if c&1 != 0 {
		v = e.not(v)
	}
	return v
}

// holds is condition for conditions that are not the opposite of another.
func (e *emitter) holds(c micro.Cond) value {
	fl := &e.s.flags
	signed := func(v value) value { return e.extended(v, fl.size, true) }
	compares := fl.kind == micro.Difference || fl.kind == micro.Comparison
	switch {
	case (c == micro.IfC || c == micro.IfV) && fl.kind == micro.Result, fl.kind == micro.Literal && flagBits[c] != 0:
		e.push(fl.a)
		e.constant(flagBits[c])
		e.w.op(e.ops.and)
		return e.not(e.testOf(equal, e.define(), constantOf(0)))
	case c == micro.IfZ && compares:
		return e.testOf(equal, fl.a, fl.b)
	case c == micro.IfZ:
		return e.testOf(equal, fl.r, constantOf(0))
	case c == micro.IfN:
		return e.testOf(lessS, signed(fl.r), constantOf(0))
	case c == micro.IfC && fl.kind == micro.Difference:
		return e.testOf(lessU, fl.a, fl.b)
	case c == micro.IfC && fl.kind == micro.Comparison:
		return e.testOf(lessEqualU, fl.b, fl.a)
	case c == micro.IfCOrZ && fl.kind == micro.Difference, c == micro.IfLowOrZ && fl.kind == micro.Comparison:
		return e.testOf(lessEqualU, fl.a, fl.b)
	case c == micro.IfLess && compares:
		return e.testOf(lessS, signed(fl.a), signed(fl.b))
	case c == micro.IfLessOrZ && compares:
		return e.testOf(lessEqualS, signed(fl.a), signed(fl.b))
	case c == micro.IfLess && fl.kind == micro.Logic: // no overflow
		return e.testOf(lessS, signed(fl.r), constantOf(0))
	case c == micro.IfLessOrZ && fl.kind == micro.Logic:
		return e.testOf(lessEqualS, signed(fl.r), constantOf(0))
	case (c == micro.IfC || c == micro.IfV) && fl.kind == micro.Logic:
		return constantOf(0)
	case c == micro.IfC && (fl.kind == micro.Increment || fl.kind == micro.Decrement):
		return e.not(e.testOf(equal, fl.b, constantOf(0)))
	case c == micro.IfC && fl.kind == micro.Sum:
		return e.testOf(lessU, fl.r, fl.a)
	case c == micro.IfV:
		return e.overflow()
	case c == micro.IfP:
		e.push(fl.r)
		e.wrap()
		e.w.i32(0xFF)
		e.w.op(opI32And, opI32Popcnt)
		e.w.i32(1)
		e.w.op(opI32And, opI32Eqz)
		if e.bits == 64 {
			e.w.op(opExtendU)
		}
		return e.not(e.testOf(equal, e.define(), constantOf(0)))
	}
	// Conditions made of two.
	var x, y value
	op := byte(e.ops.or)
	switch c {
	case micro.IfCOrZ:
		x, y = e.holds(micro.IfC), e.holds(micro.IfZ)
	case micro.IfLowOrZ:
		x, y = e.not(e.holds(micro.IfC)), e.holds(micro.IfZ)
	case micro.IfLess:
		x, y, op = e.holds(micro.IfN), e.holds(micro.IfV), e.ops.xor
	case micro.IfLessOrZ:
		x, y = e.holds(micro.IfLess), e.holds(micro.IfZ)
	default:
		e.fail("condition %d of flags of kind %d", c, fl.kind)
	}
	v := e.binaryOf(op, x, y)
	v.width = 1
	return e.not(e.testOf(equal, v, constantOf(0)))
}

// flagBits are the flags of conditions that depend on a single flag.
var flagBits = [...]uint64{
	micro.IfC: micro.FlagC, micro.IfP: micro.FlagP, micro.IfZ: micro.FlagZ, micro.IfN: micro.FlagN, micro.IfV: micro.FlagV,
	micro.IfNotLowOrZ: 0,
}

// overflow returns whether the overflow flag is set (micro.Flags.V).
func (e *emitter) overflow() value {
	fl := &e.s.flags
	b := fl.b
	if fl.kind == micro.Increment || fl.kind == micro.Decrement {
		b = constantOf(1)
	}
	xor := func(x, y value) {
		e.push(x)
		e.push(y)
		e.w.op(e.ops.xor)
	}
	xor(fl.a, fl.r)
	if fl.kind == micro.Sum || fl.kind == micro.Increment {
		xor(b, fl.r)
	} else {
		xor(fl.a, b)
	}
	e.w.op(e.ops.and)
	return e.testOf(lessS, e.extended(e.define(), fl.size, true), constantOf(0))
}

// flagsWord returns the register that contains the flags. If it is not known which
// operation set them, the code tries the most frequent kinds first.
func (e *emitter) flagsWord() value {
	e.publish()
	word := e.temp(e.ops.typ)
	if e.s.flags.known && isFrequent(e.s.flags.kind) {
		e.packFlags(word)
		return localOf(word)
	}
	e.w.op(opBlock, typeVoid)
	for _, kind := range frequentKinds {
		size := uint8(e.bits / 8)
		e.w.index(opGlobalGet, globalFlags)
		e.w.i32(int32(kind) | int32(size)<<8)
		e.w.op(opI32Eq)
		e.w.op(opIf, typeVoid)
		e.aside(2, func() {
			var v [3]value
			for i := range v {
				e.w.index(opGlobalGet, globalFlags+1+i)
				v[i] = e.define()
			}
			e.s.flags = flags{known: true, published: true, kind: kind, size: size, a: v[0], b: v[1], r: v[2]}
			e.packFlags(word)
			e.w.index(opBr, 1)
		})
		e.w.op(opEnd)
	}
	e.w.index(opCall, hostFlags)
	e.from64()
	e.w.index(opLocalSet, word)
	e.w.op(opEnd)
	return localOf(word)
}

var frequentKinds = []micro.FlagKind{micro.Logic, micro.Difference, micro.Sum}

func isFrequent(k micro.FlagKind) bool { return slices.Contains(frequentKinds, k) }

// packFlags sets a local to the register that contains the flags, which must be of a
// frequent kind.
func (e *emitter) packFlags(local int) {
	fl := &e.s.flags
	register := func(flags uint64) uint64 {
		return e.p.target.FlagsWord(&micro.Flags{Kind: micro.Literal, Size: 8, A: flags})
	}
	word := constantOf(register(0))
	add := func(flag uint64, on value) { // on is 0 or 1
		e.push(on)
		e.constant(register(flag) ^ register(0))
		e.w.op(e.ops.mul)
		e.push(word)
		e.w.op(e.ops.or)
		word = e.define()
	}
	add(micro.FlagZ, e.testOf(equal, fl.r, constantOf(0)))
	add(micro.FlagN, e.holds(micro.IfN))
	add(micro.FlagP, e.holds(micro.IfP))
	if fl.kind != micro.Logic {
		// There may have been a carry into the operation, as in micro.Flags.
		xor := e.binaryOf(e.ops.xor, fl.a, fl.b)
		add(micro.FlagV, e.overflow())
		add(micro.FlagA, e.not(e.testOf(equal, e.binaryOf(e.ops.and, e.binaryOf(e.ops.xor, xor, fl.r), constantOf(micro.FlagA)), constantOf(0))))
		not := func(v value) value { return e.binaryOf(e.ops.xor, v, constantOf(e.word(^uint64(0)))) }
		a, r := fl.a, fl.r
		if fl.kind == micro.Difference {
			a = not(a)
		} else {
			r = not(r)
		}
		carries := e.binaryOf(e.ops.or, e.binaryOf(e.ops.and, a, fl.b), e.binaryOf(e.ops.and, e.binaryOf(e.ops.or, a, fl.b), r))
		add(micro.FlagC, e.testOf(lessS, e.extended(carries, fl.size, true), constantOf(0)))
	}
	e.push(word)
	e.w.index(opLocalSet, local)
}

// binaryOf emits an instruction on two words and returns its result.
func (e *emitter) binaryOf(op byte, a, b value) value {
	e.push(a)
	e.push(b)
	e.w.op(op)
	return e.define()
}
