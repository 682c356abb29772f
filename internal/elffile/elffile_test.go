package elffile_test

import (
	"debug/elf"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/elffile"
)

// small returns a 64-bit little-endian file with a program header, and n bytes
// after it.
func small(n int) []byte {
	data := make([]byte, 64+56+n)
	copy(data, "\x7fELF\x02\x01\x01")
	le := binary.LittleEndian
	le.PutUint16(data[16:], 2)
	le.PutUint16(data[18:], 0x3E)
	le.PutUint64(data[24:], 0x600078)
	le.PutUint64(data[32:], 64)
	le.PutUint16(data[56:], 1)
	le.PutUint32(data[64:], 1)
	le.PutUint32(data[68:], 5)
	le.PutUint64(data[80:], 0x600000)
	return data
}

func TestOpen(t *testing.T) {
	data := small(0)
	f, err := elffile.Open(data)
	require.NoError(t, err)
	assert.Equal(t, "amd64", elffile.Arch(data))
	assert.Equal(t, uint64(0x600078), f.Header().Value("e_entry"))
	base, ok := f.Base()
	assert.Equal(t, uint64(0x600000), base)
	assert.True(t, ok)
	assert.Equal(t, []elf.ProgHeader{{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_X, Vaddr: 0x600000}}, f.Programs())
	assert.Empty(t, f.Sections())
	assert.Empty(t, f.Symbols())

	for _, text := range []string{"", "\x7fEL", "#!/bin/sh"} {
		_, err := elffile.Open([]byte(text))
		assert.Equal(t, elffile.ErrNotELF, err, "%q", text)
		assert.Empty(t, elffile.Arch([]byte(text)))
	}
	for _, n := range []int{4, 5, 51, 52, 63} {
		_, err := elffile.Open(data[:n])
		assert.Equal(t, elffile.ErrCutOff, err, "%d bytes", n)
	}
}

// An unknown byte makes its field unknown; unknown places and numbers of program
// headers are the usual ones.
func TestUnknown(t *testing.T) {
	f, err := elffile.Open(small(0))
	require.NoError(t, err)
	f.Unknown = make([]bool, len(f.Data))
	f.Unknown[26], f.Unknown[39], f.Unknown[57], f.Unknown[80] = true, true, true, true
	_, ok := f.Header().Get("e_entry")
	assert.False(t, ok)
	_, ok = f.Header().Get("e_machine")
	assert.True(t, ok)
	assert.Len(t, f.Segments(), 1)
	_, ok = f.Base()
	assert.False(t, ok)
}

func TestBigEndian(t *testing.T) {
	data := small(0)
	data[5] = 2
	f, err := elffile.Open(data)
	require.NoError(t, err)
	assert.Equal(t, uint64(0x3E00), f.Header().Value("e_machine"))
	assert.Equal(t, uint64(0x7800600000000000), f.Header().Value("e_entry"))
}

// A file may claim to have more headers than are worth reading, or than it has.
func TestManyHeaders(t *testing.T) {
	data := small(1 << 16)
	copy(data[40:], data[32:40]) // e_shoff = e_phoff
	copy(data[56:], "\xff\xff")
	copy(data[60:], "\xff\xff")
	f, err := elffile.Open(data)
	require.NoError(t, err)
	assert.Len(t, f.Programs(), 64)
	assert.Len(t, f.Sections(), 64)
	f, err = elffile.Open(data[:64+2*64])
	require.NoError(t, err)
	assert.Len(t, f.Programs(), 2)
	assert.Len(t, f.Sections(), 2)
}

// Offsets of the headers may overflow.
func TestOverflow(t *testing.T) {
	data := small(0)
	for _, at := range []int{32, 40} {
		copy(data[at:], "\xff\xff\xff\xff\xff\xff\xff\xff")
	}
	data[60] = 3
	f, err := elffile.Open(data)
	require.NoError(t, err)
	assert.Empty(t, f.Segments())
	assert.Empty(t, f.Sections())
	assert.Empty(t, f.Text(1<<63, 1<<63))
	assert.False(t, f.Holds(8, 1<<64-8))
}

func TestSymbols(t *testing.T) {
	symbols := elffile.Symbols{{Name: "a", Value: 8}, {Name: "b", Value: 16}, {Name: "c", Value: 16}}
	for addr, want := range map[uint64]string{7: "", 8: "a", 15: "a+0x7", 16: "c", 17: "c+0x1"} {
		assert.Equal(t, want, symbols.Name(addr), "%d", addr)
	}
}
