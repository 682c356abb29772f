package audit

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/hex0"
	"stage0/internal/disasm"
	"stage0/internal/elffile"
	"stage0/internal/lazyregexp"
	"stage0/source"
)

// maxSize is the maximum size of a text or a binary in bytes. Hand-written
// files and the ladders' programs are far smaller.
const maxSize = 16 << 20

// A unit is the state of auditing one file.
type unit struct {
	*Listing
	*machine
	src    source.Source
	opt    Options
	parts  []part
	data   []byte // all bytes
	gaps   []bool // for each: unresolved
	lineOf []int  // for each: index of its line

	labels  map[string][]uint64 // addresses of each label, including labels in comments; the last one counts
	defined []definition        // in order
	used    map[string]bool     // labels that something refers to
	names   map[uint64]string   // of the labels, by address; the last if there are several
	based   map[int]bool        // lines with a pointer that depends on the base address
	missing map[uint64]string   // addresses of pointers to undefined labels: the label's name
	outside map[string]bool     // labels defined by the texts in Options.With

	insts   map[uint64]disasm.Inst // decoded, by address
	reached map[uint64]bool        // those of insts that something leads to
	failed  map[uint64]bool        // addresses that something leads to but that are not instructions
	claims  []claim                // for each line
	macros  map[string]string      // M1 macros and their values
	defines []define
	others  []define        // from the texts in Options.With
	wrong   map[string]bool // names whose DEFINE is wrong
}

// A definition is the definition of a label.
type definition struct {
	name      string
	addr      uint64
	line, col int // line is an index
	comment   bool
}

// File lists a file. It detects the format from the name and the first bytes,
// and returns an error if it cannot. See Text for other errors.
func File(src source.Source, opt Options) (*Listing, error) {
	text, err := readAll(src)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(text, []byte("\x7FELF")) {
		return listBinary(src, text, opt)
	}
	formats := map[string]Format{".hex0": Hex0, ".hex1": Hex1, ".hex2": Hex2, ".m1": M1}
	format, ok := formats[strings.ToLower(path.Ext(src.Name))]
	if !ok {
		return nil, fmt.Errorf("%s: not an ELF file, and its name does not end in .hex0, .hex1, .hex2 or .M1", src.Name)
	}
	return Text(src, format, opt)
}

// Text lists a text. It returns errors of reading it and of the format's
// assembler, and an error if the architecture is unknown or the text has more
// than 16 MiB.
func Text(src source.Source, format Format, opt Options) (*Listing, error) {
	text, err := readAll(src)
	if err != nil {
		return nil, err
	}
	u := newUnit(src, format, opt)
	if u.Arch == "" && isBootSector(text) {
		u.Arch = "x86-16"
		u.Base = bootAddress
	}
	if u.Arch == "" {
		u.Arch = elffile.Arch(assembled(text))
	}
	if u.Arch == "" {
		u.Arch = archOfPath(src.Name)
	}
	if err := u.setMachine(); err != nil {
		return nil, err
	}
	if err := u.read(string(text)); err != nil {
		return nil, err
	}
	if err := u.assemble(); err != nil {
		return nil, err
	}
	if err := u.layOut(); err != nil {
		return nil, err
	}
	u.readComments()
	u.decode()
	u.check()
	u.finish()
	return u.Listing, nil
}

// readAll returns a text, or an error if it is too large.
func readAll(src source.Source) ([]byte, error) {
	if len(src.Text) > maxSize {
		return nil, fmt.Errorf("%s: too large, expected at most %d bytes", src.Name, maxSize)
	}
	return src.Text, nil
}

func newUnit(src source.Source, format Format, opt Options) *unit {
	return &unit{
		Listing: &Listing{name: src.Name, Format: format, Arch: opt.Arch, Base: opt.Base},
		src:     src, opt: opt,
		labels: map[string][]uint64{}, used: map[string]bool{}, outside: map[string]bool{},
		insts: map[uint64]disasm.Inst{}, reached: map[uint64]bool{}, failed: map[uint64]bool{}, wrong: map[string]bool{},
		names: map[uint64]string{}, based: map[int]bool{}, missing: map[uint64]string{},
	}
}

// setMachine looks up the architecture. Without a disassembler, nothing is
// known about it.
func (u *unit) setMachine() error {
	if u.machine = machines[u.Arch]; u.machine != nil {
		return nil
	}
	if _, known := arch.Lookup(u.Arch); !known && u.Arch != "" {
		return fmt.Errorf("unknown architecture %q", u.Arch)
	}
	u.machine = &machine{align: 1}
	return nil
}

var pathWord = lazyregexp.New(`[A-Za-z0-9]+`)

