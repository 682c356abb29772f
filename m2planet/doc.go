// Package m2planet is the ladder's C compiler: a program in a subset of C
// becomes M1 text, for any of eight architectures. It is what M2-Planet 1.13.1
// does, whose sources are M2-Planet/cc*.c of stage0-posix 1.9.1.
//
// # The language
//
// Types are void, char, short, int, long, long long with signed and unsigned,
// the intN_t, _Bool, FUNCTION (a pointer to a function), structs, unions and
// enums, typedefs, pointers to and arrays of these. int, unsigned and long are
// as wide as a register. There are if, while, do, for, switch, goto, break,
// continue, return, asm and blocks; the operators of C but ?: and the comma,
// and && and || evaluate both sides; variables global, local and static,
// with initial values; functions with a variable number of arguments.
//
// Directives are #define, with parameters too, #undef, #if and its kin,
// #include, #error and #warning; #FILENAME names the file and line of what
// follows. #include is ignored unless Options.ExpandIncludes is set: sources
// are named one by one.
//
// # The output
//
// Code is emitted in one pass, as it is read. A value is made in register
// zero; an operand that has to wait is on the stack, and comes back in
// register one. Labels are numbered within a function.
//
//	# Core program              functions, in order, each
//	:FUNCTION_name              a label, the stack reserved for its locals
//	...                         (known at its end, and filled in then), code
//	# Program global variables
//	:GLOBAL_name                a variable with its initial value
//	# Program strings
//	:STRING_name_0              string literals, in the order of their use
//	:ELF_end
//
// # How to read it
//
// A function that answers to one of upstream says so: "upstream: statement".
// The text goes through
//
//	scanner.go, token.go       text to tokens
//	preprocess.go, macro.go, include.go; conditions are in internal/cpp
//	parser.go                  what the parser's functions share
//	declaration.go, global.go, statement.go
//	expression.go, primary.go, postfix.go, constant.go, literals.go
//	types.go, typenames.go
//	emit.go, target.go         templates of M1 text, and what fills them in
//
// and each architecture is a target in a file of its own: x86_target.go is
// best read side by side with another one. builds.go and internal/cpp have all
// that M2-Planet does differently depending on what compiled it.
//
// # Differences from upstream
//
// The output is upstream's, byte for byte, and so is whether there is one.
// Input that upstream takes in silence, and drops or mangles, is reported to
// Options.Diagnostics:
//
//   - a number that is none, like 10L or 08, is 0; of one that does not fit into
//     32 bits the rest is what the build's int makes of it
//   - !! is a single !, and in constants -- and ++ are - and +
//   - in lists of arguments, initial values, enumerators, variables and
//     parameters a missing comma is not missed; of parameters of a macro the
//     last one counts
//   - case 1 before a } instead of a : is dropped
//   - after the name of a further global variable anything is taken for [
//   - sizeof a string literal counts escapes as they are written
//   - a directive that is not known is ignored; the words after #warning are
//     compiled; a name is any token
//   - in #if, what is no expression, or no number, is 0, a macro stands for its
//     first token alone, and && and || are & and | but in GCC's build
//   - an #if without #endif at the end of the program
//   - a macro is not expanded if it is the first word of the program, nor if it
//     comes after one that stands for nothing
//   - an empty argument of a macro stands for the rest of the program
//
// #error and #warning are messages like others, and a word that M2-Planet
// prints beside its output otherwise is not printed.
//
// These are errors here:
//
//   - where upstream reads through a null pointer: a program that ends in the
//     middle of something, #include in the last line or of an empty file, a
//     macro with arguments as the first word, a member or variable without a
//     name, an enumerator in its own value, a type or function where a variable
//     is needed
//   - where upstream reads before a table of digits: a negative byte as an
//     initial value, a negative offset in GCC's build for x86 or amd64, and
//     negative initial values and cases in cc_*'s builds but those for x86 and
//     amd64
//   - where the path of a file to include ends in what is left of a longer one,
//     tried before it
//   - a // comment without an end of line, for which upstream waits for ever
//   - #FILENAME without a line number, for which upstream takes the word before
//   - texts that are longer than upstream's buffers, Options.MaxString: labels,
//     paths, joined string literals, instructions. It cuts them off, or writes
//     beyond the buffer. One size holds for all sources, wherever --max-string
//     stands among them.
//   - in #if, the lowest int divided by -1, on hosts where that is a trap
//   - what goes beyond the limits below, where upstream runs out of stack or
//     memory
//
// # Limits
//
// A source is at most 1 GiB. Expressions, statements and #if nest 100,000
// deep, where parentheses count twice, #include 200 deep. Macros and #include
// make at most 1,048,576 words and eight more for each byte of the sources,
// 67,108,864 words of macros are searched for parameters, once for each, and
// #include reads at most 1 GiB. A global variable has at most 64 MiB, an array
// 1 MiB (upstream's own limit), a local array 1,048,576 elements (so too). The
// output is at most about 1 GiB.
package m2planet
