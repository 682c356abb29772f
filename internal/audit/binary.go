package audit

import (
	"bytes"
	"debug/elf"
	"fmt"
	"maps"
	"slices"
	"strings"

	"stage0/internal/disasm"
	"stage0/source"
)

// listBinary lists a program: the header fields, one per line, then the
// instructions and the other bytes. The only comments are the names of the
// fields.
func listBinary(src source.Source, data []byte, opt Options) (*Listing, error) {
	u := newUnit(src, Binary, opt)
	if u.Arch == "" {
		u.Arch = archOfELF(data)
	}
	if err := u.setMachine(); err != nil {
		return nil, err
	}
	u.data, u.gaps = data, make([]bool, len(data))
	u.Size = len(data)
	h, ok := parseHeader(data, u.gaps)
	if !ok {
		return nil, fmt.Errorf("%s: the ELF header is cut off", src.Name)
	}
	if base, ok := baseOfELF(data, u.gaps); ok {
		u.Base = base
	}
	u.addLine(0, len(data), "") // for decode; replaced below by a line for each field and instruction
	u.claims = []claim{{}}
	symbols := u.symbols()
	if disasm.Known(u.Arch) {
		if entry, ok := h.get("e_entry"); ok {
			u.follow(entry)
		}
		for _, at := range slices.Sorted(maps.Keys(symbols)) {
			if name := symbols[at][0]; strings.HasPrefix(name, "FUNCTION_") || name == "_start" {
				u.follow(at)
			}
		}
	}
	found := u.Lines[0].Findings
	u.Lines, u.lineOf, u.claims = nil, nil, nil
	at := u.headerLines(h)
	u.codeLines(at, symbols)
	u.claims = make([]claim, len(u.Lines))
	for _, f := range found {
		if i := u.lineAt(f.Address); i >= 0 {
			u.Lines[i].Findings = append(u.Lines[i].Findings, f)
		}
	}
	u.checkHeader()
	u.finish()
	return u.Listing, nil
}

// symbols returns the names in the symbol table, by address.
func (u *unit) symbols() map[uint64][]string {
	names := map[uint64][]string{}
	f, err := elf.NewFile(bytes.NewReader(u.data))
	if err != nil {
		return names // the header checks report what is wrong
	}
	table, err := f.Symbols()
	if err != nil {
		return names
	}
	for _, s := range table {
		if s.Name != "" && u.at(s.Value) != nil {
			names[s.Value] = append(names[s.Value], s.Name)
		}
	}
	return names
}

// addLine adds a line for the bytes between two offsets.
func (u *unit) addLine(from, to int, comment string) {
	i := len(u.Lines)
	u.Lines = append(u.Lines, Line{Address: u.Base + uint64(from), Bytes: u.data[from:to:to], Comment: comment})
	for range to - from {
		u.lineOf = append(u.lineOf, i)
	}
}

// headerLines adds a line for each header field, and returns the offset after
// them.
func (u *unit) headerLines(h header) int {
	at := 0
	add := func(base int, fields []fieldSpec) {
		for at < len(u.data) {
			found := false
			for _, f := range fields {
				if off, n := f.place(h.wide); base+off == at && at+n <= len(u.data) {
					u.addLine(at, at+n, f.name)
					at += n
					found = true
				}
			}
			if !found {
				return
			}
		}
	}
	add(0, headerFields)
	for _, s := range h.segs {
		if s > at {
			return at
		}
		if s == at {
			add(s, segmentFields)
		}
	}
	return at
}

// codeLines adds the rest, one line per instruction.
func (u *unit) codeLines(at int, symbols map[uint64][]string) {
	for at < len(u.data) {
		end := at + 1
		if inst, ok := u.insts[u.Base+uint64(at)]; ok {
			end = min(at+inst.Len, len(u.data))
		} else {
			for end < min(at+rowBytes, len(u.data)) && !u.startsInst(u.Base+uint64(end)) && symbols[u.Base+uint64(end)] == nil {
				end++
			}
		}
		u.addLine(at, end, "")
		for _, name := range symbols[u.Base+uint64(at)] {
			u.define(definition{name: name, addr: u.Base + uint64(at), line: len(u.Lines) - 1})
		}
		at = end
	}
}
