package mesoplanet

import (
	"bytes"
	"io"
	"sort"

	"stage0/internal/cpp"
	"stage0/source"
)

// A Program is a preprocessed program.
type Program struct {
	Stdio bool // stdio.h was included

	text    []byte
	origins []origin // in the order of the text
}

// An origin is the source of the text up to the next origin.
type origin struct {
	start int // offset in the text
	file  *cpp.File
	off   int32 // in the file
	made  bool  // by a macro, which is used at off; else the file goes on alike
}

// append appends a token.
func (p *Program) append(t *cpp.Token) {
	o := origin{len(p.text), t.File, t.Off, false}
	if t.Made != nil {
		at := &t.Made.Outer.At
		o = origin{len(p.text), at.File, at.Off, true}
	}
	if p.text = append(p.text, t.Text...); len(p.text) > maxOutput {
		t.Fail("the program is longer than %d bytes", maxOutput)
	}
	if n := len(p.origins); n > 0 {
		last := p.origins[n-1]
		goesOn := last.off
		if !last.made {
			goesOn += int32(o.start - last.start)
		}
		if o == (origin{o.start, last.file, goesOn, last.made}) {
			return
		}
	}
	p.origins = append(p.origins, o)
}

// Write writes the text of the program. Its errors are w's.
// upstream: output_tokens
func (p *Program) Write(w io.Writer) error {
	_, err := w.Write(p.text)
	return err
}

// Position returns the source of the byte at a line and a column of the program's
// text, both counted from 1. For a byte made by a macro it is the use of the
// outermost macro. ok is false if there is no such byte.
func (p *Program) Position(line, col int) (pos source.Position, ok bool) {
	text, off := p.text, 0
	for range line - 1 {
		i := bytes.IndexByte(text[off:], '\n')
		if i < 0 {
			return source.Position{}, false
		}
		off += i + 1
	}
	if i := bytes.IndexByte(text[off:], '\n'); i >= 0 {
		text = text[:off+i+1]
	}
	if off += col - 1; line < 1 || col < 1 || off >= len(text) {
		return source.Position{}, false
	}
	o := p.origins[sort.Search(len(p.origins), func(i int) bool { return p.origins[i].start > off })-1]
	at := int(o.off)
	if !o.made {
		at += off - o.start
	}
	return o.file.Position(at), true
}
