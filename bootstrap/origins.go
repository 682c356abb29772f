package bootstrap

import (
	"bytes"
	"path"
	"strconv"

	"stage0/internal/lazyregexp"
	"stage0/source"
)

// positions finds places in texts as programs print it: file:line, and some also
// the column.
var positions = lazyregexp.New(`([^\s:'"]+):([0-9]{1,9})(?::([0-9]{1,9}))?`)

// maxOrigins is the maximum number of places in a step's messages that are followed.
const maxOrigins = 5

// findOrigins sets Step.Origins of failed steps.
func (r *compared) findOrigins() {
	for _, step := range r.ledger.Steps {
		if step.Status != Failed {
			continue
		}
		for _, match := range positions.FindAllStringSubmatch(step.Messages, maxOrigins) {
			line, _ := strconv.Atoi(match[2])
			col, _ := strconv.Atoi(match[3]) // 0 if it is not said
			at := source.Position{Name: match[1], Line: line, Col: col}
			if from, ok := r.copiedFrom(abs(path.Join(mount, step.Dir), at.Name), at); ok {
				step.Origins = append(step.Origins, Origin{at, from})
			}
		}
	}
}

// copiedFrom follows a place in a file that was made, as far as each text is the
// texts that its step read, one after the other, as catm makes it.
func (r *compared) copiedFrom(name string, at source.Position) (from source.Position, ok bool) {
	name, err := rel(name)
	if err != nil {
		return from, false
	}
	line, col := at.Line, at.Col
	for range 10 {
		v := r.files.made[name]
		if v == nil || v.step < 0 {
			break
		}
		in, before := r.part(v, line)
		if in == nil {
			break
		}
		name, line, ok = in.Path, line-before, true
	}
	return source.Position{Name: name, Line: line, Col: col}, ok
}

// part returns the input of the step that made v that has a line of v, and how
// many lines of v are before that input; nil if v is not its inputs joined.
func (r *compared) part(v *version, line int) (in *File, before int) {
	step := r.ledger.Steps[v.step]
	rest := v.data
	lines := 0
	for i := range step.Inputs {
		text, err := r.files.peek(step.Inputs[i].Path)
		if err != nil || text.digest() != step.Inputs[i].Digest || !bytes.HasPrefix(rest, text.data) {
			return nil, 0
		}
		rest = rest[len(text.data):]
		n := bytes.Count(text.data, []byte("\n"))
		if in == nil && line <= lines+n {
			in, before = &step.Inputs[i], lines
		}
		lines += n
	}
	if len(rest) > 0 {
		return nil, 0
	}
	return in, before
}
