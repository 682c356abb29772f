package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"stage0/internal/disasm"
	"stage0/internal/elffile"
	"stage0/internal/listing"
	"stage0/source"
)

// listBinary lists a program: the header fields, one per line, then the
// instructions and the other bytes. The only comments are the names of the
// fields.
func listBinary(src source.Source, data []byte, opt Options) (*Listing, error) {
	u := newUnit(src, Binary, opt)
	if u.Arch == "" {
		u.Arch = elffile.Arch(data)
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
	if base, ok := h.Base(); ok {
		u.Base = base
	}
	u.addLine(0, len(data), "") // for decode; replaced below by a line for each field and instruction
	u.claims = []claim{{}}
	symbols := u.symbols(h)
	if disasm.Known(u.Arch) {
		if entry, ok := h.Get("e_entry"); ok {
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
		if i := u.lineAt(f.address); i >= 0 {
			u.Lines[i].Findings = append(u.Lines[i].Findings, f)
		}
	}
	u.checkHeader()
	u.finish()
	return u.Listing, nil
}

// symbols returns the names in the symbol table, by address.
func (u *unit) symbols(h header) map[uint64][]string {
	names := map[uint64][]string{}
	for _, s := range h.Symbols() {
		if u.at(s.Value) != nil {
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
	for _, r := range h.records() {
		start := r.Fields[0].Offset
		if start > at {
			break
		}
		for more := start == at; more; {
			more = false
			for _, f := range r.Fields {
				if f.Offset == at && at+f.Size <= len(u.data) {
					u.addLine(at, at+f.Size, f.Name)
					at += f.Size
					more = true
				}
			}
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
			for end < min(at+listing.RowBytes, len(u.data)) && !u.startsInst(u.Base+uint64(end)) && symbols[u.Base+uint64(end)] == nil {
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
