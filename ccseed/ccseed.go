// Package ccseed is the first C compiler of the ladder, which it writes in
// assembly: a subset of C in, M1 assembly out.
//
// # The language
//
// A program is definitions of enumeration constants and structures, globals,
// prototypes and functions.
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
// only char has pointer types of its own, char* and char**. A local's name is
// declared alone, perhaps with a value; a global's without. Statements are
// blocks, if, do, while, for (of whose expressions only the first may be left
// out), goto and labels, break, return, asm and expressions.
//
// The operators = -> [] () sizeof and unary - ! ~ are C's; a FUNCTION is called
// through its name. The binary ones have three levels, each of which groups
// from the left: + - * / % << >>, then < <= >= > == !=, then & && | || ^. Both
// operands of && and || are evaluated, and combined bit by bit. Arithmetic is
// signed, except / and % on x86 and amd64 and >> on riscv.
//
// A local is pushed where it is declared, and dropped at the end of its block,
// by return and by break; goto drops nothing.
//
// Words are made of letters, digits and underscores, or of < = > | & ! -, and
// are as long as can be: x=-1 has the word =- in it and is an error. A line is
// ended by '#' as by //, so there is no preprocessor. A word and a colon, with
// nothing between them, is a label. Numbers are copied to the output.
//
// # Dialects
//
// The releases of stage0-posix have three versions of the compilers. What is
// written above holds for the newest, dialect 1.9, of releases 1.9.0 and 1.9.1.
//
// Dialect 1.6, of releases 1.6.0, 1.7.0, 1.8.0 and 1.8.1, differs:
//
//   - There is no enum. CONSTANT, a name and a value define a constant.
//   - Of // only the two slashes are dropped; what follows them is read. So
//     "// CONSTANT TAB 8" is a comment to other compilers and a definition here.
//   - A structure may have unions without a name, of members only:
//     union { int number; char* text; };
//   - !a is a ^ 1, not whether a is 0.
//   - The code for x86 compares with the macro cmp, not cmp_ebx,eax.
//
// Dialect 1.5, of release 1.5.0, is the same language. It writes other macros
// for all architectures but aarch64, such as LOAD_IMMEDIATE_eax for mov_eax,
// and ADDI for addi.
//
// # Upstream
//
// This is what cc_x86, cc_amd64, cc_aarch64, cc_riscv32 and cc_riscv64 of
// stage0-posix do, whose sources are <ARCH>/cc_<arch>.M1: one algorithm in five
// assembly languages. Type Target has all that they differ in. A comment at a
// function names the label of theirs that it answers to.
//
// Their output is not always what the source means. It is the same here, and
// Options.Diagnostics is told:
//
//   - A global with a value or in brackets: the rest of the file is dropped.
//   - continue does nothing.
//   - Byte 0xFC ends the file, and NUL the word it stands in.
//   - The comment of /*/ ends with it.
//   - In dialects 1.5 and 1.6 a line after // is code.
//   - A word that begins with - or ! is taken for it where an operand is due.
//   - A number that is none, or a constant that is no number, is copied; the
//     size of an array that is no number is 0.
//   - Of a character constant all but the first character is dropped; without
//     one it is 0.
//   - What stands for a digit after \x may be any character before '9' in ASCII.
//   - A NUL in a string that need not be written in hex cuts it short, and the
//     closing quote is lost.
//   - The elements of an array are taken to be a power of two apart, or on
//     riscv nonsense; those of a sum, say, or of a char are taken for words.
//   - A member of less than four bytes is not loaded, an array of more is, and
//     an assignment stores a word. A structure that is a variable gets a word.
//   - Sizes that a register does not hold, or of more than ten digits, are mangled.
//   - The comma between two arguments' declarations may be missing.
//
// Where they crash, hang, or read beyond what they have, there is an error:
//
//   - the file ends in a declaration, a function, a comment or a string;
//   - a word or a string is longer than 255 bytes, or a string with its quotes
//     and line end longer than that as it is written, or 511 in hex;
//   - an index, an arrow or a call is applied to a value of unknown type;
//   - a structure is defined in sizeof or in another structure, or has an
//     array of structures;
//   - on riscv, a structure's first member is an array, or the second is at
//     offset 1.
//
// They need a stack in proportion to the output and to its nesting, and crash
// where it ends. Here statements and expressions may be 10000 deep, and the
// output has no limit.
package ccseed

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"stage0/source"
)