// archOfPath returns the architecture that a path names, the last one if there
// are several, or "".
func archOfPath(name string) string {
	words := map[string]string{"i386": "x86", "knight": "knight-posix"}
	for _, a := range arch.All {
		words[strings.ToLower(a.Name)] = a.Name
	}
	found := ""
	for _, w := range pathWord.FindAllString(name, -1) {
		if a := words[strings.ToLower(w)]; a != "" {
			found = a
		}
	}
	return found
}

// bootAddress is the address at which a PC loads its boot sector.
const bootAddress = 0x7C00

// isBootSector reports whether a text in plain digits is a boot sector.
func isBootSector(text []byte) bool {
	b := assembled(text)
	return len(b) == 512 && b[510] == 0x55 && b[511] == 0xAA
}

// assembled returns hex0's output for the start of a text.
func assembled(text []byte) []byte {
	var out bytes.Buffer
	if err := hex0.Assemble(&out, source.Bytes("", text[:min(len(text), 64<<10)]), hex0.Options{}); err != nil {
		return nil
	}
	return out.Bytes()
}

// read splits the text into lines and parts.
func (u *unit) read(text string) error {
	text = strings.TrimSuffix(text, "\n")
	for i, t := range strings.Split(text, "\n") {
		u.Lines = append(u.Lines, Line{Number: i + 1, Text: strings.TrimSuffix(t, "\r")})
	}
	if u.Format == M1 {
		return u.readM1(text)
	}
	s := syntaxOf(u.Format, u.machine)
	open := false
	for i := range u.Lines {
		line := &u.Lines[i]
		code, comment := s.splitComment(line.Text)
		line.Code, line.Comment = strings.TrimSpace(code), trimComment(comment)
		var parts []part
		parts, open = s.scanCode(code, i, 1, open)
		u.parts = append(u.parts, parts...)
		for _, p := range parts {
			if p.kind == junk && u.Format != Hex0 { // hex0 reports these itself
				u.report(i, p.col, Warning, "text", "%q means nothing; it is skipped", p.text)
			}
		}
	}
	for _, with := range u.opt.With {
		if err := u.readWith(with, s); err != nil {
			return err
		}
	}
	return nil
}

// readWith records the labels that a text in Options.With defines and uses.
func (u *unit) readWith(src source.Source, s syntax) error {
	text, err := readAll(src)
	if err != nil {
		return err
	}
	for _, t := range strings.Split(string(text), "\n") {
		code, _ := s.splitComment(t)
		parts, _ := s.scanCode(code, 0, 1, false)
		for _, p := range parts {
			u.noteOutside(p)
		}
	}
	return nil
}

func (u *unit) noteOutside(p part) {
	switch p.kind {
	case label:
		u.outside[p.name] = true
	case pointer:
		u.used[p.name], u.used[p.base] = true, true
	}
}

// address returns the address of a label.
func (u *unit) address(name string) (uint64, bool) {
	all := u.labels[name]
	if len(all) == 0 {
		return 0, false
	}
	return all[len(all)-1], true
}

// at returns the bytes from an address on.
func (u *unit) at(addr uint64) []byte {
	if addr < u.Base || addr >= u.Base+uint64(len(u.data)) {
		return nil
	}
	return u.data[addr-u.Base:]
}

// unresolved reports whether one of the n bytes at addr points to an undefined
// label.
func (u *unit) unresolved(addr uint64, n int) bool {
	off := int(addr - u.Base)
	return off >= 0 && off < len(u.gaps) && slices.Contains(u.gaps[off:min(off+n, len(u.gaps))], true)
}

// lineAt returns the index of the line that has the byte at addr, or -1.
func (u *unit) lineAt(addr uint64) int {
	if addr < u.Base || addr-u.Base >= uint64(len(u.lineOf)) {
		return -1
	}
	return u.lineOf[addr-u.Base]
}

// report adds a finding to a line, at column col.
func (u *unit) report(line, col int, severity Severity, check, format string, args ...any) {
	l := &u.Lines[line]
	f := Finding{
		Position: source.Position{Name: u.name, Line: l.Number, Col: col},
		address:  l.Address, Severity: severity, Check: check, Message: fmt.Sprintf(format, args...),
	}
	l.Findings = append(l.Findings, f)
}

// codeCol returns the column of a line's code.
func (u *unit) codeCol(line int) int {
	return strings.Index(u.Lines[line].Text, u.Lines[line].Code) + 1
}

// commentCol returns the column of a text in a line's comment.
func (u *unit) commentCol(line int, text string) int {
	l := &u.Lines[line]
	if i := strings.LastIndex(l.Text, text); i >= 0 && text != "" {
		return i + 1
	}
	return u.codeCol(line)
}

// trimComment removes the signs that start a comment.
func trimComment(s string) string { return strings.TrimSpace(strings.TrimLeft(s, "#; \t")) }

func little(b []byte) uint64 {
	var all [8]byte
	copy(all[:], b)
	return binary.LittleEndian.Uint64(all[:])
}
