package audit

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/hex0"
	"stage0/hex2"
	"stage0/source"
)

// assemble assembles the text. Pointers to labels that are not in the text are
// 0.
func (u *unit) assemble() error {
	var out bytes.Buffer
	if u.Format == Hex0 {
		opt := hex0.ForArch(u.Arch)
		opt.Warn = func(w *source.Error) {
			at := w.Position()
			u.report(at.Line-1, at.Col, Warning, "text", "%s", w.Msg)
		}
		err := hex0.Assemble(&out, u.src, opt)
		u.data = out.Bytes()
		return err
	}
	if u.Arch == "" {
		return fmt.Errorf("%s: which architecture it is for does not show; say so", u.name)
	}
	if u.Base > math.MaxUint32 {
		return fmt.Errorf("%s: base address %#x does not fit in 32 bits, as the assembler has it", u.name, u.Base)
	}
	options := hex2.Options{Arch: u.Arch, Base: uint32(u.Base)}
	if u.Format == Hex1 {
		options.Mode = hex2.SeedHex1
	}
	a, _ := arch.Lookup(u.Arch)
	options.BigEndian = a.BigEndian
	err := hex2.Link(&out, []source.Source{source.String(u.name, u.closed())}, options)
	u.data = out.Bytes()
	var fault *source.Error
	if errors.As(err, &fault) {
		at := fault.Position()
		at.Col = u.codeCol(min(at.Line, len(u.Lines)) - 1) // its column in the file
		fault.Place = at
	}
	return err
}

// closed returns the text in hex2, line by line, with zeros for the pointers to
// undefined labels.
func (u *unit) closed() string {
	defined := map[string]bool{}
	for _, p := range u.parts {
		if p.kind == label {
			defined[p.name] = true
		}
	}
	var text strings.Builder
	line := 0
	for i := range u.parts {
		p := &u.parts[i]
		for ; line < p.line; line++ {
			text.WriteByte('\n')
		}
		switch {
		case p.kind == junk:
			continue
		case p.kind == pointer && (!defined[p.name] || p.base != "" && !defined[p.base]):
			p.missing = true
			text.WriteString(strings.Repeat("00", p.size))
		default:
			text.WriteString(p.text)
		}
		text.WriteByte(' ')
	}
	text.WriteByte('\n')
	return text.String()
}

// layOut assigns each part its address, and each line its bytes. It is an error
// if the parts are not as long as the assembler's output.
func (u *unit) layOut() error {
	u.Size = len(u.data)
	u.gaps = make([]bool, len(u.data))
	u.markGaps()
	if h, ok := parseHeader(u.data, u.gaps); ok {
		if base, ok := h.Base(); ok {
			u.Base = base
		}
	}
	at := 0
	lines := make([]struct{ start, end int }, len(u.Lines))
	next := 0
	for i := range u.parts {
		p := &u.parts[i]
		for ; next <= p.line; next++ {
			lines[next].start, lines[next].end = at, at
		}
		if p.kind == padding {
			p.size = u.paddingAt(at)
		}
		p.addr = u.Base + uint64(at)
		at += p.size
		if at > len(u.data) {
			break
		}
		lines[p.line].end = at
		if p.kind == label {
			u.define(definition{p.name, p.addr, p.line, p.col, false})
		}
		if p.missing {
			u.missing[p.addr] = p.name
		}
		if p.kind == pointer {
			u.used[p.name], u.used[p.base] = true, true
			if p.size > 0 && (p.sigil == '&' || p.sigil == '$') {
				u.based[p.line] = true
			}
		}
	}
	if at != len(u.data) {
		return fmt.Errorf("%s: the assembler makes %d bytes of it, expected %d", u.name, len(u.data), at)
	}
	for ; next < len(lines); next++ {
		lines[next].start, lines[next].end = at, at
	}
	for i := range u.Lines {
		line := &u.Lines[i]
		start, end := lines[i].start, lines[i].end
		line.Address = u.Base + uint64(start)
		line.Bytes = u.data[start:end:end]
		for range line.Bytes {
			u.lineOf = append(u.lineOf, i)
		}
		if slices.Contains(u.gaps[start:end], true) {
			line.Unresolved = u.gaps[start:end]
		}
	}
	return nil
}

// markGaps marks the bytes that are unknown because they point to undefined
// labels. A pointer that sets bits makes the 4 bytes after it unknown.
func (u *unit) markGaps() {
	at := 0
	for _, p := range u.parts {
		if p.kind == padding {
			p.size = u.paddingAt(at)
		}
		if p.missing {
			n := p.size
			if n == 0 {
				n = 4
			}
			for j := at; j < min(at+n, len(u.gaps)); j++ {
				u.gaps[j] = true
			}
		}
		at += p.size
	}
}

// paddingAt returns the number of bytes from an offset to an aligned address.
func (u *unit) paddingAt(off int) int {
	return (u.align - (int(u.Base)+off)%u.align) % u.align
}

func (u *unit) define(d definition) {
	u.labels[d.name] = append(u.labels[d.name], d.addr)
	u.defined = append(u.defined, d)
	u.names[d.addr] = d.name
	u.Lines[d.line].Labels = append(u.Lines[d.line].Labels, d.name)
}
