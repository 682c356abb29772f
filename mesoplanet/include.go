package mesoplanet

import (
	"fmt"
	"strconv"
	"strings"

	"stage0/source"
)

const (
	maxText     = 1 << 30 // length of the longest text, in bytes
	maxIncludes = 200     // nested #include
)

// A reader lines up the tokens of texts, and of what they include.
type reader struct {
	opt    *Options
	tokens []token
	seen   map[string]bool // names of files, as they are spelled, that were included
	stdio  bool            // whether stdio.h was included
}

// read appends the tokens of src, which is known as name.
// upstream: read_all_tokens
func (r *reader) read(src source.Source, name string, depth int) {
	text, err := src.ReadAll()
	if err != nil {
		panic(abort{err})
	}
	// Positions are asked for long after the file is closed.
	f := &file{src: source.Bytes(src.Name, text), name: name, depth: depth}
	if len(text) > maxText {
		f.fail(maxText, "the text is longer than %d bytes", maxText)
	}
	s := &scanner{file: f, text: string(text), maxString: r.opt.MaxString}
	r.name(s, 1)
	included := 0 // how many files
	for s.pos < len(s.text) {
		t := s.scan()
		if t.text != "#include" {
			if t.text == "\x00" {
				report(r.opt.Diagnostics, &t, "byte 0x00 is dropped")
				t.text = ""
			}
			r.tokens = append(r.tokens, t)
			continue
		}
		if r.include(s, t) {
			included++
			r.name(s, 1+strings.Count(s.text[:s.pos], "\n")+included)
		}
		// Upstream does not look at what follows the file name, but goes on
		// with a line end of its own.
		r.tokens = append(r.tokens, token{text: "\n", file: f, off: t.off})
	}
}

// name appends the line that says from where the next tokens come. What it
// says of the line is a little off, see the package comment.
// upstream: insert_file_header
func (r *reader) name(s *scanner, line int) {
	text := "// #FILENAME " + s.file.name + " " + strconv.Itoa(line)
	if len(text) >= r.opt.MaxString {
		s.file.fail(s.pos, "the line %q is %d bytes long; --max-string allows %d", text, len(text), r.opt.MaxString-1)
	}
	r.tokens = append(r.tokens,
		token{text: text, file: s.file, off: int32(s.pos)},
		token{text: "\n", file: s.file, off: int32(s.pos)})
}

// include puts in the place of an #include what it includes. It reports false
// if that is nothing, and not even the line that names the file after it is to
// be there.
// upstream: include_file
func (r *reader) include(s *scanner, directive token) bool {
	name := includeName(s)
	if name[1:] == "stdio.h" {
		r.stdio = true
	}
	var find func() (source.Source, error)
	if name[0] == '<' {
		path := r.opt.Libc + "/" + name[1:]
		r.checkPath(&directive, path)
		skipped, ok := skips[r.opt.System]
		if !ok {
			fail(&directive, "which files there are to include for the operating system %s is not known", r.opt.System)
		}
		if strings.Contains(path, skipped) {
			fmt.Fprintf(r.opt.Stdout, "skipping:\n%s\n", path)
			return false
		}
		name += ">"
		find = func() (source.Source, error) { return r.opt.Open(path) }
	} else {
		src, err := r.findQuoted(&directive, name[1:])
		name += `"`
		find = func() (source.Source, error) { return src, err }
	}
	if r.seen[name] {
		return false
	}
	r.seen[name] = true
	if name == `"gcc_req.h"` || name == `"../gcc_req.h"` {
		return false
	}
	src, err := find()
	if !r.opt.NoIncludes {
		fmt.Fprintf(r.opt.Stderr, "reading file: %s\n", name)
	}
	switch depth := s.file.depth + 1; {
	case err != nil:
		fail(&directive, "cannot find the file %s to include: %v", name, err)
	case depth > maxIncludes:
		fail(&directive, "#include is nested more than %d deep", maxIncludes)
	case !r.opt.NoIncludes:
		r.read(src, name, depth)
	}
	return true
}

// includeName moves past the file name of an #include, and returns it with the
// quote before it and without the one after it.
// upstream: read_include
func includeName(s *scanner) string {
	const wanted = "a file name in quotes or angle brackets"
	for s.is(s.pos, ' ') || s.is(s.pos, '\t') || s.is(s.pos, '\n') {
		s.pos++
	}
	start := s.pos
	if start == len(s.text) {
		s.file.fail(start, "the file ends here; expected %s", wanted)
	}
	closing := s.text[start]
	switch closing {
	case '"':
	case '<':
		closing = '>'
	default:
		s.file.fail(start, "found %s, expected %s", source.Char(closing), wanted)
	}
	n := strings.IndexByte(s.text[start+1:], closing)
	if n < 0 {
		s.file.fail(start, "the file name has no closing %c", closing)
	}
	end := start + 1 + n
	name := s.checked(start, end)
	s.pos = end + 1
	return name
}

// findQuoted opens the file of an #include "name".
func (r *reader) findQuoted(directive *token, name string) (src source.Source, err error) {
	if name == "M2libc/bootstrappable.h" {
		path := r.opt.Libc + "/bootstrappable.h"
		r.checkPath(directive, path)
		return r.opt.Open(path)
	}
	src, err = r.opt.Open(name)
	if err == nil {
		return src, nil
	}
	includer := directive.file.name
	slash := strings.LastIndexByte(includer, '/')
	if slash < 0 {
		fail(directive, "cannot find %q in the working directory: %v; M2-Mesoplanet looks no further from a file that is named without a directory, as %s is", name, err, includer)
	}
	paths := []string{includer[:slash+1] + name}
	for _, dir := range searched(r.opt.IncludeDirs) {
		paths = append(paths, dir+"/"+name)
	}
	for _, path := range paths {
		r.checkPath(directive, path)
		if src, err := r.opt.Open(path); err == nil {
			return src, nil
		}
	}
	return src, err
}

// searched returns those of the -I directories that upstream remembers.
func searched(dirs []string) []string {
	if len(dirs) > 2 {
		return []string{dirs[0], dirs[len(dirs)-1]}
	}
	return dirs
}

// checkPath refuses a path that is longer than a token may be.
func (r *reader) checkPath(directive *token, path string) {
	if len(path) >= r.opt.MaxString {
		fail(directive, "the path %q is %d bytes long; --max-string allows %d", path, len(path), r.opt.MaxString-1)
	}
}
