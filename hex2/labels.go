package hex2

import (
	"hash/maphash"
	"math/bits"
)

// labels maps names to addresses. Names are not copied: a label is the place
// of its name in the texts, where it is compared. So a label takes 13 bytes,
// however long its name.
//
// The first pass adds the labels. Then index makes the hash table, once and in
// the right size, and the second pass looks them up.
type labels struct {
	texts  texts
	blocks [][]label // in the order of the texts; of blockSize each but the last
	count  uint32

	// The hash table, with linear probing. A slot is 0 if it is empty. Its low
	// bits are the number of a label, from 1, and the bits above them are bits
	// of the name's hash, so that few other names need be compared.
	slots      []uint32
	numberMask uint32
	seed       maphash.Seed
}

// A label is the place of its name and its address.
type label struct{ at, address uint32 }

const blockSize = 1 << 12

// add adds the label whose name is at at.
func (t *labels) add(at, address uint32) {
	if t.count%blockSize == 0 {
		t.blocks = append(t.blocks, make([]label, 0, blockSize))
	}
	last := &t.blocks[len(t.blocks)-1]
	*last = append(*last, label{at, address})
	t.count++
}

// get returns a label by its number, from 1.
func (t *labels) get(number uint32) *label {
	return &t.blocks[(number-1)/blockSize][(number-1)%blockSize]
}

// index makes the hash table. If a name has several labels, the last is the
// one that counts, and again is told of each pair of them.
func (t *labels) index(again func(name []byte, before, at uint32) error) error {
	t.slots = make([]uint32, uint64(t.count)*5/4+1)
	t.numberMask = 1<<bits.Len32(t.count) - 1
	t.seed = maphash.MakeSeed()
	var name []byte
	for number := uint32(1); number <= t.count; number++ {
		at := t.get(number).at
		name = t.texts.appendName(name[:0], at)
		slot, tag, before := t.find(name)
		if before != nil {
			if err := again(name, before.at, at); err != nil {
				return err
			}
		}
		*slot = tag | number
	}
	return t.texts.err
}

// find returns the slot for name, the bits of its hash that are kept there,
// and its label, nil if there is none.
func (t *labels) find(name []byte) (slot *uint32, tag uint32, l *label) {
	// The high half of the product is uniform in 0 to len(t.slots)-1, and the
	// low half says where between two slots the hash would be.
	i, between := bits.Mul64(maphash.Bytes(t.seed, name), uint64(len(t.slots)))
	tag = uint32(between>>32) &^ t.numberMask
	for {
		slot = &t.slots[i]
		if *slot == 0 {
			return slot, tag, nil
		}
		if *slot&^t.numberMask == tag {
			if l = t.get(*slot & t.numberMask); t.texts.nameIs(name, l.at) {
				return slot, tag, l
			}
		}
		if i++; i == uint64(len(t.slots)) {
			i = 0
		}
	}
}
