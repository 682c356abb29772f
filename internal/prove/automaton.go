package prove

import (
	"fmt"
	"html"
	"io"
	"strings"

	"stage0/hex0"
)

// A phase is the states of hex0 that differ only in the digit that was read, h.
type phase struct{ comment, half bool }

// phases has all phases, and where WriteAutomaton draws them.
var phases = []struct {
	phase
	name, note string
	x, y       int // the center, in pixels
}{
	{phase{false, false}, "no digit read", "start", 190, 110},
	{phase{false, true}, "one digit read", "its value is h", 690, 110},
	{phase{true, false}, "in a comment", "no digit read", 190, 330},
	{phase{true, true}, "in a comment", "one digit read: h", 690, 330},
}

// A move leads from a phase to another, or back to it, for some bytes.
type move struct {
	to     phase
	effect string
	bytes  []byte
}

// movesFrom returns the moves from a phase, as hex0.Options.Step makes them in each of
// its states. It panics if these do not agree.
func movesFrom(from phase, text hex0.Options) (moves []move) {
	for _, b := range allBytes() {
		var m move
		for h := range byte(17) {
			if !from.half {
				h = 0
			}
			next, out, ok := text.Step(hex0.State{Comment: from.comment, Half: from.half, High: h}, b)
			value, _, _ := text.Step(hex0.State{}, b)
			effect := ""
			switch digit := value.High; {
			case ok && out == h<<4+digit:
				effect = "write 16h + digit"
			case ok || next.Half && from.half && next.High != h:
				panic(fmt.Sprintf("prove: no name for what hex0 does with byte %#x", b))
			case next.Half && !from.half:
				effect = "h = digit"
			}
			now := move{to: phase{next.Comment, next.Half}, effect: effect}
			if h > 0 && (now.to != m.to || now.effect != m.effect) {
				panic(fmt.Sprintf("prove: what hex0 does with byte %#x depends on h", b))
			}
			m = now
		}
		i := 0
		for i < len(moves) && (moves[i].to != m.to || moves[i].effect != m.effect) {
			i++
		}
		if i == len(moves) {
			moves = append(moves, m)
		}
		moves[i].bytes = append(moves[i].bytes, b)
	}
	return moves
}

// label names the bytes of a move.
func label(bytes []byte) string {
	if len(bytes) > 128 {
		return "any other byte"
	}
	var names []string
	for i := 0; i < len(bytes); {
		n := 1
		for i+n < len(bytes) && bytes[i+n] == bytes[i]+byte(n) {
			n++
		}
		name := byteName(bytes[i])
		if n > 1 {
			name += "–" + byteName(bytes[i+n-1])
		}
		names = append(names, name)
		i += n
	}
	return strings.Join(names, " ")
}

func byteName(b byte) string {
	switch {
	case b == '\n':
		return "LF"
	case b == '\r':
		return "CR"
	case b > ' ' && b <= '~':
		return string(rune(b))
	}
	return fmt.Sprintf("%#02x", b)
}

// Sizes of the picture and of a phase in it, in pixels.
const (
	pictureWidth, pictureHeight = 880, 460
	boxWidth, boxHeight         = 170, 64
)

// WriteAutomaton writes hex0 as a picture, in SVG: its states, and what it does with each
// byte in each of them. It is made from hex0.Options.Step, with which package hex0
// assembles and proofs compare. The error is that of w.
func WriteAutomaton(w io.Writer, text hex0.Options) error {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%[1]d" height="%[2]d" font-family="sans-serif" font-size="14">
<title>The automaton of hex0</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
<rect width="100%%" height="100%%" fill="white"/>
`, pictureWidth, pictureHeight)
	for _, from := range phases {
		for _, m := range movesFrom(from.phase, text) {
			for _, to := range phases {
				if to.phase == m.to {
					drawMove(&b, m, from.x, from.y, to.x, to.y)
				}
			}
		}
	}
	for _, p := range phases {
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" rx="16" fill="#eef4fb" stroke="black"/>`+"\n",
			p.x-boxWidth/2, p.y-boxHeight/2, boxWidth, boxHeight)
		drawText(&b, p.x, p.y-4, "middle", p.name)
		drawText(&b, p.x, p.y+16, "middle", p.note)
	}
	drawText(&b, 16, pictureHeight-20, "start", "It starts at the upper left. At the end of the input, it exits with status 0, in any state.")
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// drawMove draws an arrow from one phase to another, beside the one that leads back.
func drawMove(b *strings.Builder, m move, x1, y1, x2, y2 int) {
	const beside = 14
	line := func(x1, y1, x2, y2 int) {
		fmt.Fprintf(b, `<path d="M%d %dL%d %d" fill="none" stroke="black" marker-end="url(#head)"/>`+"\n", x1, y1, x2, y2)
	}
	name := label(m.bytes)
	switch {
	case x1 == x2 && y1 == y2: // a loop outside of the square
		side := 1
		if y1 < pictureHeight/2 {
			side = -1
		}
		edge := y1 + side*boxHeight/2
		fmt.Fprintf(b, `<path d="M%d %dC%d %d %d %d %d %d" fill="none" stroke="black" marker-end="url(#head)"/>`+"\n",
			x1-24, edge, x1-40, edge+side*36, x1+40, edge+side*36, x1+24, edge)
		drawText(b, x1, edge+side*38+5, "middle", name)
	case y1 == y2:
		at, text := y1-beside, y1-beside-10
		side := 1
		if x2 < x1 {
			at, text, side = y1+beside, y1+beside+20, -1
		}
		line(x1+side*boxWidth/2, at, x2-side*boxWidth/2, at)
		drawText(b, (x1+x2)/2, text, "middle", name+": "+m.effect)
	default:
		at, side, anchor := x1-beside, 1, "end"
		if y2 < y1 {
			at, side, anchor = x1+beside, -1, "start"
		}
		line(at, y1+side*boxHeight/2, at, y2-side*boxHeight/2)
		drawText(b, at-side*10, (y1+y2)/2+5, anchor, name)
	}
}

func drawText(b *strings.Builder, x, y int, anchor, text string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(text))
}
