package m2planet

import (
	"slices"
	"strings"

	"stage0/internal/cpp"
	"stage0/source"
)

// include inserts the tokens of a file after the line of the current #include,
// and removes the #include.
// upstream: handle_include
func (p *preprocessor) include() {
	directive := p.at
	src, path := p.findInclude()
	p.eat("")

	after := p.here("the end of the line after #include")
	depth := directive.File.Depth + 1
	switch {
	case depth > cpp.MaxIncludes:
		directive.Fail("#include is nested more than %d deep", cpp.MaxIncludes)
	case after.next == nil:
		directive.Fail("upstream crashes on an #include in the last line")
	}
	head, last := p.head, p.last
	p.head, p.last = nil, nil
	p.read(src, path, depth)
	first, end := p.head, p.last
	p.head, p.last = head, last
	if first == nil {
		directive.Fail("the file %q is empty", path)
	}
	n := 0
	for t := first; t != nil; t = t.next {
		n++
	}
	p.count(directive, n)
	if p.included += len(p.file.Text); p.included > maxIncluded {
		directive.Fail("#include reads more than %d bytes", maxIncluded)
	}
	first.prev, end.next = after, after.next
	after.next.prev, after.next = end, first
	p.at = after
}

// bracketed reads a file name in angle brackets and joins its words. Without
// brackets upstream reads up to the next '>'.
func (p *preprocessor) bracketed() string {
	const wanted = "the > of #include"
	p.eat("")
	var name strings.Builder
	for p.here(wanted).First() != '>' {
		if name.WriteString(p.at.Text); name.Len() >= p.maxString {
			p.at.Fail("the file name is longer than --max-string allows, %d", p.maxString-1)
		}
		p.eat("")
	}
	return name.String()
}

// findInclude opens the file that the current #include names and returns its
// path. It stops at the last token of the name.
func (p *preprocessor) findInclude() (src source.Source, path string) {
	directive := p.at
	p.eat("")
	name := p.here("a file name")
	buffer := "" // upstream's, in which paths overwrite each other
	open := func(try, end string) bool {
		if path = try; len(path) >= p.maxString {
			name.Fail("the path of the file is %d bytes long; --max-string allows %d", len(path), p.maxString-1)
		}
		buffer = path + end + buffer[min(len(path+end), len(buffer)):]
		var err error
		src, err = p.opt.Open(path)
		if other, _, _ := strings.Cut(buffer, "\x00"); other != path {
			if _, missing := p.opt.Open(other); err == nil || missing == nil {
				name.Fail("upstream does not end the path %q, and looks for %q", path, other)
			}
		}
		return err == nil
	}
	var file string
	if name.First() == '"' {
		file = name.Text[1:]
		buffer = name.File.Name
		if open(buffer[:strings.LastIndexByte(buffer, '/')+1]+file, "\x00") {
			return src, path
		}
	} else {
		file = p.bracketed()
	}
	for _, dir := range slices.Concat(p.opt.IncludeDirs, []string{"./M2libc"}) {
		if open(dir+"/"+file, "") {
			return src, path
		}
	}
	directive.Fail("cannot find the file %q to include", file)
	panic("unreachable")
}
