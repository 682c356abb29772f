// Package ccseed is the first C compiler of the ladder, which is written in
// assembly there. It compiles a subset of C to M1 assembly.
//
// # The language
//
// A program consists of definitions of enumeration constants and structures,
// globals, prototypes and functions.
//
//	enum { LINE = 80, TAB = 8 };
//	struct word { char* text; int length; struct word* next; };
//	struct word* words;
//	int longest(struct word* w)
//	{
//		int most = 0;
//		while(w != 0) { if(w->length > most) most = w->length; w = w->next; }
//		return most;
//	}
//
// Types are void, int, char, FILE, FUNCTION, unsigned, long and structures;
// only char has pointer types of its own, char* and char**. Each variable has a
// declaration of its own; a local can have an initial value, a global cannot.
// Statements are blocks, if, do, while, for (only its first expression may be
// empty), goto and labels, break, return, asm and expressions.
//
// The operators = -> [] () sizeof and unary - ! ~ are C's; a FUNCTION is called
// through its name. Binary operators have three precedence levels, all
// left-associative: + - * / % << >>, then < <= > >= == !=, then & && | || ^.
// Both operands of && and || are evaluated, and combined bit by bit. Arithmetic
// is signed, except / and % on x86 and amd64 and >> on riscv.
//
// A local is pushed where it is declared, and dropped at the end of its block,
// by return and by break; goto drops nothing.
//
// Words consist of letters, digits and underscores, or of < = > | & ! -, and
// are as long as possible: x=-1 contains the word =- and is an error. Both '#'
// and // start a comment to the end of the line, so there is no preprocessor. A
// word followed directly by a colon is a label. Numbers are copied to the
// output.
//
// # Dialects
//
// The releases of stage0-posix contain three versions of the compilers. The
// description above is of the newest, dialect 1.9, of releases 1.9.0 and 1.9.1.
//
// Dialect 1.6, of releases 1.6.0, 1.7.0, 1.8.0 and 1.8.1, differs:
//
//   - There is no enum. CONSTANT NAME VALUE defines a constant.
//   - After //, only the two slashes are dropped; the rest of the line is read.
//     So "// CONSTANT TAB 8" is a comment to other compilers and a definition
//     here.
//   - A structure may have unnamed unions, with members only: union { int
//     number; char* text; };
//   - !a is a ^ 1, not a == 0.
//   - The code for x86 uses the macro cmp for comparisons, not cmp_ebx,eax.
//
// Dialect 1.5, of release 1.5.0, is the same language. Its output uses other
// macros for all architectures but aarch64, such as LOAD_IMMEDIATE_eax for
// mov_eax, and ADDI for addi.
//
// # Upstream
//
// This is what cc_x86, cc_amd64, cc_aarch64, cc_riscv32 and cc_riscv64 of
// stage0-posix do, whose sources are <ARCH>/cc_<arch>.M1: one algorithm in five
// assembly languages. Type target has all differences between them. A
// function's comment names the label that it corresponds to there.
//
// Their code does not always do what the source says. Ours is the same, and
// such places are reported to Options.Diagnostics:
//
//   - A global with a value or in brackets: the rest of the file is dropped.
//   - continue does nothing.
//   - Byte 0xFC ends the file, and NUL ends the word it is in.
//   - /*/ is a complete comment.
//   - In dialects 1.5 and 1.6 a line after // is code.
//   - A word that begins with - or ! is taken for that operator where an
//     operand is expected.
//   - An invalid number, or a constant that is not a number, is copied; an
//     array size that is not a number is 0.
//   - A character constant keeps only its first character; if it has none, it
//     is 0.
//   - After \x, any character below '9' in ASCII counts as a digit.
//   - A NUL in a string that need not be written in hex cuts it short, and the
//     closing quote is lost.
//   - The size of an array's elements is rounded up to a power of two; the
//     elements of a sum, for example, or of a char count as words.
//   - A member of less than four bytes is not loaded, an array member of more
//     is, and an assignment stores a word. A structure variable gets only a
//     word.
//   - Sizes that do not fit in a register, or have more than ten digits, are
//     mangled.
//   - The comma between two parameters may be missing.
//   - On x86 a colon after Q, R or S has a string written in hex, because a set
//     of characters has no end there and includes the code after it. The
//     ladder's digests depend on it.
//
// Where they crash, hang, or read out of bounds, there is an error:
//
//   - the file ends in a declaration, a function, a comment or a string;
//   - a word or a string is longer than 255 bytes, or a string as written, with
//     its quotes and line end, is longer than that, or than 511 bytes in hex;
//   - an index, an arrow or a call is applied to a value of unknown type;
//   - a structure is defined in sizeof or in another structure, or has an array
//     of structures;
//   - a string ends in the middle of \x and its two digits;
//   - on riscv, the size of an array's elements is not a power of two, a structure
//     has an array, or its second member is at offset 1.
//
// Their stack use grows with the output and its nesting, and they crash when
// the stack overflows. Here statements and expressions may be nested 10000
// deep, and the output has no limit.
package ccseed

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"stage0/source"
)

