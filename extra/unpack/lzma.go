package unpack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz/lzma"

	"stage0/source"
)

// Exit statuses of unxz: upstream's error numbers.
const (
	xzData            = 1
	xzCRC             = 3
	xzFilterCount     = 53
	xzBlockFlags      = 54
	xzFilter          = 55
	xzProperties      = 56
	xzPadding         = 57
	xzBlockHeader     = 58
	xzCheckType       = 60
	xzDictionary      = 61
	xzDictionaryLarge = 62
)

// maxDictionary is the largest dictionary that upstream supports, in bytes.
const maxDictionary = 3 << 29

// Unxz writes the data of src, an .xz or .lzma file, at most limit bytes, and
// returns how many bytes follow what it has read.
func Unxz(w io.Writer, src source.Source, limit int64) (rest int64, err error) {
	in := newInput(src)
	if head, _ := in.buf.Peek(len(xzMagic)); string(head) != xzMagic {
		return unlzma(w, in, limit)
	}
	left := limit
	for {
		if err := unxzStream(w, in, limit, &left); err != nil {
			return 0, err
		}
		if head, _ := in.buf.Peek(len(xzMagic)); string(head) != xzMagic {
			return in.rest(), nil
		}
	}
}

const lzmaHeader = 13 // bytes

// unlzma writes the data of an .lzma file.
func unlzma(w io.Writer, in *input, limit int64) (rest int64, err error) {
	head, _ := in.buf.Peek(lzmaHeader + 1)
	if len(head) <= lzmaHeader {
		return 0, in.errorf(xzData, "the file is too short for an .xz or .lzma file")
	}
	props, dictionary, size := head[0], binary.LittleEndian.Uint32(head[1:]), binary.LittleEndian.Uint64(head[5:])
	unknown := size>>32 == 1<<32-1 // upstream looks only at these bits
	switch {
	case props >= 9*5*5 || dictionary < 1<<12 || size>>32 != 0 && !unknown || head[lzmaHeader] != 0:
		return 0, in.errorf(xzData, "this is neither an .xz nor an .lzma header")
	case dictionary > maxDictionary:
		return 0, in.errorf(xzData, "the dictionary has %d bytes, expected at most %d", dictionary, maxDictionary)
	case props%9+props/9%5 > 4:
		return 0, in.errorf(xzData, "lc is %d and lp is %d, expected at most 4 together", props%9, props/9%5)
	case !unknown && size > uint64(limit):
		return 0, in.errorf(xzData, "it unpacks to %d bytes, more than the limit; raise that with --limit if it is meant to", size)
	}
	// The decoder allocates the dictionary at once; it need not exceed the
	// maximum output.
	patched := bytes.Clone(head[:lzmaHeader])
	binary.LittleEndian.PutUint32(patched[1:], uint32(dictionaryFor(int64(dictionary), limit)))
	if unknown {
		binary.LittleEndian.PutUint64(patched[5:], 1<<64-1)
	}
	in.buf.Reset(io.MultiReader(bytes.NewReader(patched), bytes.NewReader(in.Text[lzmaHeader:])))
	z, err := lzma.NewReader(in)
	if err != nil {
		return 0, lzmaFault(in, err)
	}
	err = unpack(w, z, in, limit, func(err error) error { return lzmaFault(in, err) })
	return in.rest(), err
}

// dictionaryFor returns the dictionary size to use when at most limit bytes are
// unpacked.
func dictionaryFor(size, limit int64) int64 { return max(min(size, limit), lzma.MinDictCap) }

// lzmaFault converts an error of the LZMA decoder to an Error. Upstream, as M2-Planet
// compiles it, does not notice the end of the file: it decodes bytes 0xFF until it
// finds a fault in them.
func lzmaFault(in *input, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return in.errorf(xzData, "the file ends in the compressed data")
	}
	return in.errorf(xzData, "this is not LZMA data: %v", err)
}
