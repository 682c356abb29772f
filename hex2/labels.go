package hex2

import (
	"hash/maphash"
	"math/bits"
)

// labels maps names to addresses. Names are not copied: a label is the place
// of its name in the texts, where it is compared. So a label takes 14 bytes,
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

// overridden is the place of a label once its name is defined again.
const overridden = 1<<32 - 1

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
func (t *labels) index(again func(before, at uint32) error) error {
	t.slots = make([]uint32, uint64(t.count)*3/2+1)
	t.numberMask = 1<<bits.Len32(t.count) - 1
	t.seed = maphash.MakeSeed()
	var name []byte
	for number := uint32(1); number <= t.count; number++ {
		l := t.get(number)
		name = t.texts.appendName(name[:0], l.at)
		slot, tag := t.find(name)
		if *slot != 0 {
			before := t.get(*slot & t.numberMask)
			if err := again(before.at, l.at); err != nil {
				return err
			}
			before.at = overridden
		}
		*slot = tag | number
	}
	return t.texts.err
}

// find returns the slot of a label, empty if there is none of that name, and
// the bits of the name's hash that belong there.
func (t *labels) find(name []byte) (slot *uint32, tag uint32) {
	// The high half of the product is uniform in 0 to len(t.slots)-1, and the
	// low half says where between two slots the hash would be.
	i, between := bits.Mul64(maphash.Bytes(t.seed, name), uint64(len(t.slots)))
	tag = uint32(between>>32) &^ t.numberMask
	for {
		slot = &t.slots[i]
		if *slot == 0 || *slot&^t.numberMask == tag && t.texts.nameIs(name, t.get(*slot&t.numberMask).at) {
			return slot, tag
		}
		if i++; i == uint64(len(t.slots)) {
			i = 0
		}
	}
}

// lookup returns the label of a name, nil if there is none. Pointers often go
// through the labels in order, as those of a symbol table do: so before it
// searches, lookup tries the label that it found the last time, whose number is
// *last (0 at first), and the one after it.
func (t *labels) lookup(name []byte, last *uint32) *label {
	for number := max(*last, 1); number <= min(*last+1, t.count); number++ {
		if l := t.get(number); l.at != overridden && t.texts.nameIs(name, l.at) {
			*last = number
			return l
		}
	}
	slot, _ := t.find(name)
	if *slot == 0 {
		return nil
	}
	*last = *slot & t.numberMask
	return t.get(*last)
}
