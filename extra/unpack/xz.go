package unpack

import (
	"bytes"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

const (
	xzMagic  = "\xFD7zXZ\x00"
	xzFooter = "YZ"
	xzLZMA2  = 0x21 // the filter ID
	xzIndex  = 0    // instead of a block header's size
)

// xzChecks has the block checks by their number in the stream flags.
var xzChecks = map[byte]func() hash.Hash{
	0: func() hash.Hash { return nil },
	1: func() hash.Hash { return crc32.NewIEEE() },
	4: func() hash.Hash { return crc64.New(crc64.MakeTable(crc64.ECMA)) },
}

// An xzRecord is a block's entry in the index, in bytes.
type xzRecord struct{ unpadded, unpacked uint64 }

// unxzStream writes the data of an .xz stream: a header, blocks, an index of
// them, and a footer.
func unxzStream(w io.Writer, in *input, limit int64, left *int64) error {
	head := make([]byte, 12)
	if err := in.fill(head); err != nil {
		return err
	}
	flags := head[6:8]
	newCheck, known := xzChecks[flags[1]]
	switch {
	case flags[0] != 0 || !known:
		return in.headerErrorf(xzCheckType, "stream flags are %02X %02X, expected 00 and 00, 01 or 04, for no check, CRC32 or CRC64", flags[0], flags[1])
	case !crcFits(flags, head[8:]):
		return in.errorf(xzCRC, "the checksum of the stream header is wrong")
	}
	var records []xzRecord
	for {
		size, err := in.ReadByte()
		switch {
		case err != nil:
			return lzmaFault(in, err)
		case size == xzIndex:
			return readIndex(in, flags, records)
		}
		record, err := unxzBlock(w, in, (int(size)+1)*4, newCheck(), limit, left)
		if err != nil {
			return err
		}
		records = append(records, record)
	}
}

// unxzBlock writes the data of a block. Its header has size bytes, of which the
// first has been read.
func unxzBlock(w io.Writer, in *input, size int, check hash.Hash, limit int64, left *int64) (r xzRecord, err error) {
	start := in.off - 1
	head := make([]byte, size)
	head[0] = byte(size/4 - 1)
	if err := in.fill(head[1:]); err != nil {
		return r, err
	}
	block, err := parseBlock(in, head)
	if err != nil {
		return r, err
	}
	body := in.off
	z, err := lzma.Reader2Config{DictCap: int(dictionaryFor(block.dictionary, limit))}.NewReader2(in)
	if err != nil {
		return r, lzmaFault(in, err)
	}
	var count counter
	out := io.MultiWriter(w, &count)
	if check != nil {
		out = io.MultiWriter(w, &count, check)
	}
	if err := unpack(out, z, in, *left, func(err error) error { return lzmaFault(in, err) }); err != nil {
		return r, err
	}
	*left -= int64(count)
	packed := uint64(in.off - body)
	if block.packed != nil && *block.packed != packed || block.unpacked != nil && *block.unpacked != uint64(count) {
		return r, in.errorf(xzData, "the block's sizes are not those that its header says")
	}
	r = xzRecord{uint64(in.off - start), uint64(count)}
	if err := in.zeros(int(-in.off & 3)); err != nil { // streams start at a multiple of 4
		return r, err
	}
	if check != nil {
		want := make([]byte, check.Size())
		if err := in.fill(want); err != nil {
			return r, err
		}
		r.unpadded += uint64(len(want))
		if have := check.Sum(nil); !bytes.Equal(reversed(have), want) {
			return r, in.errorf(xzCRC, "the checksum of the block is wrong")
		}
	}
	return r, nil
}

// A counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// An xzBlock is the contents of a block header; sizes are in bytes.
type xzBlock struct {
	packed, unpacked *uint64 // nil if the header does not say
	dictionary       int64
}

// parseBlock parses a block header.
func parseBlock(in *input, head []byte) (b xzBlock, err error) {
	if !crcFits(head[:len(head)-4], head[len(head)-4:]) {
		return b, in.errorf(xzCRC, "the checksum of the block header is wrong")
	}
	r := bytes.NewReader(head[1 : len(head)-4])
	flags, _ := r.ReadByte()
	switch {
	case flags&3 != 0:
		return b, in.headerErrorf(xzFilterCount, "the block has %d filters, expected 1", flags&3+1)
	case flags&0x3C != 0:
		return b, in.headerErrorf(xzBlockFlags, "block flags are %02X, expected 00, 40, 80 or C0", flags)
	}
	for _, size := range []struct {
		flag byte
		to   **uint64
	}{{0x40, &b.packed}, {0x80, &b.unpacked}} {
		if flags&size.flag != 0 {
			n, err := binary.ReadUvarint(r)
			if err != nil {
				return b, in.errorf(xzBlockHeader, "the block header is too short for what it says")
			}
			*size.to = &n
		}
	}
	filter := make([]byte, 3)
	switch _, err := io.ReadFull(r, filter); {
	case err != nil:
		return b, in.errorf(xzBlockHeader, "the block header is too short for what it says")
	case filter[0] != xzLZMA2:
		return b, in.headerErrorf(xzFilter, "the filter is %02X, expected %02X for LZMA2", filter[0], xzLZMA2)
	case filter[1] != 1:
		return b, in.headerErrorf(xzProperties, "the filter has %d bytes of properties, expected 1", filter[1])
	case filter[2] > 40:
		return b, in.headerErrorf(xzDictionary, "the size of the dictionary is number %d, expected at most 37", filter[2])
	}
	b.dictionary = (2 | int64(filter[2]&1)) << (filter[2]/2 + 11)
	if b.dictionary > maxDictionary {
		return b, in.headerErrorf(xzDictionaryLarge, "the dictionary has %d bytes, expected at most %d", b.dictionary, maxDictionary)
	}
	in.dictionary = true
	for r.Len() > 0 {
		if c, _ := r.ReadByte(); c != 0 {
			return b, in.errorf(xzPadding, "found %02X in the padding of the block header, expected 00", c)
		}
	}
	return b, nil
}

// readIndex reads the index and the footer, after the first byte, and compares
// them with the blocks.
func readIndex(in *input, flags []byte, records []xzRecord) error {
	start := in.off - 1
	sum := crc32.NewIEEE()
	sum.Write([]byte{xzIndex})
	r := summedBytes{in, sum}
	read := func() (n uint64, err error) {
		if n, err = binary.ReadUvarint(r); err != nil {
			err = lzmaFault(in, err)
		}
		return n, err
	}
	n, err := read()
	if err != nil {
		return err
	}
	if n != uint64(len(records)) {
		return in.errorf(xzData, "the index has %d blocks, the stream %d", n, len(records))
	}
	for i, want := range records {
		var have xzRecord
		if have.unpadded, err = read(); err != nil {
			return err
		}
		if have.unpacked, err = read(); err != nil {
			return err
		}
		if have != want {
			return in.errorf(xzData, "the index is wrong about block %d", i+1)
		}
	}
	padding := int(-in.off & 3)
	sum.Write(make([]byte, padding))
	if err := in.zeros(padding); err != nil {
		return err
	}
	tail := make([]byte, 4+12)
	if err := in.fill(tail); err != nil {
		return err
	}
	footer := tail[4:]
	switch size := in.off - 12 - start; {
	case binary.LittleEndian.Uint32(tail) != sum.Sum32():
		return in.errorf(xzCRC, "the checksum of the index is wrong")
	case string(footer[10:]) != xzFooter || !crcFits(footer[4:10], footer[:4]):
		return in.errorf(xzCRC, "the stream footer is wrong")
	case !bytes.Equal(footer[8:10], flags) || (int64(binary.LittleEndian.Uint32(footer[4:]))+1)*4 != size:
		return in.errorf(xzData, "the stream footer is not that of the stream")
	}
	return nil
}

// A summedBytes adds the bytes it reads to a checksum.
type summedBytes struct {
	in  *input
	sum hash.Hash32
}

func (r summedBytes) ReadByte() (byte, error) {
	c, err := r.in.ReadByte()
	if err == nil {
		r.sum.Write([]byte{c})
	}
	return c, err
}

// headerErrorf is errorf for what upstream finds where it may have no dictionary
// yet. If so it exits with 1, as M2libc's free does when it is given NULL.
func (in *input) headerErrorf(code int, format string, args ...any) error {
	if !in.dictionary {
		code = xzData
	}
	return in.errorf(code, format, args...)
}

// fill reads all of p.
func (in *input) fill(p []byte) error {
	if _, err := io.ReadFull(in, p); err != nil {
		return lzmaFault(in, err)
	}
	return nil
}

// zeros reads n zero bytes.
func (in *input) zeros(n int) error {
	for range n {
		c, err := in.ReadByte()
		if err != nil {
			return lzmaFault(in, err)
		}
		if c != 0 {
			return in.errorf(xzPadding, "found %02X in the padding, expected 00", c)
		}
	}
	return nil
}

// crcFits reports whether sum is the CRC32 of data, low byte first.
func crcFits(data, sum []byte) bool {
	return crc32.ChecksumIEEE(data) == binary.LittleEndian.Uint32(sum)
}

// reversed returns the bytes of a big-endian number as a little-endian one.
func reversed(p []byte) []byte {
	r := make([]byte, len(p))
	for i, c := range p {
		r[len(p)-1-i] = c
	}
	return r
}
