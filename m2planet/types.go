package m2planet

import "slices"

// A typeName is the name of a type. In promote upstream compares the addresses of
// names, for which id stands; 0 means no name.
type typeName struct {
	text string
	id   int32
}

func (t *token) typeName() typeName { return typeName{t.Text, t.id} }

// A ctype is a type of the program.
type ctype struct {
	name     typeName
	size     int64 // in bytes; 0 while a struct is only declared
	signed   bool
	function bool // a pointer to a function
	pointer  *ctype
	elem     *ctype // what it points to; itself if it is no pointer
	members  *members
	order    int // place in upstream's list of types
}

// upstream: type_is_pointer
func (t *ctype) isPointer() bool { return t.elem != t || t.function }

// members are the members of a struct or union.
type members struct {
	list  []*member
	index map[string]*member // for a long list
}

// A member is a member of a struct or union. The members of a struct or union
// without a name count as members of the outer one.
type member struct {
	name      typeName
	typ       *ctype
	size      int64
	offset    int64
	anonymous bool
}

// indexFrom is the number of members from which on they have an index.
const indexFrom = 16

// find returns the member called name, or nil.
// upstream: lookup_member
func (m *members) find(name string) *member {
	if m == nil {
		return nil
	}
	if len(m.list) < indexFrom {
		return findMember(m.list, name)
	}
	if m.index == nil {
		m.index = map[string]*member{}
		m.addToIndex(m.list)
	}
	return m.index[name]
}

func findMember(list []*member, name string) *member {
	for _, i := range list {
		if i.anonymous {
			if found := i.typ.members.find(name); found != nil {
				return found
			}
		} else if i.name.id != 0 && i.name.text == name {
			return i
		}
	}
	return nil
}

func (m *members) addToIndex(list []*member) {
	for _, i := range list {
		if i.anonymous {
			if i.typ.members != nil {
				m.addToIndex(i.typ.members.list)
			}
		} else if _, ok := m.index[i.name.text]; !ok && i.name.id != 0 {
			m.index[i.name.text] = i
		}
	}
}

// types are the types of the program. Upstream has them in a list: the structs,
// unions and enums, the last one first, and then the primitive types, to which
// typedef appends.
type types struct {
	builtin    map[string]*ctype // by the name they started with
	primitives map[string]*ctype // by the name they have
	all        []*ctype          // the primitive ones in order
	tagged     map[string]*ctype
	listed     map[int32][]*ctype // by the ids in their names, see promote
	count      int
	ids        int32 // of built-in names; they count down

	anonymousStruct, anonymousUnion, anonymousEnum typeName
	noName                                         typeName // of a struct as a member
}

func (ts *types) builtinName(text string) typeName {
	ts.ids--
	return typeName{text, ts.ids}
}

// newPrimitive returns a new type, with its pointer and the pointer to that.
// upstream: new_primitive
func newPrimitive(name, pointer, pointer2 typeName, size, wordSize int64, signed bool) *ctype {
	t := &ctype{name: name, size: size, signed: signed}
	p := &ctype{name: pointer, size: wordSize, signed: signed}
	pp := &ctype{name: pointer2, size: wordSize, signed: signed}
	t.elem, t.pointer = t, p
	p.elem, p.pointer = t, pp
	pp.elem, pp.pointer = p, pp
	return t
}

// addPrimitive appends t to the list. Of two types with the same name the first
// counts.
// upstream: add_primitive
func (ts *types) addPrimitive(t *ctype) {
	ts.count++
	t.order = ts.count
	ts.all = append(ts.all, t)
	ts.name(t)
	ts.list(t)
}

// name registers the name of a primitive type.
func (ts *types) name(t *ctype) {
	if _, ok := ts.primitives[t.name.text]; !ok && t.name.id != 0 {
		ts.primitives[t.name.text] = t
	}
}

// mirror makes a copy of source called name, in the place of old if that is not
// nil.
// upstream: mirror_type
func (ts *types) mirror(old *ctype, name typeName, source *ctype) {
	t, p := old, &ctype{}
	if t == nil {
		t = &ctype{}
	} else {
		p = t.pointer
	}
	before := t.name.text // typedef int unsigned short; renames
	// One after the other, since source may be one of the two.
	t.name, p.name = name, name
	t.size = source.size
	p.size = source.pointer.size
	t.signed = source.signed
	p.signed = source.pointer.signed
	t.pointer = p
	p.pointer = t
	t.members = source.members
	p.members = source.pointer.members
	t.elem, p.elem = t, p
	if old == nil {
		ts.addPrimitive(t)
		return
	}
	ts.list(t)
	if before != name.text {
		ts.rename(t, before)
	}
}

