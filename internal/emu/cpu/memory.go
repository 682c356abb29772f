package cpu

import (
	"fmt"
	"math/bits"
	"slices"
)

// PageSize is the unit of permissions, in bytes.
const PageSize = 4096

// A Perm is a set of access permissions of a page, with the bits of p_flags in an ELF
// program header.
type Perm uint8

// The bits of Perm.
const (
	Exec  Perm = 1
	Write Perm = 2
	Read  Perm = 4
)

// Memory is the memory of a process: its image, followed by its heap, and its
// stack. There is nothing else.
//
// All of it is in one slice, Linear: the stack, then image and heap. Translated
// code uses this slice as its memory, and checks addresses against Windows.
type Memory struct {
	// Modified is set when a byte of noted code is overwritten. See Note.
	Modified bool

	linear    []byte // stack, image and heap, padded with zeros to a multiple of Block
	stack     uint64 // address of the stack, which is not executable
	stackSize uint64 // in bytes
	base      uint64 // address of the image
	size      uint64 // of image and heap, in bytes
	perms     []Perm // of the pages of the file's segments; the heap is readable and writable
	maxSize   uint64 // of image and heap, in bytes
	big       bool
	code      *Code
	reserved  []byte // mapping for all that linear may become; nil: linear is allocated by Go
	observer  func(Access)
}

// Block is the unit of the length of Linear, in bytes.
const Block = 64 << 10

// A Layout describes a Memory. All sizes and addresses are multiples of PageSize.
type Layout struct {
	Base      uint64 // address of the image
	Perms     []Perm // of the image's pages, before the heap
	MaxImage  uint64 // maximum size of image and heap, in bytes
	StackTop  uint64 // address after the stack
	StackSize uint64 // in bytes
	Big       bool   // words are big-endian

	// Reserve reserves address space for the maximum size, so that the memory does
	// not move when the heap grows. Such a memory must be freed.
	Reserve bool
}

// NewMemory returns a memory of zeros.
func NewMemory(l Layout) *Memory {
	m := &Memory{
		stack:     l.StackTop - l.StackSize,
		stackSize: l.StackSize,
		base:      l.Base,
		size:      uint64(len(l.Perms)) * PageSize,
		perms:     l.Perms,
		maxSize:   l.MaxImage,
		big:       l.Big,
	}
	m.allocate(blocks(m.stackSize+m.size), l.Reserve)
	return m
}

// allocate allocates a Linear of n zero bytes.
func (m *Memory) allocate(n uint64, reserved bool) {
	m.reserved = nil
	if reserved {
		m.reserved = reserve(max(n, m.MaxLinear()))
	}
	if m.reserved != nil {
		m.linear = m.reserved[:n]
	} else {
		m.linear = make([]byte, n)
	}
}

// Free releases the memory, which is then empty.
func (m *Memory) Free() {
	if m.reserved != nil {
		release(m.reserved)
	}
	*m = Memory{}
}

// Keep makes the memory independent of Free, so that it can be read after the program
// has ended.
func (m *Memory) Keep() {
	if m.reserved != nil {
		m.linear = slices.Clone(m.linear)
		release(m.reserved)
		m.reserved = nil
	}
}

// blocks rounds a number of bytes up to a multiple of Block.
func blocks(n uint64) uint64 { return (n + Block - 1) &^ (Block - 1) }

// Clone returns a copy without noted code. It copies only pages that are not zero, so
// that untouched memory stays untouched.
func (m *Memory) Clone() *Memory {
	c := *m
	c.allocate(uint64(len(m.linear)), m.reserved != nil)
	for at := 0; at < len(m.linear); at += PageSize {
		page := m.linear[at : at+PageSize]
		if *(*[PageSize]byte)(page) != [PageSize]byte{} {
			copy(c.linear[at:], page)
		}
	}
	c.code, c.Modified, c.observer = nil, false, nil
	return &c
}

// Size returns the size of image and heap, in bytes.
func (m *Memory) Size() uint64 { return m.size }

// Linear returns all of the memory: the stack, image and heap, and zeros. The slice
// may move when SetBreak extends it.
func (m *Memory) Linear() []byte { return m.linear }

