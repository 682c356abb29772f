package m2planet

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"stage0/internal/cpp"
)

// Architectures returns the names of all targets.
func Architectures() []string {
	var names []string
	for _, t := range targets {
		names = append(names, t.Name)
	}
	return names
}

// Code returns all pieces of code that M2-Planet can write for an architecture, as M1 text:
// each template, with every choice of registers that the compiler makes, and with a
// constant for every form that depends on constants. Every label is L. A program has no
// other words than these, apart from labels, constants and data, and what it has in asm
// itself. The error is that there is no such architecture.
func Code(arch string) ([]string, error) {
	t := lookupTarget(arch)
	if t == nil {
		return nil, fmt.Errorf("there is no M2-Planet for architecture %q", arch)
	}
	c := &collector{
		pieces: []string{"NULL\n"}, // of the globals
		seen:   map[string]bool{},
		forms:  map[string]bool{},
		number: regexp.MustCompile(`(^|[ !@$~%])-?[0-9]+\b|'[0-9A-F]+'`),
	}
	for _, b := range cpp.Builds(ByM2Planet, ByCC, ByGCC) {
		e := &emitter{target: t, build: &build{Build: &b}}
		for _, template := range t.fixed() {
			e.emit(template, operands{label: "L"})
			c.take(e)
		}
		for _, value := range constants() {
			for _, use := range e.uses(b.Wrap(value)) {
				use()
				c.take(e)
			}
		}
	}
	return c.pieces, nil
}

// A collector keeps pieces of code that differ in more than constants.
type collector struct {
	pieces []string
	seen   map[string]bool // all that was emitted
	forms  map[string]bool // of pieces: with 0 for each constant
	number *regexp.Regexp  // matches a constant of M1
}

// take takes what the emitter has emitted.
func (c *collector) take(e *emitter) {
	if !c.seen[string(e.body)] && !e.negative { // programs with a negative byte are errors
		c.seen[string(e.body)] = true
		piece := strings.TrimRight(string(e.body), "\n") + "\n"
		form := c.number.ReplaceAllString(piece, "${1}0")
		if piece != "\n" && !c.forms[form] {
			c.forms[form] = true
			c.pieces = append(c.pieces, piece)
		}
	}
	e.body, e.negative = e.body[:0], false
}

// fixed returns the templates without registers, those of fields whose types are
// string and op.
func (t *target) fixed() (templates []string) {
	all := reflect.ValueOf(*t)
	for i := range all.NumField() {
		switch v := all.Field(i).Interface().(type) {
		case op:
			templates = append(templates, v.Signed, v.Unsigned)
		case string:
			if name := all.Type().Field(i).Name; name != "Name" {
				templates = append(templates, v)
			}
		}
	}
	return slices.DeleteFunc(templates, func(s string) bool {
		return strings.Contains(s, "(reg)") || strings.HasPrefix(s, "\n:") // the labels at the end of the code
	})
}

// constants returns constants on both sides of each at which a target may choose another
// form, the small ones first.
func constants() []int64 {
	var values []int64
	for bit := range 63 {
		for d := range int64(3) {
			values = append(values, 1<<bit+d-1, -(1<<bit + d - 1))
		}
	}
	return values
}

// uses returns calls of every method of the emitter that takes registers, with those that
// the compiler calls it with.
func (e *emitter) uses(value int64) []func() {
	uses := []func(){
		func() { e.push(regZero, "") },
		func() { e.push(regOne, "") },
		func() { e.push(regTemp, "") },
		func() { e.push(regBase, "") },
		func() { e.push(regLocals, "") },
		func() { e.pop(regZero, "") },
		func() { e.pop(regOne, "") },
		func() { e.pop(regTemp, "") },
		func() { e.pop(regBase, "") },
		func() { e.pop(regLocals, "") },
		func() { e.move(regOne, regZero, "") },
		func() { e.move(regTemp, regStack, "") },
		func() { e.move(regTemp2, regZero, "") },
		func() { e.move(regBase, regTemp, "") },
		func() { e.move(regZero, regTemp2, "") },
		func() { e.move(regStack, regBase, "") },
		func() { e.move(regStack, regLocals, "") },
		func() { e.move(regLocals, regStack, "") },
		func() { e.add(regZero, regOne, "") },
		func() { e.dereference(regZero, "") },
		func() { e.jump("", "L", "") },
		func() { e.jumpIfZero(regZero, "", "L", "") },
		func() { e.jumpIfNotZero(regZero, "", "L", "") },
		func() { e.jumpIfEqual(regZero, regOne, "", "L", "") },
		func() { e.loadLabel(regZero, "", "L", "") },
		func() { e.loadLabel(regOne, "", "L", "") },
		func() { e.loadImmediate(regZero, value, "") },
		func() { e.loadImmediate(regEmitTemp, value, "") },
		func() { e.scale(value, "") },
		func() { e.addImmediate(regZero, value, "") },
		func() { e.subtractImmediate(regZero, value, "") },
		func() { e.addUp(regZero, value, "", "") },
		func() { e.addUp(regStack, cmp.Or(value, 1), "", "") }, // nothing is reserved with 0
		func() { e.loadRelative(regZero, regLocals, value, "") },
		func() { e.loadRelative(regZero, regBase, value, "") },
		func() { e.loadRelative(regOne, regLocals, value, "") },
		func() { e.loadRelative(regOne, regBase, value, "") },
	}
	if e.target.Link != linkOnStack {
		uses = append(uses, func() { e.push(regReturn, "") }, func() { e.pop(regReturn, "") })
	}
	return uses
}
