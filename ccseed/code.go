package ccseed

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Dialects returns the dialects, the oldest first.
func Dialects() []string {
	var names []string
	for _, d := range dialects {
		names = append(names, d.name)
	}
	return names
}

// Code returns all pieces of code that the compiler of an architecture can write in a
// dialect, as M1 text: its templates. Every name in them is L, and every constant is 4. A
// program has no other words than these, apart from data, and what it has in asm itself.
// The error is that there is no such compiler. An empty dialect is the newest.
func Code(arch, dialect string) ([]string, error) {
	d, err := findDialect(dialect)
	if err != nil {
		return nil, err
	}
	t := d.lookup(arch)
	if t == nil {
		return nil, fmt.Errorf("there is no cc for architecture %q", arch)
	}
	pieces := []string{"NULL\n"} // of the globals
	all := reflect.ValueOf(*t)
	for i := range all.NumField() {
		name := all.Type().Field(i).Name
		template, _ := all.Field(i).Interface().(string)
		if template != "" && name != "Name" && name != "ColonAfter" {
			for _, x := range arguments(template) {
				pieces = append(pieces, strings.ReplaceAll(template, "(x)", x))
			}
		}
	}
	return pieces, nil
}

// arguments returns what may stand for (x) in a template: a name, one number, or all that
// can end a register's name.
func arguments(template string) []string {
	before, _, _ := strings.Cut(template, "(x)")
	switch before[len(before)-1] {
	case '_', '$', '&':
		return []string{"L"}
	case 'x', 'X': // a number of bits to shift by
		var all []string
		for n := range 32 {
			all = append(all, strconv.Itoa(n))
		}
		return all
	}
	return []string{"4"}
}
