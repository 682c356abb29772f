package cpu

import (
	"fmt"
	"math/bits"
)

// PageSize is the unit of permissions, in bytes.
const PageSize = 4096

// A Perm is what a program may do with a page: the bits of p_flags in an ELF
// program header.
type Perm uint8

// The bits of Perm.
const (
	Exec  Perm = 1
	Write Perm = 2
	Read  Perm = 4
)

// A Window is a piece of memory in which every access of one sort is allowed.
// An address a is inside if a-Base < len(Bytes), unsigned.
type Window struct {
	Base  uint64
	Bytes []byte
}

// Memory is what a process sees: its image, which the heap continues, and its
// stack. Nothing else is there.
//
// A processor goes through the windows for speed: an access that is wholly
// inside of Load or Stack (a load), or Store or Stack (a store), is allowed,
// and may be made on Bytes directly. Every other access goes through the
// methods LoadSlow and StoreSlow, which may move the windows, as SetBreak does:
// copies of windows in local variables do not outlive a slow access or a
// system call.
//
// A processor that keeps decoded instructions tells of their bytes with
// MarkCode. Such bytes are never in the window Store, so stores to them come
// through StoreSlow (or Write, from system calls), which sets Modified. The
// processor looks at Modified after every slow store and when Run begins; if
// it is set, it drops every decoded instruction, calls ForgetCode, and goes on
// at the next instruction. That is right whatever a program does, and costs
// nothing as programs keep their data behind their code.
type Memory struct {
	Load  Window // image and heap, where they can be read
	Store Window // image and heap, where they can be written and hold no decoded code
	Stack Window // what there is of the stack, readable and writable, never executable

	Modified bool // decoded code has been overwritten

	image      Window   // from the first segment to the break
	perms      []Perm   // of the pages of the file's segments; the heap's can be read and written
	heap       uint64   // where the heap begins
	maxImage   uint64   // in bytes
	stackLimit uint64   // the lowest address that the stack can grow to
	code       []uint64 // a bit for every byte of the pages in perms: it is part of decoded code
	codeEnd    uint64   // the offset in image after the last such byte
}

// A Layout says how large a Memory is. All are multiples of PageSize.
type Layout struct {
	Base      uint64 // of the image
	Perms     []Perm // of the image's pages, before the heap
	MaxImage  uint64 // how large image and heap may get, in bytes
	StackTop  uint64 // address after the stack
	StackSize uint64 // how large the stack may get, in bytes
}

// firstStack is how much stack there is to begin with, in bytes.
const firstStack = 64 << 10

// NewMemory returns a memory of zeros.
func NewMemory(l Layout) *Memory {
	m := &Memory{
		image:      Window{l.Base, make([]byte, len(l.Perms)*PageSize)},
		perms:      l.Perms,
		heap:       l.Base + uint64(len(l.Perms))*PageSize,
		maxImage:   l.MaxImage,
		stackLimit: l.StackTop - l.StackSize,
		code:       make([]uint64, len(l.Perms)*PageSize/64),
	}
	stack := min(firstStack, l.StackSize)
	m.Stack = Window{l.StackTop - stack, make([]byte, stack)}
	m.setWindows()
	return m
}

// Clone returns a copy, in which no code is marked.
func (m *Memory) Clone() *Memory {
	c := *m
	c.image.Bytes = append([]byte(nil), m.image.Bytes...)
	c.Stack.Bytes = append([]byte(nil), m.Stack.Bytes...)
	c.code = make([]uint64, len(m.code))
	c.codeEnd = 0
	c.Modified = false
	c.setWindows()
	return &c
}

// Size returns how much there is of image, heap and stack, in bytes.
func (m *Memory) Size() uint64 {
	return uint64(len(m.image.Bytes) + len(m.Stack.Bytes))
}

// setWindows makes Load and Store as large as they can be at the image's end.
func (m *Memory) setWindows() {
	after := func(p Perm) uint64 {
		for i := len(m.perms); i > 0; i-- {
			if m.perms[i-1]&p == 0 {
				return uint64(i) * PageSize
			}
		}
		return 0
	}
	from := func(off uint64) Window {
		return Window{m.image.Base + off, m.image.Bytes[off:]}
	}
	m.Load = from(after(Read))
	m.Store = from(max(after(Write), m.codeEnd))
}

// inside reports whether n bytes at a are inside of w.
func (w *Window) inside(a uint64, n int) bool {
	off := a - w.Base
	return off < uint64(len(w.Bytes)) && uint64(len(w.Bytes))-off >= uint64(n)
}

func (w *Window) bytes(a uint64, n int) []byte {
	off := a - w.Base
	return w.Bytes[off : off+uint64(n) : off+uint64(n)]
}

// Bytes returns the n bytes at a, all of which have the permission p, or nil.
// It is not for writing: Write is.
func (m *Memory) Bytes(a uint64, n int, p Perm) []byte {
	switch {
	case n < 0:
		return nil
	case n == 0:
		return []byte{}
	case m.image.inside(a, n):
		off := a - m.image.Base
		for page := off / PageSize; page <= (off+uint64(n)-1)/PageSize; page++ {
			if m.perm(page)&p != p {
				return nil
			}
		}
		return m.image.bytes(a, n)
	case p&Exec == 0 && m.stackHas(a, n):
		return m.Stack.bytes(a, n)
	}
	return nil
}

// perm returns the permissions of a page of the image.
func (m *Memory) perm(page uint64) Perm {
	if page < uint64(len(m.perms)) {
		return m.perms[page]
	}
	return Read | Write
}

