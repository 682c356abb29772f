package kaem

import (
	"strings"

	"stage0/source"
)

// expand expands the variables in a word of the script.
//
// upstream: handle_variables
func (in *interpreter) expand(text string, at int) (string, error) {
	out, rest, ok := strings.Cut(text, "$")
	for ok {
		switch {
		case strings.HasPrefix(rest, "{"):
			name, alternative, after, err := in.reference(rest[1:], at)
			if err != nil {
				return "", err
			}
			rest = after
			if value, ok := lookup(in.env, name); ok {
				out += value
			} else {
				out += alternative
			}
		case strings.HasPrefix(rest, "@"):
			if out != "" {
				if err := in.warn(at, "what stands before $@ in a word is dropped"); err != nil {
					return "", err
				}
			}
			rest = rest[1:]
			out = in.arguments()
		default:
			return "", in.src.Errorf(at, "only ${NAME}, ${NAME:-TEXT} and $@ may follow a $, found %q", text)
		}
		var plain string
		plain, rest, ok = strings.Cut(rest, "$")
		if out += plain; len(out) > maxText {
			return "", in.src.Errorf(at, "word is longer than %d bytes after its variables are replaced", maxText)
		}
	}
	return out, nil
}

// reference parses what follows a "${": the variable's name, the text to use if
// the variable is not set, and the rest after the closing brace.
//
// upstream: variable_substitute
func (in *interpreter) reference(text string, at int) (name, alternative, after string, err error) {
	// The ":-" may be anywhere in the rest of the word, and the name extends to
	// the first colon.
	//
	// upstream: variable_substitute_ifset
	if strings.Contains(text, ":-") {
		name, rest, _ := strings.Cut(text, ":")
		alternative, after, ok := strings.Cut(rest[1:], "}")
		if !ok {
			return "", "", "", in.src.Errorf(at, "%s has no closing brace", shown("${"+text))
		}
		if strings.Contains(name, "}") || rest[0] != '-' {
			err = in.warn(at, "%s is taken for the variable %q, or else %q", shown("${"+text), name, alternative)
		}
		return name, alternative, after, err
	}
	name, after, ok := strings.Cut(text, "}")
	for _, c := range []byte(name) {
		if c == '\n' || c == 0xFF {
			return "", "", "", in.src.Errorf(at, "%s in the name of a variable", source.Char(c))
		}
	}
	if !ok {
		return "", "", "", in.src.Errorf(at, "%s has no closing brace", shown("${"+text))
	}
	if short, _, cut := strings.Cut(name, `\`); cut {
		err = in.warn(at, "the name of a variable ends at a backslash: %q", short)
		name = short
	}
	return name, "", after, err
}

// arguments returns the value of $@.
//
// upstream: variable_all
func (in *interpreter) arguments() string {
	for i, arg := range in.opt.Args {
		if arg == "--" {
			return strings.Join(in.opt.Args[i:], " ")
		}
	}
	return ""
}