// MaxLinear returns the maximum length of Linear, in bytes.
func (m *Memory) MaxLinear() uint64 { return blocks(m.stackSize + m.maxSize) }

// A Window is a range of addresses where every access of one kind is allowed, and its
// place in Linear.
type Window struct {
	Base, Size uint64 // in bytes
	Offset     uint64 // in Linear
}

// Windows returns the stack, and the ranges up to the end of the heap where all
// loads, or all stores, are allowed. The range for stores contains no noted code.
func (m *Memory) Windows() (stack, load, store Window) {
	from := func(off uint64) Window {
		off = min(off, m.size)
		return Window{m.base + off, m.size - off, m.stackSize + off}
	}
	after := func(p Perm) uint64 {
		for i := len(m.perms); i > 0; i-- {
			if m.perms[i-1]&p == 0 {
				return uint64(i) * PageSize
			}
		}
		return 0
	}
	first := after(Write)
	if m.code != nil {
		first = max(first, m.code.end-m.base)
	}
	return Window{m.stack, m.stackSize, 0}, from(after(Read)), from(first)
}

// image returns the n bytes at a, if they are in the image or heap.
func (m *Memory) image(a uint64, n int) ([]byte, bool) {
	off := a - m.base
	if off >= m.size || m.size-off < uint64(n) {
		return nil, false
	}
	off += m.stackSize
	return m.linear[off : off+uint64(n) : off+uint64(n)], true
}

// onStack returns the n bytes at a, if they are on the stack.
func (m *Memory) onStack(a uint64, n int) ([]byte, bool) {
	off := a - m.stack
	if off >= m.stackSize || m.stackSize-off < uint64(n) {
		return nil, false
	}
	return m.linear[off : off+uint64(n) : off+uint64(n)], true
}

// Bytes returns the n bytes at a, or nil if not all of them have permission p. The
// caller must not modify them; use Write for that.
func (m *Memory) Bytes(a uint64, n int, p Perm) []byte {
	if n < 0 {
		return nil
	}
	if n == 0 {
		return []byte{}
	}
	if b, ok := m.image(a, n); ok {
		off := a - m.base
		for page := off / PageSize; page <= (off+uint64(n)-1)/PageSize; page++ {
			if m.perm(page)&p != p {
				return nil
			}
		}
		return b
	}
	if b, ok := m.onStack(a, n); ok && p&Exec == 0 {
		return b
	}
	return nil
}

// Perms returns the permissions of the image's pages. The caller must not modify
// them.
func (m *Memory) Perms() []Perm { return m.perms }

// perm returns the permissions of a page of image and heap.
func (m *Memory) perm(page uint64) Perm {
	if page < uint64(len(m.perms)) {
		return m.perms[page]
	}
	return Read | Write
}

// Load loads n bytes, at most 8, as a number. It reports whether the load is allowed.
func (m *Memory) Load(a uint64, n int) (v uint64, ok bool) {
	b := m.Bytes(a, n, Read)
	if b == nil {
		return 0, false
	}
	m.observe(a, n, false)
	for i := range b {
		if m.big {
			v = v<<8 | uint64(b[i])
		} else {
			v |= uint64(b[i]) << (8 * i)
		}
	}
	return v, true
}

// Store stores the low n bytes of v, at most 8. It reports whether the store is
// allowed.
func (m *Memory) Store(a uint64, n int, v uint64) bool {
	b := m.Bytes(a, n, Write)
	if b == nil {
		return false
	}
	m.observe(a, n, true)
	for i := range b {
		if m.big {
			b[len(b)-1-i] = byte(v >> (8 * i))
		} else {
			b[i] = byte(v >> (8 * i))
		}
	}
	m.wrote(a, n)
	return true
}

// Write copies data to a. It reports whether the write is allowed.
func (m *Memory) Write(a uint64, data []byte) bool {
	b := m.Bytes(a, len(data), Write)
	if b == nil {
		return false
	}
	m.observe(a, len(data), true)
	copy(b, data)
	m.wrote(a, len(data))
	return true
}