// stackHas reports whether n bytes at a are on the stack, which grows to have
// them if it may.
func (m *Memory) stackHas(a uint64, n int) bool {
	top := m.Stack.Base + uint64(len(m.Stack.Bytes))
	if a < m.stackLimit || a >= top || top-a < uint64(n) {
		return false
	}
	if a < m.Stack.Base {
		size := uint64(len(m.Stack.Bytes))
		for top-size > a {
			size *= 2
		}
		size = min(size, top-m.stackLimit)
		grown := make([]byte, size)
		copy(grown[size-uint64(len(m.Stack.Bytes)):], m.Stack.Bytes)
		m.Stack = Window{top - size, grown}
	}
	return true
}

// LoadSlow loads n bytes, at most 8, in little-endian order. It reports
// whether the program may.
func (m *Memory) LoadSlow(a uint64, n int) (v uint64, ok bool) {
	b := m.Bytes(a, n, Read)
	if b == nil {
		return 0, false
	}
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	return v, true
}

// StoreSlow stores the n low bytes of v, at most 8, in little-endian order. It
// reports whether the program may.
func (m *Memory) StoreSlow(a uint64, n int, v uint64) bool {
	b := m.Bytes(a, n, Write)
	if b == nil {
		return false
	}
	for i := range b {
		b[i] = byte(v >> (8 * i))
	}
	m.wrote(a, n)
	return true
}

// Write copies data to a. It reports whether the program may write there.
func (m *Memory) Write(a uint64, data []byte) bool {
	b := m.Bytes(a, len(data), Write)
	if b == nil {
		return false
	}
	copy(b, data)
	m.wrote(a, len(data))
	return true
}

// Init copies data to a, which is in the image or on the stack, whatever the
// permissions: what a loader needs.
func (m *Memory) Init(a uint64, data []byte) error {
	switch {
	case m.image.inside(a, len(data)):
		copy(m.image.bytes(a, len(data)), data)
	case m.stackHas(a, len(data)):
		copy(m.Stack.bytes(a, len(data)), data)
	case len(data) > 0:
		return fmt.Errorf("%d bytes at %#x: outside of the memory", len(data), a)
	}
	return nil
}

// Fetch returns the bytes at a that can be executed, at most n. There are none
// if a is not in executable memory.
func (m *Memory) Fetch(a uint64, n int) []byte {
	off := a - m.image.Base
	if off >= uint64(len(m.perms)*PageSize) {
		return nil
	}
	end := off
	for end < off+uint64(n) && end < uint64(len(m.perms)*PageSize) && m.perms[end/PageSize]&Exec != 0 {
		end = (end/PageSize + 1) * PageSize
	}
	end = min(end, off+uint64(n))
	return m.image.Bytes[off:end:end]
}

// CodeRange returns where code can be: from base, size bytes, which are at most
// MaxCode if a Layout keeps to it.
func (m *Memory) CodeRange() (base uint64, size int) {
	return m.image.Base, CodePages(m.perms) * PageSize
}

// MaxCode is how much memory there may be from an image's begin to the end of
// its code, in bytes: caches of decoded instructions have that in proportion.
const MaxCode = 16 << 20

// CodePages returns how many pages there are up to the last one that can be
// executed.
func CodePages(perms []Perm) int {
	n := len(perms)
	for n > 0 && perms[n-1]&Exec == 0 {
		n--
	}
	return n
}

// MarkCode notes that the n bytes at a, which Fetch returned, have been
// decoded.
func (m *Memory) MarkCode(a uint64, n int) {
	off := a - m.image.Base
	for i := off; i < off+uint64(n); i++ {
		m.code[i/64] |= 1 << (i % 64)
	}
	if end := off + uint64(n); end > m.codeEnd {
		m.codeEnd = end
		m.setWindows()
	}
}

// ForgetCode forgets what was marked, and that it was modified.
func (m *Memory) ForgetCode() {
	clear(m.code)
	m.codeEnd = 0
	m.Modified = false
	m.setWindows()
}

// wrote sets Modified if one of the n bytes at a was marked.
func (m *Memory) wrote(a uint64, n int) {
	off := a - m.image.Base
	if off >= m.codeEnd {
		return
	}
	end := min(off+uint64(n), m.codeEnd)
	for i := off; i < end; {
		word := m.code[i/64] >> (i % 64)
		next := (i/64 + 1) * 64
		if word != 0 && i+uint64(bits.TrailingZeros64(word)) < end {
			m.Modified = true
			return
		}
		i = next
	}
}

// Break returns the heap's end.
func (m *Memory) Break() uint64 { return m.image.Base + uint64(len(m.image.Bytes)) }

// HeapBase returns the heap's begin, which is the first break.
func (m *Memory) HeapBase() uint64 { return m.heap }

// SetBreak moves the heap's end to the first page that begins at or after
// end. It reports whether the heap may end there.
func (m *Memory) SetBreak(end uint64) bool {
	size := end - m.image.Base
	if end < m.heap || size > m.maxImage {
		return false
	}
	size = (size + PageSize - 1) &^ (PageSize - 1)
	old := uint64(len(m.image.Bytes))
	switch {
	case size <= old:
		clear(m.image.Bytes[size:])
		m.image.Bytes = m.image.Bytes[:size]
	case size <= uint64(cap(m.image.Bytes)):
		m.image.Bytes = m.image.Bytes[:size]
	default:
		grown := make([]byte, size, max(size, min(2*size, m.maxImage)))
		copy(grown, m.image.Bytes)
		m.image.Bytes = grown
	}
	m.setWindows()
	return true
}
