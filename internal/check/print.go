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
	if r.Release == "" {
		p.Line("nearest: none")
	} else {
		p.Line("nearest: %s, %s: %d of %d", strings.TrimPrefix(r.Release, "stage0-posix "), strings.Join(r.Archs, ", "), r.Count(Matches), r.Known())
	}
	for _, hint := range r.Hints {
		p.Line("         %s", hint)
	}
	p.Line("")
	var others []string
	for _, f := range r.Findings {
		name := f.Name
		if unnamed(f.Name) && f.Digest != nil {
			name = f.Digest.String()
		}
		switch {
		case f.Verdict == Foreign && f.Err != nil:
			others = append(others, fmt.Sprintf("%s (%v)", name, f.Err))
			continue
		case f.Verdict == Foreign:
			others = append(others, name)
			continue
		}
		if f.Verdict == Matches {
			p.Line("%-4s  %s: %s", f.Verdict, name, f.Same)
			continue
		}
		p.Line("%-4s  %s", f.Verdict, name)
		switch {
		case f.Verdict == Unconfirmed:
			p.Line("      the log says so, and has no digest to compare")
		case f.Expected != "":
			p.Line("      should be %s", f.Expected)
		}
		for _, cause := range f.Causes {
			p.Line("      %s", cause)
		}
	}
	if len(r.Missing) > 0 {
		p.Line("")
		p.Line("not there: %s", strings.Join(r.Missing, ", "))
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
	p.Line("%s", r.Summary())
	return p.Flush()
}

// Summary returns the verdict in words.
func (r *Result) Summary() string {
	switch {
	case r.Known() == 0:
		return "nothing is part of stage0-posix, and nothing was compared"
	case r.Good() && len(r.Missing) == 0:
		return fmt.Sprintf("all %d match %s", r.Known(), r.Release)
	case r.Good():
		return fmt.Sprintf("all %d match %s; %d more programs of it are not there", r.Known(), r.Release, len(r.Missing))
	}
	text := fmt.Sprintf("%d of %d match %s, %d differ", r.Count(Matches), r.Known(), r.Release, r.Count(Differs))
	if n := r.Count(Unconfirmed); n > 0 {
		text += fmt.Sprintf(", of %d there is no digest", n)
	}
	if n := r.refused(); n > 0 {
		text += fmt.Sprintf("; %d did not match the list of the log", n)
	}
	return text
}
