package check

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
)

// maxNames is how many names of unknown files are printed.
const maxNames = 20

// Print writes the result as text.
func (r *Result) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	line := func(format string, args ...any) { fmt.Fprintf(out, format+"\n", args...) }
	if r.Release == "" {
		line("nearest: none")
	} else {
		line("nearest: %s, %s: %d of %d", strings.TrimPrefix(clean.String(r.Release), "stage0-posix "), strings.Join(r.Archs, ", "), r.Count(Matches), r.Known())
	}
	for _, hint := range r.Hints {
		line("         %s", clean.String(hint))
	}
	line("")
	var others []string
	for _, f := range r.Findings {
		name := clean.String(f.Name)
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
			line("%-4s  %s: %s", f.Verdict, name, clean.String(f.Same))
			continue
		}
		line("%-4s  %s", f.Verdict, name)
		switch {
		case f.Verdict == Unconfirmed:
			line("      the log says so, and has no digest to compare")
		case f.Expected != "":
			line("      should be %s", clean.String(f.Expected))
		}
		for _, cause := range f.Causes {
			line("      %s", clean.String(cause))
		}
	}
	if len(r.Missing) > 0 {
		line("")
		line("not there: %s", clean.String(strings.Join(r.Missing, ", ")))
	}
	if n := len(others); n > 0 {
		line("")
		text := strings.Join(others[:min(n, maxNames)], ", ")
		if n > maxNames {
			text += fmt.Sprintf(", and %d more", n-maxNames)
		}
		line("not part of stage0-posix: %s", text)
	}
	line("")
	line("%s", r.Summary())
	return out.Flush()
}

// Summary returns the verdict in words.
func (r *Result) Summary() string {
	switch {
	case r.Known() == 0:
		return "nothing is part of stage0-posix, and nothing was compared"
	case r.Good() && len(r.Missing) == 0:
		return fmt.Sprintf("all %d match %s", r.Known(), clean.String(r.Release))
	case r.Good():
		return fmt.Sprintf("all %d match %s; %d more programs of it are not there", r.Known(), clean.String(r.Release), len(r.Missing))
	}
	text := fmt.Sprintf("%d of %d match %s, %d differ", r.Count(Matches), r.Known(), clean.String(r.Release), r.Count(Differs))
	if n := r.Count(Unconfirmed); n > 0 {
		text += fmt.Sprintf(", of %d there is no digest", n)
	}
	if n := r.refused(); n > 0 {
		text += fmt.Sprintf("; %d did not match the list of the log", n)
	}
	return text
}
