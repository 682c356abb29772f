package hex2

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"stage0/source"
)

// maxName is that of mescc-tools.
const maxName = 4095

// table returns the indexed table of labels whose names stand in texts, each
// after a ':', and whose addresses are 0, 1 and so on; and the last address of
// each name.
func table(t *testing.T, small int64, texts ...string) (*labels, map[string]uint32, []string) {
	t.Helper()
	var all labels
	ends := [256]bool{0: true, ' ': true, '\n': true}
	srcs := sources(texts...)
	for i, text := range texts {
		srcs[i] = reread(srcs[i].Name, text)
	}
	if err := all.texts.init(srcs, &ends, maxName, small); err != nil {
		t.Fatal(err)
	}
	want := map[string]uint32{}
	for i, text := range texts {
		for off := range len(text) {
			if text[off] == ':' {
				name, _, _ := strings.Cut(text[off+1:], "\n")
				want[name] = all.count
				all.add(all.texts.starts[i]+uint32(off)+1, all.count)
			}
		}
	}
	var again []string
	err := all.index(func(before, at uint32) error {
		src, off := all.texts.source(before)
		src2, off2 := all.texts.source(at)
		again = append(again, fmt.Sprint(src.Position(off), " ", src2.Position(off2)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &all, want, again
}

func TestLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for i, n := range []int{0, 1, 2, 3, 100, blockSize, 3*blockSize + 1, 3*blockSize + 2} {
		texts := []string{"", "", ""}
		for i := range n {
			name := fmt.Sprintf(":%0*d", rng.IntN(40), rng.IntN(n))
			if rng.IntN(100) == 0 {
				name += strings.Repeat("x", rng.IntN(maxName-50))
			}
			texts[3*i/n] += name + "\n"
		}
		all, want, _ := table(t, int64(i%2)<<30, texts...)
		var last uint32
		for name, address := range want {
			if l := all.lookup([]byte(name), &last); l == nil || l.address != address {
				t.Fatalf("%d labels: %.40s is %v, want address %d", n, name, l, address)
			}
			for _, other := range []string{name + "y", name[:len(name)-1] + "z", ""} {
				if l := all.lookup([]byte(other), &last); l != nil {
					t.Fatalf("%d labels: %.40s is %v, want none", n, other, l)
				}
			}
		}
		// In order, as symbol tables have them; with every guess that fails.
		for _, text := range texts {
			for name := range strings.FieldsSeq(text) {
				if l := all.lookup([]byte(name[1:]), &last); l == nil || l.address != want[name[1:]] {
					t.Fatalf("%d labels, in order: %.40s is %v, want address %d", n, name, l, want[name[1:]])
				}
			}
		}
	}
}

func TestLabelsAgain(t *testing.T) {
	all, _, again := table(t, 0, ":a\n:b\n:a\n", ":c\n:a\n")
	if got := strings.Join(again, ", "); got != "in0:1:2 in0:3:2, in0:3:2 in1:2:2" {
		t.Error(got)
	}
	for last := range uint32(6) {
		if l := all.lookup([]byte("a"), &last); l == nil || l.address != 4 {
			t.Errorf("a is %v, want address 4", l)
		}
	}
}

// The texts may be 4 GiB long, and no more.
func TestTextsTooLong(t *testing.T) {
	var none [256]bool
	long := source.Source{Size: 1<<32 - 2*pageSize}
	if err := new(texts).init([]source.Source{long}, &none, maxName, 0); err != nil {
		t.Error(err)
	}
	for _, srcs := range [][]source.Source{{long, long}, {long, reread("", "")}, {{Size: 1 << 40}}} {
		if err := new(texts).init(srcs, &none, maxName, 0); err != errTooLong {
			t.Error(err)
		}
	}
}
