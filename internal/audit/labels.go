package audit

import (
	"strings"

	"stage0/internal/lazyregexp"
)

// conventional matches labels that others refer to: the header, the linker, the
// output of M2-Planet, debuggers.
var conventional = lazyregexp.New(`^(_start|_end|ELF_\w+|HEAP|FUNCTION_\w+|GLOBAL_\w+|STRUCT_\w+|_?PE32_\w+)$`)

// checkLabels reports labels that nothing refers to, and pointers to undefined
// labels.
func (u *unit) checkLabels() {
	used := u.referred()
	seen := map[string]bool{}
	for _, d := range u.defined {
		if !d.comment && seen[d.name] {
			u.report(d.line, d.col, Warning, "label", "label %q is defined again", d.name)
		}
		seen[d.name] = true
		if !used[d.addr] {
			u.report(d.line, d.col, Note, "label", "nothing refers to label %q", d.name)
		}
	}
	severity := Note
	if u.Format == Hex1 {
		severity = Error
	}
	reported := map[string]bool{}
	for _, p := range u.parts {
		if !p.missing {
			continue
		}
		for _, n := range []string{p.name, p.base} {
			if n == "" || seen[n] || reported[n] || u.outside[n] {
				continue
			}
			reported[n] = true
			u.report(p.line, p.col, severity, "undefined", "label %q is not defined here", n)
		}
	}
}

// referred returns the addresses referred to by a pointer, a comment, an
// instruction, or a convention.
func (u *unit) referred() map[uint64]bool {
	names := map[string]bool{}
	for i, line := range u.Lines {
		for _, w := range strings.FieldsFunc(line.Comment, func(r rune) bool { return strings.ContainsRune(" \t,#;()[]", r) }) {
			if m := sigilWord.FindStringSubmatch(w); m != nil {
				names[m[2]] = true
			}
		}
		for _, f := range u.claims[i].forms {
			for _, o := range f.operands {
				names[o.text] = true
				if o.disp != nil {
					names[o.disp.text] = true
				}
			}
		}
	}
	used := map[uint64]bool{}
	for at, inst := range u.insts {
		if inst.HasTarget && !u.unresolved(at, inst.Len) {
			used[inst.Target] = true
		}
	}
	for _, d := range u.defined {
		if names[d.name] || u.used[d.name] || conventional.MatchString(d.name) {
			used[d.addr] = true
		}
	}
	return used
}
