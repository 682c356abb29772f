package audit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"stage0/arch"
	"stage0/ccseed"
	"stage0/internal/clean"
	"stage0/m2planet"
	"stage0/source"
)

// A Pair is a compiler and the table of definitions that its output is assembled with.
type Pair struct {
	Compiler string // cc_x86, M2-Planet and so on
	Arch     string // that it compiles for, as in package arch
	Table    string // path of the table in the tree
	Pieces   int    // how many pieces of code the compiler can write

	// Findings has the pieces that are not right with the table, one for each message.
	Findings []PairFinding
}

// Print writes what was found as text for people, in a form that can be sent to the
// compiler's authors.
func (p *Pair) Print(out io.Writer) error {
	w := clean.Writer{W: out}
	var b strings.Builder
	name := p.Compiler
	if name == "M2-Planet" {
		name += " for " + p.Arch
	}
	if len(p.Findings) == 0 {
		fmt.Fprintf(&b, "%s: defines what %s writes, %s of code\n", p.Table, name, clean.Count(p.Pieces, "piece"))
	}
	for _, f := range p.Findings {
		fmt.Fprintf(&b, "%s: error: %s can write this: %s [compiler]\n", p.Table, name, f.Message)
		for line := range strings.Lines(f.Code + "\n") {
			b.WriteString("    " + line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// A PairFinding is a piece of code that a compiler can write and that is not right with
// the table.
type PairFinding struct {
	Code    string // M1 text, one or several lines
	Message string
}

// Compilers compares what the compilers of a stage0-posix tree can write with the tables
// of definitions: each word is defined, and each piece of code is whole instructions. What
// they can write is known from packages ccseed and m2planet, so it is that of the releases. Tables
// that the tree does not have are left out.
func Compilers(tree fs.FS) ([]*Pair, error) {
	var pairs []*Pair
	add := func(p *Pair, codes ...[]string) error {
		text, err := fs.ReadFile(tree, p.Table)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		for i, code := range codes {
			found, err := badPieces(code, p.Arch, source.Bytes(p.Table, text))
			if err != nil {
				return err
			}
			if i == 0 || len(found) < len(p.Findings) { // the dialect that the table is for
				p.Pieces, p.Findings = len(code), found
			}
		}
		seen := map[string]bool{}
		p.Findings = slices.DeleteFunc(p.Findings, func(f PairFinding) bool {
			again := seen[f.Message]
			seen[f.Message] = true
			return again
		})
		pairs = append(pairs, p)
		return nil
	}
	for _, a := range arch.Ladders() {
		var codes [][]string
		dialects := ccseed.Dialects()
		for i := range dialects {
			code, err := ccseed.Code(a.Name, dialects[len(dialects)-1-i]) // the newest first
			if err != nil {
				return nil, err
			}
			codes = append(codes, code)
		}
		if err := add(&Pair{Compiler: "cc_" + a.Name, Arch: a.Name, Table: path.Join(a.Dir, a.Name+"_defs.M1")}, codes...); err != nil {
			return nil, err
		}
	}
	for _, name := range m2planet.Architectures() {
		code, err := m2planet.Code(name)
		if err != nil {
			return nil, err
		}
		if err := add(&Pair{Compiler: "M2-Planet", Arch: name, Table: tableOf(name)}, code); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// tableOf returns the path of M2libc's table for an architecture.
func tableOf(name string) string {
	dir, _, _ := strings.Cut(name, "-") // knight-posix and knight-native share a directory
	if name == "knight-posix" {
		name = dir
	}
	return path.Join("M2libc", dir, name+"_defs.M1")
}

// badPieces returns the pieces of code that are not right with a table.
func badPieces(code []string, arch string, table source.Source) ([]PairFinding, error) {
	var bad []PairFinding
	for _, piece := range code {
		l, err := Text(source.String("code.M1", piece), M1, Options{Arch: arch, With: []source.Source{table}})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table.Name, err)
		}
		message := ""
		for _, check := range []string{"unknown", "text", "size", "code"} { // what is unknown makes the others wrong
			for _, f := range l.Findings(Warning) {
				if f.Check == check && message == "" {
					message = f.Message
				}
			}
		}
		if m := machines[arch]; m != nil && l.Size%m.align != 0 && message == "" {
			message = fmt.Sprintf("its %s are not whole instructions", clean.Count(l.Size, "byte"))
		}
		if message != "" {
			bad = append(bad, PairFinding{strings.TrimSpace(piece), message})
		}
	}
	return bad, nil
}
