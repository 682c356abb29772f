package m2planet

import "slices"

// multiWord has the types whose names have several words, by these words without
// a final int.
var multiWord = map[string]string{
	"unsigned":           "unsigned",
	"unsigned char":      "unsigned char",
	"unsigned short":     "unsigned short",
	"unsigned long":      "unsigned long",
	"unsigned long long": "unsigned long long",
	"signed":             "int",
	"signed char":        "signed char",
	"signed short":       "short",
	"signed long":        "long",
	"signed long long":   "long long",
	"short":              "short",
	"long":               "long",
	"long long":          "long long",
}

// primitiveType returns the primitive type that the current token names, or nil.
// It moves to the last word of the name.
// upstream: lookup_primitive_type
func (c *compiler) primitiveType() *ctype {
	words := c.text()
	switch words {
	case "unsigned", "signed", "short", "long":
		if !c.opt.BootstrapMode {
			break
		}
		fallthrough
	default:
		return c.primitives[words]
	}
	for {
		next := c.at.next
		if next == nil {
			c.end().Fail("the program ends in the name of a type")
		}
		longer := words + " " + next.Text
		if _, ok := multiWord[longer]; !ok {
			if next.Text == "int" && words != "unsigned char" && words != "signed char" {
				c.at = next
			}
			return c.builtin[multiWord[words]]
		}
		c.at, words = next, longer
	}
}

// anyType is primitiveType for structs, unions and enums as well.
// upstream: lookup_global_type
func (c *compiler) anyType() *ctype {
	if t := c.primitiveType(); t != nil {
		return t
	}
	if t := c.tagged[c.text()]; t != nil {
		return t
	}
	return c.primitives[c.text()]
}

// typeName reads the name of a type.
// upstream: type_name
func (c *compiler) typeName() *ctype {
	t := c.maybeTypeName()
	if t == nil {
		c.here().Fail("found %s, expected a type", c.at.Show())
	}
	return t
}

// maybeTypeName reads the name of a type and the stars after it. If there is no
// type it returns nil, and skips only qualifiers.
// upstream: fallible_type_name
func (c *compiler) maybeTypeName() *ctype {
	if c.is("extern") {
		c.skip()
	}
	if c.is("const") {
		c.skip()
	}
	var t *ctype
	switch c.text() {
	case "struct", "union":
		isUnion := c.is("union")
		c.skip()
		t = c.anyType()
		if c.is("{") || c.nextIs("{") || c.nextIs(";") {
			return c.structType(isUnion)
		}
		if t == nil {
			t = c.declareStruct(c.at.typeName(), true)
		}
	case "enum":
		c.skip()
		if t = c.anyType(); t == nil {
			return c.enumType()
		}
	default:
		if t = c.anyType(); t == nil {
			return nil
		}
	}
	c.skip()
	if c.is("const") {
		c.skip()
	}
	return c.stars(t, "const", "restrict")
}

// stars reads the stars after a type, and qualifiers after those.
func (c *compiler) stars(t *ctype, qualifiers ...string) *ctype {
	for c.first() == '*' {
		t = t.pointer
		c.skip()
		for slices.Contains(qualifiers, c.text()) {
			c.skip()
		}
	}
	return t
}

// functionPointer reads the declaration of a pointer to a function from its first
// parenthesis on, and returns its name, if any.
// upstream: parse_function_pointer
func (c *compiler) functionPointer() typeName {
	c.nest()
	defer c.unnest()
	c.skip()
	c.expect("*", "in a pointer to a function")
	var name typeName
	if c.first() != ')' {
		name = c.at.typeName()
		c.skip()
	}
	c.expect(")", "after the name of a pointer to a function")
	c.expect("(", "before the parameters of a pointer to a function")
	for c.first() != ')' {
		c.typeName()
		if c.first() == '(' {
			c.functionPointer()
		}
		if c.first() != ')' && c.first() != ',' {
			c.skip() // a name
		}
		c.separator(')')
	}
	c.skip()
	return name
}