// Init copies data to a, which must be in the image or on the stack. It ignores
// permissions, as a loader needs to.
func (m *Memory) Init(a uint64, data []byte) error {
	b, ok := m.image(a, len(data))
	if !ok {
		b, ok = m.onStack(a, len(data))
	}
	if !ok && len(data) > 0 {
		return fmt.Errorf("%d bytes at %#x: outside of the memory", len(data), a)
	}
	copy(b, data)
	return nil
}

// Fetch returns up to n executable bytes at a. The result is empty if a is not in
// executable memory.
func (m *Memory) Fetch(a uint64, n int) []byte {
	off, all := a-m.base, uint64(len(m.perms)*PageSize)
	if off >= all {
		return nil
	}
	end := off
	for end < off+uint64(n) && end < all && m.perms[end/PageSize]&Exec != 0 {
		end = (end/PageSize + 1) * PageSize
	}
	end = min(end, off+uint64(n))
	return m.linear[m.stackSize+off : m.stackSize+end : m.stackSize+end]
}

// CodeRange returns the range of addresses that may contain code. size is at most
// MaxCode if the Layout respects that limit.
func (m *Memory) CodeRange() (base uint64, size int) {
	return m.base, CodePages(m.perms) * PageSize
}

// MaxCode is the maximum distance from the start of the image to the end of its code,
// in bytes. It bounds the work of translation.
const MaxCode = 16 << 20

// CodePages returns the number of pages up to the last executable one.
func CodePages(perms []Perm) int {
	n := len(perms)
	for n > 0 && perms[n-1]&Exec == 0 {
		n--
	}
	return n
}

// Code is a set of addresses: the bytes that translated code depends on.
type Code struct {
	base, end uint64   // end is the address after the last byte
	bits      []uint64 // one for every byte
}

// NewCode returns an empty set for the size addresses from base.
func NewCode(base uint64, size int) *Code {
	return &Code{base: base, end: base, bits: make([]uint64, size/64+1)}
}

// Add adds the n addresses from a, which must be in the set's range.
func (c *Code) Add(a uint64, n int) {
	for i := a - c.base; i < a-c.base+uint64(n); i++ {
		c.bits[i/64] |= 1 << (i % 64)
	}
	c.end = max(c.end, a+uint64(n))
}

// Has reports whether one of the n addresses from a is in the set.
func (c *Code) Has(a uint64, n int) bool {
	off := a - c.base
	if off >= c.end-c.base {
		return false
	}
	end := min(off+uint64(n), c.end-c.base)
	for i := off; i < end; {
		word := c.bits[i/64] >> (i % 64)
		if word != 0 && i+uint64(bits.TrailingZeros64(word)) < end {
			return true
		}
		i = (i/64 + 1) * 64
	}
	return false
}

// Note records the code that has been translated; nil means none. Stores to it set
// Modified. The set must not change afterwards.
func (m *Memory) Note(code *Code) { m.code, m.Modified = code, false }

// wrote sets Modified if one of the n bytes at a is noted code.
func (m *Memory) wrote(a uint64, n int) {
	if m.code != nil && m.code.Has(a, n) {
		m.Modified = true
	}
}

// Break returns the end of the heap.
func (m *Memory) Break() uint64 { return m.base + m.size }

// HeapBase returns the start of the heap, which is the initial break.
func (m *Memory) HeapBase() uint64 { return m.base + uint64(len(m.perms))*PageSize }

// SetBreak moves the end of the heap to end, rounded up to a page. It reports whether
// the heap may end there.
func (m *Memory) SetBreak(end uint64) bool {
	size := end - m.base
	if end < m.HeapBase() || size > m.maxSize {
		return false
	}
	size = (size + PageSize - 1) &^ (PageSize - 1)
	if size < m.size {
		clear(m.linear[m.stackSize+size : m.stackSize+m.size])
	}
	m.size = size
	m.Extend(blocks(m.stackSize + size))
	return true
}

// Extend extends Linear to n bytes, if it is shorter.
func (m *Memory) Extend(n uint64) {
	if old := uint64(len(m.linear)); n > old {
		if n > uint64(cap(m.linear)) {
			longer := make([]byte, n, max(n, min(2*old, m.MaxLinear())))
			copy(longer, m.linear)
			m.linear = longer
		}
		m.linear = m.linear[:n] // still zero
	}
}
