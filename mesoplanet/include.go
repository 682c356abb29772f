package mesoplanet

import (
	"fmt"
	"strconv"
	"strings"

	"stage0/internal/cpp"
	"stage0/source"
)

// A reader reads the tokens of texts and of the files that they include.
type reader struct {
	opt   *Options
	srcs  []source.Source // still to be read
	open  []*scanner      // the current text, after those that include it
	queue []cpp.Token     // the next tokens, before those of open
	seen  map[string]bool // names of files, as they are spelled, that were included
	hold  hold
	stdio bool // whether stdio.h was included
}

// next returns the next token; at the end of the program ok is false.
// upstream: read_all_tokens
func (r *reader) next() (t cpp.Token, ok bool) {
	for {
		if len(r.queue) > 0 {
			t, r.queue = r.queue[0], r.queue[1:]
			return t, true
		}
		if len(r.open) == 0 {
			if len(r.srcs) == 0 {
				return cpp.Token{}, false
			}
			src := r.srcs[0]
			r.srcs = r.srcs[1:]
			r.push(src, src.Name)
			continue
		}
		s := r.open[len(r.open)-1]
		if s.pos == len(s.file.Text) {
			if r.open = r.open[:len(r.open)-1]; len(r.open) > 0 {
				r.resume(r.open[len(r.open)-1], true)
			}
			continue
		}
		if t = s.scan(); t.Text != "#include" {
			return t, true
		}
		r.include(s, t)
	}
}

// push starts to read src; name is its name in #FILENAME.
func (r *reader) push(src source.Source, name string) {
	s := &scanner{file: cpp.Read(src, src.Name), name: name, maxString: r.opt.MaxString, hold: &r.hold, diag: r.opt.Diagnostics}
	r.open = append(r.open, s)
	r.announce(s, 1)
}

// announce queues the #FILENAME line of the next tokens.
// upstream: insert_file_header
func (r *reader) announce(s *scanner, line int) {
	text := "// #FILENAME " + s.name + " " + strconv.Itoa(line)
	if len(text) >= r.opt.MaxString {
		s.file.Fail(s.pos, "the line %q is %d bytes long; --max-string allows %d", text, len(text), r.opt.MaxString-1)
	}
	r.hold.put(len(text))
	r.queue = append(r.queue,
		cpp.Token{Text: text, File: s.file, Off: int32(s.pos)},
		cpp.Token{Text: "\n", File: s.file, Off: int32(s.pos)})
}

// resume continues after an #include in s. Upstream inserts a line end after the
// file name; if it has included a file, its line count is one too high from then
// on.
func (r *reader) resume(s *scanner, included bool) {
	if included {
		s.included++
		s.lines += strings.Count(s.file.Text[s.counted:s.pos], "\n")
		s.counted = s.pos
		r.announce(s, 1+s.lines+s.included)
	}
	r.queue = append(r.queue, cpp.Token{Text: "\n", File: s.file, Off: int32(s.pos)})
}

// include opens the file that an #include in s names, unless it is skipped or
// already included.
// upstream: include_file
func (r *reader) include(s *scanner, directive cpp.Token) {
	name := includeName(s)
	if name[1:] == "stdio.h" {
		r.stdio = true
	}
	var src source.Source
	var err error
	path := r.opt.Libc + "/" + name[1:] // if it is in angle brackets
	switch name[0] {
	case '<':
		name += ">"
		if r.skips(&directive, path) {
			r.resume(s, false)
			return
		}
	default:
		src, err = r.openQuoted(s, &directive, name[1:])
		name += `"`
	}
	if r.seen[name] || name == `"gcc_req.h"` || name == `"../gcc_req.h"` {
		r.resume(s, false)
		return
	}
	r.seen[name] = true
	if name[0] == '<' {
		src, err = r.opt.Open(path)
	}
	if !r.opt.NoIncludes {
		fmt.Fprintf(r.opt.Stderr, "reading file: %s\n", name)
	}
	switch {
	case err != nil:
		directive.Fail("cannot find the file %s to include: %v", name, err)
	case len(r.open) > cpp.MaxIncludes:
		directive.Fail("#include is nested more than %d deep", cpp.MaxIncludes)
	case r.opt.NoIncludes:
		r.resume(s, true)
	default:
		r.push(src, name)
	}
}

// skips reports whether the file at path is for another operating system.
func (r *reader) skips(directive *cpp.Token, path string) bool {
	r.path(directive, path)
	others, ok := skips[r.opt.System]
	if !ok {
		directive.Fail("unknown operating system %s, expected Linux or UEFI", r.opt.System)
	}
	if !strings.Contains(path, others) {
		return false
	}
	fmt.Fprintf(r.opt.Stdout, "skipping:\n%s\n", path)
	return true
}

// includeName moves past the file name of an #include, and returns it with the
// quote before it and without the one after it.
// upstream: read_include
func includeName(s *scanner) string {
	const wanted = "a file name in quotes or angle brackets"
	for s.file.Is(s.pos, ' ') || s.file.Is(s.pos, '\t') || s.file.Is(s.pos, '\n') {
		s.pos++
	}
	start := s.pos
	if start == len(s.file.Text) {
		s.file.Fail(start, "the file ends here; expected %s", wanted)
	}
	closing := s.file.Text[start]
	switch closing {
	case '"':
	case '<':
		closing = '>'
	default:
		s.file.Fail(start, "found %s, expected %s", source.Char(closing), wanted)
	}
	n := strings.IndexByte(s.file.Text[start+1:], closing)
	if n < 0 {
		s.file.Fail(start, "the file name has no closing %c", closing)
	}
	end := start + 1 + n
	name := s.token(start, end).Text
	s.pos = end + 1
	return name
}

// openQuoted opens the file of an #include "name".
func (r *reader) openQuoted(s *scanner, directive *cpp.Token, name string) (source.Source, error) {
	if name == "M2libc/bootstrappable.h" {
		path := r.opt.Libc + "/bootstrappable.h"
		r.path(directive, path)
		return r.opt.Open(path)
	}
	src, notHere := r.opt.Open(name)
	if notHere == nil {
		return src, nil
	}
	includer := s.name
	slash := strings.LastIndexByte(includer, '/')
	if slash < 0 {
		directive.Fail("cannot find %q in the working directory: %v; M2-Mesoplanet looks elsewhere only if the name of the including file, %s, has a directory", name, notHere, includer)
	}
	path := includer[:slash+1] + name
	r.hold.name(includer)
	r.path(directive, path)
	if src, err := r.opt.Open(path); err == nil {
		return src, nil
	}
	for i, dir := range r.opt.IncludeDirs {
		path := dir + "/" + name
		src, err := r.opt.Open(path)
		forgotten := i > 0 && i < len(r.opt.IncludeDirs)-1
		if !forgotten {
			r.path(directive, path)
		}
		switch {
		case err != nil:
		case forgotten:
			directive.Report(r.opt.Diagnostics, "%s exists, but of several -I M2-Mesoplanet looks only in the first and the last", path)
		default:
			return src, nil
		}
	}
	return src, notHere
}

// path puts a path in the hold, and rejects one that is too long.
func (r *reader) path(directive *cpp.Token, path string) {
	if len(path) >= r.opt.MaxString {
		directive.Fail("the path %q is %d bytes long; --max-string allows %d", path, len(path), r.opt.MaxString-1)
	}
	r.hold.put(len(path))
}
