package ccseed

// A ctype is a type: a basic one, a structure, or a pointer to one of them.
//
// upstream: struct type
type ctype struct {
	name     string
	size     int64             // in bytes
	indirect *ctype            // type of a pointer to it
	basic    bool              // a structure may have an array of these
	members  map[string]member // of the structure, or of the one it points to
	declared *ctype            // the type that a declaration of this name finds; nil for char**
	order    int               // of declared: promote prefers the later one
}

// A member is a member of a structure.
type member struct {
	*ctype // of its elements, if it is an array
	array  bool
	size   int64 // total size in bytes
	offset int64 // in bytes
}

// basicTypes returns the predeclared types. An asterisk turns char into char*,
// and char* and char** into char**; it leaves the other types unchanged.
func basicTypes(word int64) map[string]*ctype {
	types := map[string]*ctype{}
	for _, name := range []string{"long", "unsigned", "FUNCTION", "FILE", "char", "int", "void"} {
		t := &ctype{name: name, size: word, basic: true, order: len(types)}
		t.indirect, t.declared = t, t
		types[name] = t
	}
	char := types["char"]
	char.size = 1
	pointer := &ctype{name: "char*", size: word, basic: true, declared: char, order: char.order}
	double := &ctype{name: "char**", size: word, basic: true}
	char.indirect, pointer.indirect, double.indirect = pointer, double, double
	return types
}

// numBasic is how many of the basic types a declaration can name.
const numBasic = 7

// promote returns the type of an expression whose operands have the types a and
// b: the one whose name was declared last. The result is the type that a
// declaration of that name finds: char, not char*.
//
// upstream: promote_type
func promote(a, b *ctype) *ctype {
	switch {
	case b == nil:
		return a
	case a == nil:
		return b
	case a.declared == nil:
		return b.declared
	case b.declared != nil && b.order > a.order:
		return b.declared
	}
	return a.declared
}

// typeName reads a type and returns it, or nil if it was the definition of a
// structure.
//
// upstream: type_name
func (c *compiler) typeName() *ctype {
	structure := c.is("struct")
	if structure {
		c.next()
	}
	t := c.types[c.word()]
	switch {
	case t == nil && structure:
		c.createStruct()
		return nil
	case t == nil:
		c.fail("found %s, expected a type", c.tok)
	}
	for c.next(); c.first() == '*'; c.next() {
		t = t.indirect
	}
	return t
}

// createStruct reads the definition of a structure from its name on.
//
// upstream: create_struct
func (c *compiler) createStruct() {
	t := &ctype{name: c.word(), order: len(c.types)}
	pointer := &ctype{name: t.name, size: c.Word, indirect: t, declared: t, order: t.order}
	t.indirect, t.declared = pointer, t
	c.types[t.name] = t
	c.next()
	c.expect("{", "after the name of a structure that has not been defined")
	var (
		members = map[string]member{}
		offset  int64
	)
	for c.first() != '}' {
		var size int64
		if c.unions && c.is("union") {
			size = c.buildUnion(members, offset)
		} else {
			name, m := c.buildMember(offset)
			members[name] = m
			size = m.size
		}
		offset = c.wrap(offset + size)
		c.expect(";", "after a member")
	}
	c.next()
	c.expect(";", "after the definition of a structure")
	t.size, t.members, pointer.members = offset, members, members
}

// buildUnion reads a union at the given offset, adds its members to those of
// the structure, and returns the size of the largest.
//
// upstream: build_union
func (c *compiler) buildUnion(members map[string]member, offset int64) (size int64) {
	c.next()
	c.expect("{", "after union")
	for c.first() != '}' {
		name, m := c.buildMember(offset)
		members[name] = m
		size = max(size, m.size)
		c.expect(";", "after a member of a union")
	}
	c.next()
	return size
}

// buildMember reads a member at the given offset, in bytes.
//
// upstream: build_member
func (c *compiler) buildMember(offset int64) (name string, m member) {
	start := c.tok.off
	m = member{ctype: c.typeName(), offset: offset}
	if m.ctype == nil {
		c.failAt(start, "found the definition of a structure, expected the type of a member")
	}
	at := c.tok.off
	name = c.word()
	c.next()
	switch array := c.is("["); {
	case array && !c.StructArrays:
		c.fail("found an array in a structure; upstream's compiler for %s has none", c.Name)
	case array && !m.basic:
		c.fail("found an array of structures in a structure, expected elements of a basic type")
	case array:
		m.array = true
		c.next()
		m.size = c.wrap(c.numerate(c.word()) * m.ctype.size)
		c.next()
		c.expect("]", "after the size of an array")
	case offset == 1 && !c.StructArrays:
		c.failAt(at, "found a member at offset 1; upstream's compiler for %s never ends there", c.Name)
	default:
		m.size = m.ctype.size
	}
	return name, m
}

// wrap returns n truncated to a register.
func (c *compiler) wrap(n int64) int64 {
	if c.Word == 4 {
		return int64(int32(n))
	}
	return n
}