// Options selects the target.
type Options struct {
	Arch    string // x86, amd64, aarch64, riscv32 or riscv64
	Dialect string // 1.5, 1.6 or 1.9; empty means the newest
	source.Diagnostics
}

// A compiler is the state of one run. It works in a single pass, so the output
// is in the order of the source.
type compiler struct {
	*dialect
	*target
	scanner
	operators [3]map[string]string // code by spelling, lowest precedence first

	w   io.Writer
	out []byte // the functions, as far as not yet written

	globals  strings.Builder // the globals, written after the functions
	literals strings.Builder // the strings, written after the globals

	types     map[string]*ctype // those that a declaration can name
	constants map[string]string // constants, and the tokens that replace them
	variables map[string]*ctype // globals, and functions with the type they return
	functions map[string]bool

	function *function // the current function, or nil
	count    int64     // of statements and strings in it, used to number labels
	loop     loop      // the innermost loop
	returned bool      // the last code written was a return
	current  *ctype    // type of what was loaded last; nil if it has none. upstream: current_target
	depth    int       // nesting depth of statements and expressions
}

// Compile compiles src to the assembly language of M0 and writes it to w. Its
// errors are those of w, and *source.Error.
func Compile(w io.Writer, src source.Source, opt Options) (err error) {
	dialect, err := findDialect(opt.Dialect)
	if err != nil {
		return err
	}
	target := dialect.lookup(opt.Arch)
	if target == nil {
		return fmt.Errorf("there is no seed compiler for architecture %q", opt.Arch)
	}
	c := &compiler{
		dialect:   dialect,
		target:    target,
		scanner:   scanner{src: src, text: string(src.Text), diag: opt.Diagnostics, lineComments: dialect.lineComments},
		operators: target.operators(),
		w:         w,
		types:     basicTypes(target.Word),
		constants: map[string]string{},
		variables: map[string]*ctype{},
		functions: map[string]bool{},
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case bailout:
			err = r.err
		default:
			panic(r)
		}
	}()
	c.next()
	c.write("\n# Core program\n")
	c.program()
	c.write(c.GlobalsHeader)
	c.write(c.globals.String())
	c.write("\n# Program strings\n")
	c.write(c.literals.String())
	c.write("\n:ELF_end\n")
	_, err = w.Write(c.out)
	return err
}

// flushSize is how many bytes of output are collected before a write.
const flushSize = 64 << 10

// write appends text to the functions.
//
// upstream: emit_out
func (c *compiler) write(text string) {
	c.returned = false
	c.out = append(c.out, text...)
	if len(c.out) >= flushSize {
		if _, err := c.w.Write(c.out); err != nil {
			panic(bailout{err})
		}
		c.out = c.out[:0]
	}
}

// emit appends a template to the functions, replacing (x) by x.
func (c *compiler) emit(template, x string) {
	for {
		before, after, found := strings.Cut(template, "(x)")
		c.write(before)
		if !found {
			return
		}
		c.write(x)
		template = after
	}
}

// is reports whether the current token is text.
//
// upstream: match
func (c *compiler) is(text string) bool { return c.word() == text }

// first returns the first character of the current token, or NUL.
func (c *compiler) first() byte {
	if word := c.word(); word != "" {
		return word[0]
	}
	return 0
}

// word returns the current token. At the end of the file it fails.
func (c *compiler) word() string {
	if c.tok.eof {
		c.failEOF("the rest of it")
	}
	return c.tok.text
}

// failEOF ends the run with an error at the end of the file, where upstream
// dereferences a null pointer.
func (c *compiler) failEOF(expected string) {
	where := "a declaration"
	if c.function != nil {
		where = "function " + strconv.Quote(c.function.name)
	}
	c.fail("found the end of the file in %s, expected %s", where, expected)
}

// expect skips the token text, which must be there; reason says why.
//
// upstream: require_match
func (c *compiler) expect(text, reason string) {
	if c.tok.eof {
		c.failEOF("\"" + text + "\" " + reason)
	}
	if c.tok.text != text {
		c.fail("found %s, expected \"%s\" %s", c.tok, text, reason)
	}
	c.next()
}

// maxDepth is the maximum nesting depth of statements and expressions.
const maxDepth = 10000

// enter and leave track the nesting depth of statements and expressions.
func (c *compiler) enter() {
	if c.depth++; c.depth > maxDepth {
		c.fail("found statements and expressions nested more than %d deep", maxDepth)
	}
}

func (c *compiler) leave() { c.depth-- }