// Options says what to compile for.
type Options struct {
	Architecture string  // x86, amd64, aarch64, riscv32 or riscv64
	Dialect      Dialect // empty for the newest
	source.Diagnostics
}

// A compiler is the state of one run. It reads and writes in one pass: what
// stands in the output stands there in the order of the source.
type compiler struct {
	*dialect
	*Target
	scanner
	operators [3]map[string]string // code by spelling, loosest first

	w   io.Writer
	out []byte // the functions so far, as far as they have not been written

	globals  strings.Builder // what follows them: the globals,
	literals strings.Builder // and the strings

	types     map[string]*ctype // those that a declaration can name
	constants map[string]string // the constants, and the tokens they stand for
	variables map[string]*ctype // globals; functions are among them, with the type they return
	functions map[string]bool

	function *function // the one being compiled, or nil
	count    int64     // of statements and strings in it: labels are numbered by it
	loop     loop      // the innermost
	returned bool      // a return was the last that was written
	target   *ctype    // of what was loaded last; nil if that had none. upstream: current_target
	depth    int       // of statements and expressions in each other
}

// Compile writes the program src to w in the assembly language of M0. Its
// errors are w's, those of reading src, and *source.Error.
func Compile(w io.Writer, src source.Source, opt Options) (err error) {
	dialect, err := opt.Dialect.find()
	if err != nil {
		return err
	}
	target := dialect.target(opt.Architecture)
	if target == nil {
		return fmt.Errorf("there is no seed compiler for architecture %q", opt.Architecture)
	}
	text, err := src.ReadAll()
	if err != nil {
		return err
	}
	c := &compiler{
		dialect:   dialect,
		Target:    target,
		scanner:   scanner{src: src, text: string(text), diag: opt.Diagnostics, lineComments: dialect.lineComments},
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

// flushSize is how much output is collected before it is written.
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

// emit appends a template to the functions, with x where it says (x).
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

// is reports whether text is the token at hand.
//
// upstream: match
func (c *compiler) is(text string) bool { return c.word() == text }

// first returns the first character of the token at hand, or NUL.
func (c *compiler) first() byte {
	if word := c.word(); word != "" {
		return word[0]
	}
	return 0
}

// word returns the token at hand, and does not return if there is none.
func (c *compiler) word() string {
	if c.tok.eof {
		c.failEOF("the rest of it")
	}
	return c.tok.text
}

// failEOF ends the run with an error at the end of the file, where upstream
// follows a null pointer.
func (c *compiler) failEOF(want string) {
	where := "a declaration"
	if c.function != nil {
		where = "function " + strconv.Quote(c.function.name)
	}
	c.fail("found the end of the file in %s, want %s", where, want)
}

// expect goes past the token text, which is there for the reason given.
//
// upstream: require_match
func (c *compiler) expect(text, reason string) {
	if c.tok.eof {
		c.failEOF("\"" + text + "\" " + reason)
	}
	if c.tok.text != text {
		c.fail("found %s, want \"%s\" %s", c.tok, text, reason)
	}
	c.next()
}

// maxDepth is how many statements and expressions may be in each other.
const maxDepth = 10000

// enter counts a statement or an expression that has begun, leave one that
// has ended.
func (c *compiler) enter() {
	if c.depth++; c.depth > maxDepth {
		c.fail("found more than %d statements and expressions in each other", maxDepth)
	}
}

func (c *compiler) leave() { c.depth-- }
