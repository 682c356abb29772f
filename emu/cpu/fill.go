package cpu

import "encoding/binary"

// Fill does iterations of the loop with which M2-Planet clears the buffer for a
// token, on which it spends much of its time:
//
//	while(0 <= i) { buffer[i] = value; i = i - 1; }
//
// The address variable is that of i, on the stack; pointer is that of the
// buffer's address, in the image; both have word bytes. As an iteration computes
// everything from i, what is left of those before the last one is the bytes,
// and i. Fill returns how many it has done: at most limit, and one less than
// there are. It does none where it would not be the same to do one after the
// other.
func (m *Memory) Fill(variable, pointer uint64, word int, value byte, limit uint64) uint64 {
	if !m.Stack.inside(variable, word) || !m.Load.inside(pointer, word) {
		return 0
	}
	i := loadWord(m.Stack.bytes(variable, word)) // too large if it is less than zero
	buffer := loadWord(m.Load.bytes(pointer, word))
	off, size := buffer-m.Store.Base, uint64(len(m.Store.Bytes))
	if i >= size || off >= size-i || // not all bytes are inside
		buffer < pointer+uint64(word) && pointer <= buffer+i { // one is the pointer's
		return 0
	}
	n := min(i, limit)
	bytes := m.Store.Bytes[off+i-n+1:][:n]
	for j := range bytes {
		bytes[j] = value
	}
	storeWord(m.Stack.bytes(variable, word), i-n)
	return n
}

// loadWord returns the little-endian number in 4 or 8 bytes, storeWord stores one.
func loadWord(b []byte) uint64 {
	if len(b) == 4 {
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func storeWord(b []byte, v uint64) {
	if len(b) == 4 {
		binary.LittleEndian.PutUint32(b, uint32(v))
	} else {
		binary.LittleEndian.PutUint64(b, v)
	}
}
