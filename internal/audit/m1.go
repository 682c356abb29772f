package audit

import (
	"bytes"
	"fmt"
	"strings"

	"stage0/m1"
	"stage0/source"
)

// A define is an M1 DEFINE.
type define struct {
	name, value string
	line, col   int // of the name; line is an index
}

// A token is a word of M1.
type token struct {
	text      string
	line, col int
}

// readM1 splits an M1 text into words, and converts each to parts of hex2.
func (u *unit) readM1(text string) error {
	u.macros = map[string]string{}
	for _, with := range u.opt.With {
		more, err := readAll(with)
		if err != nil {
			return err
		}
		tokens, _ := splitM1(string(more))
		tokens, defines := takeDefines(tokens)
		u.addMacros(defines)
		u.others = append(u.others, defines...)
		s := syntaxOf(Hex2, u.machine)
		for _, t := range tokens {
			parts, _ := s.scanCode(t.text, 0, 1, false)
			for _, p := range parts {
				u.noteOutside(p)
			}
		}
	}
	tokens, comments := splitM1(text)
	for i := range u.Lines {
		u.Lines[i].Code = strings.TrimSpace(u.Lines[i].Text)
	}
	for _, c := range comments {
		line := &u.Lines[c.line]
		line.Comment = trimComment(c.text)
		line.Code = strings.TrimSpace(line.Text[:c.col-1])
	}
	tokens, u.defines = takeDefines(tokens)
	u.addMacros(u.defines)
	return u.express(tokens)
}

func (u *unit) addMacros(defines []define) {
	for _, d := range defines {
		u.macros[d.name] = d.value
	}
}

// splitM1 splits a text into words and comments.
func splitM1(text string) (tokens, comments []token) {
	line, start := 0, 0
	for i := 0; i < len(text); {
		at := token{line: line, col: i - start + 1}
		switch c := text[i]; c {
		case '\n':
			line, start = line+1, i+1
			i++
		case ' ', '\t', '\r':
			i++
		case '#', ';':
			end := i + len(firstLine(text[i:]))
			at.text = strings.TrimSuffix(text[i:end], "\r")
			comments = append(comments, at)
			i = end
		case '"', '\'':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				end = len(text) - i - 1
			}
			at.text = text[i : i+1+end]
			tokens = append(tokens, at)
			line += strings.Count(at.text, "\n")
			if last := strings.LastIndexByte(at.text, '\n'); last >= 0 {
				start = i + last + 1
			}
			i = min(i+end+2, len(text))
		default:
			end := i
			for end < len(text) && !strings.ContainsRune(" \t\n\r", rune(text[end])) {
				end++
			}
			at.text = text[i:end]
			tokens = append(tokens, at)
			i = end
		}
	}
	return tokens, comments
}

// firstLine returns a text up to its first line feed.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// takeDefines separates the definitions from the other words.
func takeDefines(tokens []token) (rest []token, defines []define) {
	for i := 0; i < len(tokens); i++ {
		if tokens[i].text != "DEFINE" || i+2 >= len(tokens) {
			rest = append(rest, tokens[i])
			continue
		}
		name, value := tokens[i+1], tokens[i+2]
		defines = append(defines, define{name.text, strings.TrimLeft(value.text, `'"`), name.line, name.col})
		i += 2
	}
	return rest, defines
}

// express converts words to parts.
func (u *unit) express(tokens []token) error {
	s := syntaxOf(Hex2, u.machine)
	known := map[string]string{}
	open := false // a byte lacks its second digit
	for _, t := range tokens {
		text, ok := u.macros[t.text]
		if !ok {
			text, ok = known[t.text]
		}
		if !ok {
			var err error
			if text, err = u.expressOne(t.text); err != nil {
				u.report(t.line, t.col, Error, "unknown", "%s is no macro here, and no label, string or number", quoteShort(t.text))
				u.wrong[t.text] = true
				text = ""
			}
			known[t.text] = text
		}
		var parts []part
		parts, open = s.scanCode(text, t.line, t.col, open)
		for i := range parts {
			parts[i].col = t.col
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
	err := m1.Assemble(&out, []source.Source{source.String(u.Name, word+"\n")}, m1.Options{Architecture: arch})
	return strings.TrimSpace(out.String()), err
}

// quoteShort quotes a word, shortened if it is long.
func quoteShort(s string) string {
	if len(s) > 60 {
		s = s[:60] + "..."
	}
	return fmt.Sprintf("%q", s)
}
