// Package cgen generates C programs for the comparison of compilers, both valid
// and broken. The same seed gives the same program, with every version of Go.
//
// The programs are in the subset of C that all compilers of the ladder accept, and
// in the extensions that are selected by Features. Each rule of the grammar (see
// declarations, statements and expressions) names the features it needs. The
// programs are not meant to be run.
package cgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Features is a set of extensions that not every compiler has.
type Features uint

// The features.
const (
	StructArrays Features = 1 << iota // arrays in structures; members after a char
	HexLetters                        // \xAB in strings and character constants
	CallGlobals                       // calls through a global FUNCTION
	Constants                         // CONSTANT NAME VALUE, instead of enum
	Unions                            // unions without a name in structures
	M2Planet                          // the extensions of M2-Planet, see m2planet.go
)

// A Program is a C program: its tokens, in order.
type Program []string

// New generates a program for a compiler with the given features. A few programs
// are invalid, because they use the type of an expression that has none.
func New(seed uint64, features Features) Program {
	g := &generator{Rand: newRand(seed), features: features}
	if features&M2Planet != 0 {
		g.emit("typedef", "int", "FILE", ";")
	}
	for range 2 + g.IntN(8) {
		g.pick(declarations())
	}
	g.function("main")
	return g.out
}

// newRand returns the source of randomness for a seed.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// A generator holds the declarations so far.
type generator struct {
	*rand.Rand
	features Features
	out      Program

	names     int // number of generated names
	structs   []structure
	constants []string
	globals   []variable
	functions []string

	// In a function.
	visible []variable // arguments, and locals whose block has not ended
	labels  []string
	loops   int // around the statement

	// With M2Planet.
	types    []string // names from typedef
	macros   []string // as they are used; up to a comma, if arguments follow
	switches int      // around the statement
	depth    int      // of statements and expressions
}

// A variable is a global, a local, an argument or a member.
type variable struct {
	name  string
	base  string     // char, int and so on; struct
	stru  *structure // its type, if base is struct
	stars int
}

// A structure is the type of that name.
type structure struct {
	name    string
	union   bool
	members []variable
}

func (s *structure) kind() string {
	if s.union {
		return "union"
	}
	return "struct"
}

// A rule is an alternative of the grammar.
type rule struct {
	weight int      // relative frequency
	needs  Features // all are needed
	make   func(*generator)
}

// pick applies one of the rules at random.
func (g *generator) pick(rules []rule) {
	total := 0
	for _, r := range rules {
		if r.needs&^g.features == 0 {
			total += r.weight
		}
	}
	n := g.IntN(total)
	for _, r := range rules {
		if r.needs&^g.features != 0 {
			continue
		}
		if n -= r.weight; n < 0 {
			r.make(g)
			return
		}
	}
}

// emit appends tokens to the program.
func (g *generator) emit(tokens ...string) { g.out = append(g.out, tokens...) }

// oneIn reports true once in n times.
func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

// oneOf returns one of the words, which are separated by spaces.
func (g *generator) oneOf(words string) string {
	list := strings.Fields(words)
	return list[g.IntN(len(list))]
}

// newName returns a new name.
func (g *generator) newName(prefix string) string {
	g.names++
	return prefix + string(rune('a'+g.names%26)) + g.oneOf("_ 1 2x X _a9")
}

// Text returns the program as a text: the tokens with white space and
// comments between them.
func (p Program) Text(seed uint64) []byte {
	return p.text(seed, lineComment, "\n# dropped \"\n")
}

// M2PlanetText is Text for M2-Planet, which has directives.
func (p Program) M2PlanetText(seed uint64) []byte {
	return p.text(seed, lineComment, "\n#pragma dropped\n")
}

// ConstantsText is Text for compilers that read the rest of a line after //.
func (p Program) ConstantsText(seed uint64) []byte {
	return p.text(seed, " // ", "\n# dropped \"\n")
}

const lineComment = " // a comment's end\n"

func (p Program) text(seed uint64, comment, directive string) []byte {
	r := newRand(seed)
	var b []byte
	for i, token := range p {
		b = append(b, token...)
		if i+1 == len(p) || !glues(token, p[i+1]) {
			if r.IntN(3) > 0 {
				continue
			}
		}
		switch r.IntN(40) {
		case 0:
			b = append(b, " /* "+strings.Repeat("* ", r.IntN(3))+"*/"...)
		case 1:
			b = append(b, comment...)
		case 2:
			b = append(b, directive...)
		case 3:
			b = append(b, " \t \n"...)
		case 4, 5, 6, 7, 8:
			b = append(b, '\n')
		default:
			b = append(b, ' ')
		}
	}
	return append(b, '\n')
}

// glues reports whether two tokens would form another one without white space
// between them.
func glues(a, b string) bool {
	const symbols = "<=>|&!-"
	last, first := a[len(a)-1], b[0]
	return wordy(last) && (wordy(first) || first == ':') ||
		strings.IndexByte(symbols, last) >= 0 && strings.IndexByte(symbols, first) >= 0 ||
		last == '/' && (first == '/' || first == '*')
}

// wordy reports whether c may be part of a name or a number.
func wordy(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// FirstDifference shows the first difference of two texts, such as the output of
// two compilers.
func FirstDifference(want, got []byte) string {
	const around = 60 // bytes
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	from := max(0, i-around)
	return fmt.Sprintf("expected %q\ngot  %q", want[from:min(len(want), i+around)], got[from:min(len(got), i+around)])
}
