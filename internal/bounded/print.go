package bounded

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"stage0/internal/clean"
)

// Print prints the result for a program called name.
func (r *Result) Print(w io.Writer, name string) error {
	p := clean.NewPrinter(w)
	p.Line("%s: %s", name, r.Program)
	verdict := "does the same as the tool"
	if r.Differ > 0 {
		verdict = fmt.Sprintf("differs from the tool for %d of them", r.Differ)
	}
	p.Line("  %d inputs of up to %d of %d symbols, in %d frames: %s", r.Inputs, r.Length, len(r.Symbols), len(r.Frames), verdict)
	p.Line("  %8d  the same output and exit status", r.Same)
	for _, list := range []struct {
		of   map[string]Example
		text string
	}{{r.Refused, "the tool has an error, the program"}, {r.Stricter, "the program exits with 0, the tool says:"}} {
		for _, what := range slices.Sorted(maps.Keys(list.of)) {
			p.Line("  %8d  %s %s, for example for %+q", list.of[what].Inputs, list.text, what, list.of[what].Input)
		}
	}
	if d := r.Difference; d != nil {
		p.Line("  a shortest input on which they differ: %+q", d.Input)
		p.Line("    the program %s", d.Program)
		p.Line("    the tool    %s", d.Tool)
	}
	rest := fmt.Sprintf("  %d bytes were executed; %d are data, or code that no input reached", r.Executed, r.bytesNotRun())
	if len(r.NotRun) > 0 {
		rest += ":"
	}
	p.Line("%s", rest)
	const most = 8
	for i, x := range r.NotRun {
		if i == most {
			p.Line("    and %d ranges more", len(r.NotRun)-most)
			break
		}
		p.Line("    %#x, %d bytes", x.Addr, x.Size)
	}
	return p.Flush()
}