// rename registers the new name of a primitive type, and removes the name before.
// Of several types with the same name the first counts.
func (ts *types) rename(t *ctype, before string) {
	if ts.primitives[before] == t {
		delete(ts.primitives, before)
		same := func(t *ctype) bool { return t.name.text == before && t.name.id != 0 }
		if i := slices.IndexFunc(ts.all, same); i >= 0 {
			ts.primitives[before] = ts.all[i]
		}
	}
	if first := ts.primitives[t.name.text]; first == nil || t.order < first.order {
		ts.primitives[t.name.text] = t
	}
}

// addTagged prepends t to the list.
func (ts *types) addTagged(t *ctype) {
	ts.count++
	t.order = -ts.count
	ts.tagged[t.name.text] = t
	ts.list(t)
}

func (ts *types) list(t *ctype) {
	for _, id := range t.ids() {
		if same := ts.listed[id]; len(same) == 0 || same[len(same)-1] != t {
			ts.listed[id] = append(same, t)
		}
	}
}

// ids returns those of the names by which promote finds t.
func (t *ctype) ids() [3]int32 {
	return [3]int32{t.name.id, t.pointer.name.id, t.pointer.pointer.name.id}
}

// promote returns the type of an operation on a and b: the first in the list
// whose name, or whose pointer's name, is that of a or b. It is nil if there is
// none.
// upstream: promote_type
func (ts *types) promote(a, b *ctype) *ctype {
	if a == b {
		return a
	}
	var first *ctype
	for _, id := range [2]int32{a.name.id, b.name.id} {
		for _, t := range ts.listed[id] {
			ids := t.ids()
			if slices.Contains(ids[:], id) && (first == nil || t.order < first.order) {
				first = t
			}
		}
	}
	return first
}

// A primitive is a predeclared type.
type primitive struct {
	name   string
	size   int64 // in bytes; 0 is a word
	signed bool
}

var primitives = []primitive{
	{"void", 0, false},
	{"SCM", 0, false},
	{"unsigned long long", 0, false},
	{"long long", 0, true},
	{"long", 0, true},
	{"unsigned long", 0, false},
	{"unsigned", 0, false},
	{"int", 0, true},
	{"short", 2, true},
	{"unsigned short", 2, false},
	{"uint64_t", 8, false},
	{"int64_t", 8, true},
	{"uint32_t", 4, false},
	{"int32_t", 4, true},
	{"uint16_t", 2, false},
	{"int16_t", 2, true},
	{"uint8_t", 1, false},
	{"int8_t", 1, true},
	{"char", 1, true},
	{"signed char", 1, true},
	{"unsigned char", 1, false},
	{"_Bool", 1, true},
	{"FUNCTION", 0, false},
	{"__va_list", 0, false},
}

// bootstrapPrimitives are more types of bootstrap mode.
var bootstrapPrimitives = []primitive{
	{"FILE", 0, true},
	{"size_t", 0, false},
	{"ssize_t", 0, false},
}

// upstream: initialize_types
func newTypes(wordSize int64, bootstrap bool) *types {
	ts := &types{
		builtin:    map[string]*ctype{},
		primitives: map[string]*ctype{},
		tagged:     map[string]*ctype{},
		listed:     map[int32][]*ctype{},
	}
	ts.anonymousStruct = ts.builtinName("anonymous struct")
	ts.anonymousUnion = ts.builtinName("anonymous union")
	ts.anonymousEnum = ts.builtinName("anonymous enum")
	ts.noName = ts.builtinName("")
	list := primitives
	if bootstrap {
		list = slices.Concat(primitives, bootstrapPrimitives)
	}
	for _, p := range list {
		size := p.size
		if size == 0 {
			size = wordSize
		}
		t := newPrimitive(ts.builtinName(p.name), ts.builtinName(p.name+"*"), ts.builtinName(p.name+"**"), size, wordSize, p.signed)
		ts.builtin[p.name] = t
		ts.addPrimitive(t)
	}
	function := ts.builtin["FUNCTION"]
	function.function, function.pointer.function = true, true
	return ts
}
