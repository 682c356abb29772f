package trace

import (
	"debug/elf"
	"fmt"
	"slices"
	"sort"

	"stage0/internal/elffile"
)

// symbols are the symbols of a program's file, as written by blood-elf, sorted by
// address.
type symbols []elf.Symbol

// newSymbols returns the symbols of a file, if it has any.
func newSymbols(f *elffile.File) symbols {
	list := slices.DeleteFunc(f.Symbols(), func(s elf.Symbol) bool { return s.Section == elf.SHN_ABS })
	sort.SliceStable(list, func(i, j int) bool { return list[i].Value < list[j].Value })
	return list
}

// last returns the index of the last symbol at or before an address, or -1.
func (l symbols) last(addr uint64) int {
	return sort.Search(len(l), func(i int) bool { return l[i].Value > addr }) - 1
}

// at reports whether a symbol is at an address.
func (l symbols) at(addr uint64) bool {
	i := l.last(addr)
	return i >= 0 && l[i].Value == addr
}

// name formats an address as the last symbol before it plus an offset. It returns ""
// if there is none.
func (l symbols) name(addr uint64) string {
	i := l.last(addr)
	if i < 0 {
		return ""
	}
	name := l[i].Name
	if d := addr - l[i].Value; d > 0 {
		name += fmt.Sprintf("+%#x", d)
	}
	return name
}