// declareStruct declares a struct or union without members.
// upstream: create_forward_declared_struct
func (c *compiler) declareStruct(name typeName, listed bool) *ctype {
	t := newPrimitive(name, name, name, 0, c.target.WordSize, false)
	if listed {
		c.addTagged(t)
	}
	return t
}

// structType reads a struct or union, from its name or brace on.
// upstream: create_struct
func (c *compiler) structType(isUnion bool) *ctype {
	c.nest()
	defer c.unnest()
	var t *ctype
	if c.first() == '{' {
		name := c.anonymousStruct
		if isUnion {
			name = c.anonymousUnion
		}
		t = c.declareStruct(name, false)
	} else {
		name := c.at
		if t = c.anyType(); t == nil {
			t = c.declareStruct(name.typeName(), true)
		} else if t.size != 0 {
			c.here().Fail("struct %s is defined already", t.name.text)
		}
		c.skip()
	}
	if c.first() != '{' {
		return t
	}
	c.expect("{", "of a struct")
	var list []*member
	var offset, largest int64
	for c.first() != '}' {
		m := c.member(offset)
		list = append(list, m)
		if m.size == 0 {
			c.here().Fail("the member has a type without a size")
		}
		largest = max(largest, m.size)
		if !isUnion {
			offset = c.build.Wrap(offset + m.size)
		}
		c.expect(";", "after the member of a struct")
	}
	c.skip()
	t.size = offset
	if isUnion {
		t.size = largest
	}
	if list != nil {
		t.members = &members{list: list}
		t.pointer.members = t.members
	}
	return t
}

// member reads a member of a struct or union.
// upstream: build_member
func (c *compiler) member(offset int64) *member {
	t := c.typeName()
	m := &member{typ: t, offset: offset}
	switch {
	case c.first() == '(':
		m.name = c.functionPointer()
		m.typ = c.builtin["FUNCTION"]
	case c.first() != ';':
		m.name = c.at.typeName()
		c.skip()
	case t.members == nil:
		c.here().Fail("a member that is not a struct or union needs a name")
	case t.name.text != c.anonymousStruct.text && t.name.text != c.anonymousUnion.text:
		c.here().Fail("a member without a name needs a struct or union without a name")
	default:
		m.name = c.noName
		for _, inner := range t.members.list {
			inner.offset = c.build.Wrap(inner.offset + offset)
		}
	}
	m.anonymous = m.name.id != 0 && m.name.text == ""
	m.size = t.size
	if c.is("[") {
		c.skip()
		// As in upstream, an array of pointers has the size of an array of their elements.
		m.size = c.build.Wrap(c.constant() * t.elem.size)
		if m.size == 0 {
			c.here().Fail("the size of an array in a struct is 0, expected a number of elements")
		}
		c.expect("]", "after the size of an array")
	}
	return m
}

// enumType reads an enum, from its name or brace on.
// upstream: create_enum
func (c *compiler) enumType() *ctype {
	t := newPrimitive(typeName{}, typeName{}, typeName{}, c.target.WordSize, c.target.WordSize, false)
	t.signed = true
	if c.is("{") {
		t.name = c.anonymousEnum
	} else {
		c.notInBootstrap("an enum with a name")
		t.name = c.at.typeName()
		c.skip()
		c.addTagged(t)
	}
	c.expect("{", "of an enum")
	var value int64
	for c.first() != '}' {
		c.declareConstant(c.text())
		c.skip()
		if c.is("=") {
			c.skip()
			value = c.constant()
		} else {
			c.notInBootstrap("an enumerator without a value")
		}
		// An enum inside of the expression would have declared the last one.
		c.lastConstant.value = c.build.signed(value)
		value = c.build.Wrap(value + 1)
		c.separator('}')
	}
	c.skip()
	return t
}
