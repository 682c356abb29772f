package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"stage0/internal/audit"
	"stage0/internal/clean"
	"stage0/internal/elffile"
	"stage0/source"
)

// sourceLines returns the lines of a program's sources by the addresses of their
// bytes. The sources must be in the order in which they were linked, from the start
// of the program's file.
func sourceLines(names []string, file []byte) (map[uint64]string, error) {
	var all []source.Source
	for _, name := range names {
		text, err := readAll(name)
		if err != nil {
			return nil, err
		}
		all = append(all, source.Bytes(name, text))
	}
	f, err := elffile.Open(file)
	if err != nil {
		return nil, err
	}
	base, _ := f.Base()
	lines := map[uint64]string{}
	at := 0
	for i, src := range all {
		opt := audit.Options{Arch: elffile.Arch(file), Base: base + uint64(at)}
		opt.With = append(append(opt.With, all[:i]...), all[i+1:]...)
		l, err := audit.File(src, opt)
		if err != nil {
			return nil, err
		}
		for _, line := range l.Lines {
			if len(line.Bytes) == 0 {
				continue
			}
			if err := sameBytes(src.Name, line, file, at); err != nil {
				return nil, err
			}
			lines[base+uint64(at)] = fmt.Sprintf("%s:%d: %s", clean.String(filepath.Base(src.Name)), line.Number,
				clean.String(strings.Join(strings.Fields(line.Text), " ")))
			at += len(line.Bytes)
		}
	}
	return lines, nil
}

// sameBytes compares the bytes of a line with those of a file at an offset, except
// for bytes that refer to labels of other sources.
func sameBytes(name string, line audit.Line, file []byte, at int) error {
	for i, b := range line.Bytes {
		switch {
		case line.Unresolved != nil && line.Unresolved[i]:
		case at+i >= len(file):
			return fmt.Errorf("%s:%d: the program ends before this line (--source)", name, line.Number)
		case file[at+i] != b:
			return fmt.Errorf("%s:%d: byte %#x is %02x, but %02x in the program (--source)", name, line.Number, at+i, b, file[at+i])
		}
	}
	return nil
}
