package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

// A progress is a line on a terminal that shows the progress of the ladders. It is
// overwritten several times a second, and erased at the end.
type progress struct {
	w     io.Writer
	now   func() time.Time
	start time.Time

	mu           sync.Mutex
	ladders      map[string]bootstrap.Progress
	shown        time.Time
	instructions uint64 // when the line was last shown
	width        int    // of the line that is shown
}

const (
	progressInterval = 500 * time.Millisecond
	progressWidth    = 79
)

// newProgress returns a progress on w, or nil if w is not a terminal.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return startProgress(w, time.Now)
}

func startProgress(w io.Writer, now func() time.Time) *progress {
	return &progress{w: w, now: now, start: now(), shown: now(), ladders: map[string]bootstrap.Progress{}}
}

// tell implements bootstrap.Options.Progress.
func (p *progress) tell(of bootstrap.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ladders[of.Arch.Name] = of
	now := p.now()
	since := now.Sub(p.shown)
	if since < progressInterval {
		return
	}
	steps, instructions := 0, uint64(0)
	for _, l := range p.ladders {
		steps += l.Steps
		instructions += l.Instructions
	}
	text := fmt.Sprintf("%v", now.Sub(p.start).Round(time.Second))
	if steps > 0 {
		text += fmt.Sprintf(", step %d, %.0f million instructions/s", steps, float64(instructions-p.instructions)/since.Seconds()/1e6)
	}
	text += ", " + of.Arch.Name
	if of.File != "" {
		text += " " + clean.String(of.File)
	}
	p.shown, p.instructions = now, instructions
	p.show(text)
}

// show replaces the line that is shown.
func (p *progress) show(text string) {
	runes := []rune(text)
	runes = runes[:min(len(runes), progressWidth)]
	fmt.Fprintf(p.w, "\r%s%s", string(runes), strings.Repeat(" ", max(0, p.width-len(runes))))
	p.width = len(runes)
}

// erase erases the line.
func (p *progress) erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		p.show("")
		fmt.Fprint(p.w, "\r")
	}
}
