package diff

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"stage0/internal/clean"
	"stage0/internal/listing"
	"stage0/source"
)

// Texts is a comparison of two texts.
type Texts struct {
	a, b       source.Source
	wordsA     int             // number of words in A
	wordsB     int             // number of words in B
	start, end int             // lengths in words of the common prefix, and of the common suffix of the rest
	atA, atB   source.Position // the first word that differs, or the end of the text
	in         string          // the label before it; empty if there is none
	rows       []string        // the lines there, each with ' ', '-' or '+' before it
}

// CompareTexts compares the words of two texts, as listing.Words splits them.
func CompareTexts(a, b source.Source) *Texts {
	wa, wb := words(a.Text), words(b.Text)
	d := &Texts{a: a, b: b, wordsA: len(wa), wordsB: len(wb)}
	d.start, d.end = ends(texts(wa), texts(wb))
	if d.Same() {
		return d
	}
	d.atA, d.atB = place(a, wa, d.start), place(b, wb, d.start)
	d.in = lastLabel(wa[:d.start])
	earlier, linesA := lines(a.Text, wa, d.start)
	_, linesB := lines(b.Text, wb, d.start)
	for _, line := range earlier {
		d.rows = append(d.rows, "  "+line)
	}
	d.rows = append(d.rows, excerpt(keys(linesA), linesA, keys(linesB), linesB)...)
	return d
}

// Same reports whether the texts have the same words.
func (d *Texts) Same() bool { return d.start == d.wordsA && d.start == d.wordsB }

// words returns the words of a text.
func words(text []byte) []listing.Word {
	list, _ := listing.Words(string(text), "#;")
	return list
}

func texts(list []listing.Word) []string {
	all := make([]string, len(list))
	for i, w := range list {
		all[i] = w.Text
	}
	return all
}

// place returns the position of the word with index i, or of the end of the text.
func place(text source.Source, list []listing.Word, i int) source.Position {
	if i == len(list) {
		return text.Position(len(text.Text))
	}
	return text.Position(list[i].Offset)
}

// lastLabel returns the last label among words, or "".
func lastLabel(list []listing.Word) string {
	for i := len(list) - 1; i >= 0; i-- {
		if strings.HasPrefix(list[i].Text, ":") {
			return list[i].Text
		}
	}
	return ""
}

// lines returns lines of a text that have words: some before the line of the word
// with index i, and that line and those after it.
func lines(text []byte, list []listing.Word, i int) (earlier, later []string) {
	at := len(text)
	if i < len(list) {
		at = list[i].Offset
	}
	end := 0
	for l := range bytes.Lines(text) {
		end += len(l)
		switch line := string(bytes.TrimRight(l, "\r\n")); {
		case len(words(l)) == 0:
		case end <= at:
			earlier = append(earlier, line)
		case len(later) < window:
			later = append(later, line)
		}
	}
	return earlier[max(0, len(earlier)-before):], later
}

// keys returns the keys by which lines are compared: their words.
func keys(list []string) []string {
	all := make([]string, len(list))
	for i, l := range list {
		all[i] = strings.Join(texts(words([]byte(l))), " ")
	}
	return all
}

// Print writes the comparison as text.
func (d *Texts) Print(w io.Writer) error {
	p := clean.NewPrinter(w)
	p.Line("A  %s  %s", d.a.Name, clean.Count(d.wordsA, "word"))
	p.Line("B  %s  %s", d.b.Name, clean.Count(d.wordsB, "word"))
	p.Line("white space and comments are not compared")
	if d.Same() {
		p.Line("the same")
		return p.Flush()
	}
	p.Line("the first %d and the last %d are the same; between them, A has %d and B %d",
		d.start, d.end, d.wordsA-d.start-d.end, d.wordsB-d.start-d.end)
	p.Line("")
	where := fmt.Sprintf("first difference at %s and %s", d.atA, d.atB)
	if d.in != "" {
		where += ", after " + d.in
	}
	p.Line("%s", where)
	for _, row := range d.rows {
		p.Line("%s", row)
	}
	return p.Flush()
}
