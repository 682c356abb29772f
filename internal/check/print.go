package check

import (
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// maxNames is how many names of unknown files are printed.
const maxNames = 20

// Print writes the result as text.
func (r *Result) Print(w io.Writer) error {
	p := clean.NewPrinter(w)
	if r.release == "" {
		p.Line("nearest: none")
	} else {
		p.Line("nearest: %s, %s: %d of %d", strings.TrimPrefix(r.release, "stage0-posix "), strings.Join(r.archs, ", "), r.count(matches), r.Known())
	}
	for _, hint := range r.hints {
		p.Line("         %s", hint)
	}
	p.Line("")
	var others []string
	for _, f := range r.findings {
		name := f.name
		if unnamed(f.name) && f.digest != nil {
			name = f.digest.String()
		}
		switch {
		case f.verdict == foreign && f.err != nil:
			others = append(others, fmt.Sprintf("%s (%v)", name, f.err))
			continue
		case f.verdict == foreign:
			others = append(others, name)
			continue
		}
		if f.verdict == matches {
			p.Line("%-4s  %s: %s", f.verdict, name, f.same)
			continue
		}
		p.Line("%-4s  %s", f.verdict, name)
		switch {
		case f.verdict == unconfirmed:
			p.Line("      the log says so, and has no digest to compare")
		case f.expected != "":
			p.Line("      should be %s", f.expected)
		}
		for _, cause := range f.causes {
			p.Line("      %s", cause)
		}
	}
	if len(r.missing) > 0 {
		p.Line("")
		p.Line("not there: %s", strings.Join(r.missing, ", "))
	}
	if n := len(others); n > 0 {
		p.Line("")
		text := strings.Join(others[:min(n, maxNames)], ", ")
		if n > maxNames {
			text += fmt.Sprintf(", and %d more", n-maxNames)
		}
		p.Line("not part of stage0-posix: %s", text)
	}
	p.Line("")
	p.Line("%s", r.summary())
	return p.Flush()
}

// summary returns the verdict in words.
func (r *Result) summary() string {
	switch {
	case r.Known() == 0:
		return "nothing is part of stage0-posix, and nothing was compared"
	case r.Good() && len(r.missing) == 0:
		return fmt.Sprintf("all %d match %s", r.Known(), r.release)
	case r.Good():
		return fmt.Sprintf("all %d match %s; %d more programs of it are not there", r.Known(), r.release, len(r.missing))
	}
	text := fmt.Sprintf("%d of %d match %s, %d differ", r.count(matches), r.Known(), r.release, r.count(differs))
	if n := r.count(unconfirmed); n > 0 {
		text += fmt.Sprintf(", of %d there is no digest", n)
	}
	if n := r.refused(); n > 0 {
		text += fmt.Sprintf("; %d did not match the list of the log", n)
	}
	return text
}
