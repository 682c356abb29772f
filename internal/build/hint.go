package build

import (
	"bytes"
	"strings"

	"stage0/internal/lazyregexp"
	"stage0/internal/near"
	"stage0/source"
)

// hints are about mistakes at a position: what precedes it in the line, what follows,
// and the languages where that is a mistake.
var hints = []struct {
	kinds         string
	before, after *lazyregexp.Regexp
	text          string
}{
	{".hex0 .hex1 .hex2", lazyregexp.New(`0$`), lazyregexp.New(`^[xX]`), "there is no 0x here, all digits are hex"},
	{".hex0 .hex1 .hex2 .M1", nil, lazyregexp.New(`^/[/*]`), "comments start with # or ;"},
}

// hint returns what to add to a message about a position, or nothing.
func (b *builder) hint(pos source.Position, msg string) string {
	var line []byte
	mine := false
	for _, src := range b.srcs {
		if src.Name == pos.Name {
			line, mine = nthLine(src.Text, pos.Line), true
		}
	}
	if !mine {
		if strings.HasPrefix(msg, "label ") && strings.HasSuffix(msg, " is not defined") {
			return "; the program has to define it"
		}
		return ""
	}
	at := min(pos.Col-1, len(line))
	for _, h := range hints {
		if strings.Contains(h.kinds+" ", b.kind+" ") && (h.before == nil || h.before.MatchString(string(line[:at]))) && h.after.MatchString(string(line[at:])) {
			return "; " + h.text
		}
	}
	switch m := unknown.FindStringSubmatch(msg); {
	case m == nil:
	case m[1] != "": // a label
		return didYouMean(m[1], words(b.srcs, labels))
	default:
		return didYouMean(m[2], words(b.m1in, macros))
	}
	return ""
}

var (
	unknown = lazyregexp.New(`^label "(.+)" is not defined$|^found "(.+)", which is not a macro`)
	labels  = lazyregexp.New(`(?m)^(?:[^#;"\n]*\s)?:([^\s>]+)`)
	macros  = lazyregexp.New(`(?m)^[ \t]*DEFINE[ \t]+(\S+)`)
)

// words returns the first group of each match in the texts.
func words(texts []source.Source, pattern *lazyregexp.Regexp) []string {
	var all []string
	for _, src := range texts {
		for _, m := range pattern.FindAllStringSubmatch(string(src.Text), -1) {
			all = append(all, m[1])
		}
	}
	return all
}

// nthLine returns a line of a text, counted from 1.
func nthLine(text []byte, n int) []byte {
	for range n - 1 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// maxWord is how long a word may be that is compared with others.
const maxWord = 100

// didYouMean returns a hint to the word of known that is most like word, if one is.
func didYouMean(word string, known []string) string {
	if len(word) > maxWord {
		return ""
	}
	best, found := max(1, len(word)/3)+1, ""
	for _, k := range known {
		if len(k) > maxWord {
			continue
		}
		if d := near.Distance(word, k); d < best {
			best, found = d, k
		}
	}
	if found == "" {
		return ""
	}
	return "; did you mean " + found + "?"
}
