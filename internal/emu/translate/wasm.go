package translate

// WebAssembly instructions (WebAssembly Core Specification 2.0, section 5.4, and the
// tail call proposal).
const (
	opUnreachable = 0x00
	opBlock       = 0x02
	opLoop        = 0x03
	opIf          = 0x04
	opElse        = 0x05
	opEnd         = 0x0B
	opBr          = 0x0C
	opBrIf        = 0x0D
	opBrTable     = 0x0E
	opCall        = 0x10
	opReturnCall  = 0x12
	opDrop        = 0x1A
	opSelect      = 0x1B
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opI32Const    = 0x41
	opI64Const    = 0x42
	opI32Eqz      = 0x45
	opI32Eq       = 0x46
	opI32GeU      = 0x4F
	opI32Add      = 0x6A
	opI32And      = 0x71
	opI32Or       = 0x72
	opI32Xor      = 0x73
	opI64GeS      = 0x59
	opI64Add      = 0x7C
	opI64Sub      = 0x7D
	opI32Popcnt   = 0x69
	opI64Mul      = 0x7E
	opI64ShrU     = 0x88
	opI64And      = 0x83
	opExtendS     = 0xAC // i64.extend_i32_s
	opWrap        = 0xA7 // i32.wrap_i64
	opExtendU     = 0xAD // i64.extend_i32_u
	opI64Ext32S   = 0xC4 // i64.extend32_s
	opI64Load32S  = 0x34
	opI64Load32U  = 0x35
	opI64Store32  = 0x3E

	typeI32  = 0x7F
	typeI64  = 0x7E
	typeVoid = 0x40
)

// wordOps are the opcodes of instructions on words of one size.
type wordOps struct {
	typ, constant                          byte
	eqz, eq, ne, ltS, ltU, leS, leU, geU   byte
	add, sub, mul, divS, divU, remS, remU  byte
	and, or, xor, shl, shrS, shrU          byte
	ext8, ext16                            byte
	load, load8S, load8U, load16S, load16U byte
	store, store8, store16                 byte
}

var words32 = wordOps{
	typeI32, opI32Const,
	0x45, 0x46, 0x47, 0x48, 0x49, 0x4C, 0x4D, 0x4F,
	0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
	0x71, 0x72, 0x73, 0x74, 0x75, 0x76,
	0xC0, 0xC1,
	0x28, 0x2C, 0x2D, 0x2E, 0x2F,
	0x36, 0x3A, 0x3B,
}

var words64 = wordOps{
	typeI64, opI64Const,
	0x50, 0x51, 0x52, 0x53, 0x54, 0x57, 0x58, 0x5A,
	0x7C, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x82,
	0x83, 0x84, 0x85, 0x86, 0x87, 0x88,
	0xC2, 0xC3,
	0x29, 0x30, 0x31, 0x32, 0x33,
	0x37, 0x3C, 0x3D,
}

// A writer collects bytes in WebAssembly's binary format (section 5).
type writer struct{ b []byte }

func (w *writer) op(b ...byte) { w.b = append(w.b, b...) }

// unsigned and signed write numbers in LEB128 (section 5.2.2).
func (w *writer) unsigned(v uint64) {
	for ; v >= 0x80; v >>= 7 {
		w.b = append(w.b, byte(v)|0x80)
	}
	w.b = append(w.b, byte(v))
}

func (w *writer) signed(v int64) {
	for {
		c := byte(v & 0x7F)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			w.b = append(w.b, c)
			return
		}
		w.b = append(w.b, c|0x80)
	}
}

// index writes an instruction with the index of a local, global, function or label.
func (w *writer) index(op byte, i int) {
	w.b = append(w.b, op)
	w.unsigned(uint64(i))
}

func (w *writer) i32(v int32) { w.op(opI32Const); w.signed(int64(v)) }
func (w *writer) i64(v int64) { w.op(opI64Const); w.signed(v) }

// access writes a load or store at an offset from the address on the stack.
func (w *writer) access(op byte, offset uint64) {
	w.op(op, 0) // alignment 1
	w.unsigned(offset)
}

// name writes a name; section writes a section whose contents body writes.
func (w *writer) name(s string) {
	w.unsigned(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) section(id byte, body func(*writer)) {
	w.op(id)
	w.sized(body)
}

// sized writes the number of bytes that body writes, followed by those bytes.
func (w *writer) sized(body func(*writer)) {
	var inner writer
	body(&inner)
	w.unsigned(uint64(len(inner.b)))
	w.b = append(w.b, inner.b...)
}

// repeat writes the byte t n times.
func (w *writer) repeat(n int, t byte) {
	for range n {
		w.b = append(w.b, t)
	}
}
