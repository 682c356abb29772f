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
	asked      uint32 // no more than what makes the compiler ask for slots
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
//
// Slots are all over the memory: to wait for one after the other would take
// longer than all the rest. So those of a batch of labels are asked for at once.
func (t *labels) index(again func(before, at uint32) error) error {
	t.slots = make([]uint32, uint64(t.count)*8/7+1)
	t.numberMask = 1<<bits.Len32(t.count) - 1
	t.seed = maphash.MakeSeed()
	var (
		batch [64]struct{ slot, tag uint32 }
		name  []byte
	)
	for first := uint32(1); first <= t.count; first += uint32(len(batch)) {
		n := min(uint32(len(batch)), t.count-first+1)
		for i := range n {
			name = t.texts.appendName(name[:0], t.get(first+i).at)
			batch[i].slot, batch[i].tag = t.home(name)
		}
		for _, b := range batch[:n] {
			t.asked |= t.slots[b.slot]
		}
		for i, b := range batch[:n] {
			l := t.get(first + uint32(i))
			slot := t.probe(b.slot, b.tag)
			for ; t.slots[slot] != 0; slot = t.probe(slot+1, b.tag) {
				before := t.get(t.slots[slot] & t.numberMask)
				name = t.texts.appendName(name[:0], l.at)
				if t.texts.nameIs(name, before.at) {
					if err := again(before.at, l.at); err != nil {
						return err
					}
					before.at = overridden
					break
				}
			}
			t.slots[slot] = b.tag | (first + uint32(i))
		}
	}
	return t.texts.err
}

// home returns the slot where a name should be, and the bits of its hash that
// are kept there.
func (t *labels) home(name []byte) (slot, tag uint32) {
	// The high half of the product is uniform in 0 to len(t.slots)-1, and the
	// low half says where between two slots the hash would be.
	high, low := bits.Mul64(maphash.Bytes(t.seed, name), uint64(len(t.slots)))
	return uint32(high), uint32(low>>32) &^ t.numberMask
}

// probe returns the first slot, from slot on, that is empty or has that tag.
func (t *labels) probe(slot, tag uint32) uint32 {
	for ; ; slot++ {
		if slot == uint32(len(t.slots)) {
			slot = 0
		}
		if s := t.slots[slot]; s == 0 || s&^t.numberMask == tag {
			return slot
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
	slot, tag := t.home(name)
	for slot = t.probe(slot, tag); t.slots[slot] != 0; slot = t.probe(slot+1, tag) {
		number := t.slots[slot] & t.numberMask
		if l := t.get(number); t.texts.nameIs(name, l.at) {
			*last = number
			return l
		}
	}
	return nil
}
