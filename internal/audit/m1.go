package audit

import (
	"bytes"
	"fmt"
	"strings"

	"stage0/internal/listing"
	"stage0/m1"
	"stage0/source"
)

// A define is an M1 DEFINE.
type define struct {
	name, value string
	line, col   int // of the name; line is an index
}

// readM1 splits an M1 text into words, and converts each to parts of hex2.
func (u *unit) readM1(text string) error {
	u.macros = map[string]string{}
	for _, with := range u.opt.With {
		more, err := readAll(with)
		if err != nil {
			return err
		}
		words, _ := listing.Words(string(more), "")
		words, defines := takeDefines(words)
		u.addMacros(defines)
		u.others = append(u.others, defines...)
		s := syntaxOf(Hex2, u.machine)
		for _, w := range words {
			parts, _ := s.scanCode(w.Text, 0, 1, false)
			for _, p := range parts {
				u.noteOutside(p)
			}
		}
	}
	words, comments := listing.Words(text, "")
	for i := range u.Lines {
		u.Lines[i].Code = strings.TrimSpace(u.Lines[i].Text)
	}
	for _, c := range comments {
		line := &u.Lines[c.Line]
		line.Comment = trimComment(c.Text)
		line.Code = strings.TrimSpace(line.Text[:c.Col-1])
	}
	words, u.defines = takeDefines(words)
	u.addMacros(u.defines)
	return u.express(words)
}

func (u *unit) addMacros(defines []define) {
	for _, d := range defines {
		u.macros[d.name] = d.value
	}
}

// takeDefines separates the definitions from the other words.
func takeDefines(words []listing.Word) (rest []listing.Word, defines []define) {
	for i := 0; i < len(words); i++ {
		if words[i].Text != "DEFINE" || i+2 >= len(words) {
			rest = append(rest, words[i])
			continue
		}
		name, value := words[i+1], words[i+2]
		defines = append(defines, define{unquote(name.Text), strings.TrimLeft(unquote(value.Text), `'"`), name.Line, name.Col})
		i += 2
	}
	return rest, defines
}

// unquote removes the closing quote of a string.
func unquote(word string) string {
	if len(word) > 1 && (word[0] == '"' || word[0] == '\'') {
		return strings.TrimSuffix(word, word[:1])
	}
	return word
}

// express converts words to parts.
func (u *unit) express(words []listing.Word) error {
	s := syntaxOf(Hex2, u.machine)
	known := map[string]string{}
	open := false // a byte lacks its second digit
	for _, w := range words {
		word := unquote(w.Text)
		text, ok := u.macros[word]
		if !ok {
			text, ok = known[word]
		}
		if !ok {
			var err error
			if text, err = u.expressOne(word); err != nil {
				u.report(w.Line, w.Col, Error, "unknown", "%s is not a macro, label, string or number here", quoteShort(word))
				u.wrong[word] = true
				text = ""
			}
			known[word] = text
		}
		var parts []part
		parts, open = s.scanCode(text, w.Line, w.Col, open)
		for i := range parts {
			parts[i].col = w.Col
		}
		u.parts = append(u.parts, parts...)
	}
	return nil
}

// expressOne returns the hex2 text of a word that is not a macro, by running
// M1.
func (u *unit) expressOne(word string) (string, error) {
	if s, ok := strings.CutPrefix(word, `"`); ok {
		return fmt.Sprintf("%X00", s), nil
	}
	if s, ok := strings.CutPrefix(word, "'"); ok {
		return s, nil
	}
	var out bytes.Buffer
	arch := u.Arch
	if arch == "" {
		arch = "x86"
	}
	err := m1.Assemble(&out, []source.Source{source.String(u.name, word+"\n")}, m1.Options{Arch: arch})
	return strings.TrimSpace(out.String()), err
}

// quoteShort quotes a word, shortened if it is long.
func quoteShort(s string) string {
	if len(s) > 60 {
		s = s[:60] + "..."
	}
	return fmt.Sprintf("%q", s)
}
