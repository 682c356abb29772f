// Package m2planet is the ladder's C compiler: it compiles a subset of C to M1
// text for any of eight architectures. It equals M2-Planet 1.13.1, whose sources
// are M2-Planet/cc*.c of stage0-posix 1.9.1.
//
// # The language
//
// Types are void, char, short, int, long and long long with signed and unsigned,
// the intN_t, _Bool, FUNCTION (a pointer to a function), structs, unions, enums
// and typedefs, and pointers to and arrays of these. int, unsigned and long are
// as wide as a register. Statements are if, while, do, for, switch, goto, break,
// continue, return, asm and blocks. The operators are C's except ?: and the
// comma; && and || evaluate both sides. Variables are global, local or static,
// with initial values. Functions may have a variable number of arguments.
//
// Directives are #define (also with parameters), #undef, #if, #ifdef, #ifndef,
// #elif, #else, #endif, #include, #error and #warning. #FILENAME names the file
// and the line of the text after it. #include is ignored unless
// Options.ExpandIncludes is set: sources are named one by one.
//
// # The output
//
// Code is emitted in a single pass. An expression leaves its value in register
// zero; a left operand is pushed while the right one is computed, and popped to
// register one. Labels are numbered within a function.
//
//	# Core program              functions, in order, each
//	:FUNCTION_name              a label, the stack reserved for its locals
//	...                         (filled in at the end of the function), code
//	# Program global variables
//	:GLOBAL_name                a variable with its initial value
//	# Program strings
//	:STRING_name_0              string literals, in the order of their use
//	:ELF_end
//
// # How to read it
//
// The comment of a function names the corresponding function of upstream, as in
// "upstream: statement". The text goes through
//
//	scanner.go, token.go       text to tokens
//	preprocess.go, macro.go, include.go; conditions are in internal/cpp
//	parser.go                  the parser's state and its helpers
//	declaration.go, global.go, statement.go
//	expression.go, primary.go, postfix.go, constant.go, literals.go
//	types.go, typenames.go
//	emit.go, target.go         templates of M1 text and their operands
//
// Each family of architectures has its targets in a file; compare x86_target.go with
// another one. builds.go and internal/cpp have all differences between builds of
// M2-Planet by different compilers.
//
// # Differences from upstream
//
// The output is identical to upstream's. Input that upstream silently drops or
// mangles is reported to Options.Diagnostics:
//
//   - an invalid number, such as 10L or 08, is 0; a number of more than 32 bits
//     is truncated as the build's int does
//   - a token ends at a byte 0x00 in it
//   - !! is a single !, and in constants -- and ++ are - and +
//   - the comma may be missing in lists of arguments, initial values,
//     enumerators, variables and parameters; of the parameters of a macro
//     without a comma between them the last one counts
//   - case 1 before a } instead of a : is dropped
//   - any token after the name of a second or later global variable of a
//     declaration is taken for [
//   - sizeof a string literal counts escapes as they are written
//   - an unknown directive is ignored; the words after #warning are compiled; any
//     token is accepted as a name
//   - in #if, an invalid expression or number is 0, only the first token of a
//     macro counts, and && and || are & and | except in GCC's build
//   - an #if without #endif at the end of the program
//   - a macro is not expanded as the first word of the program, nor after a macro
//     that is empty
//   - an empty argument of a macro stands for the rest of the program
//
// #error and #warning are reported in the same way. M2-Planet's other messages,
// which do not end it, are not printed.
//
// Upstream crashes, hangs or reads out of bounds in these cases, which are errors
// here:
//
//   - a null pointer: a program that ends in the middle of something, #include in
//     the last line or of an empty file, a macro with arguments as the first
//     word, a member or variable without a name, an enumerator in its own value,
//     a type or function where a variable is needed
//   - a read before a table of digits: a negative byte as an initial value, a
//     negative offset in GCC's build for x86 or amd64, and negative initial
//     values and cases in cc_*'s builds except those for x86 and amd64
//   - a path of a file to include that ends in the rest of a longer one, tried
//     before it
//   - a // comment without an end of line
//   - #FILENAME without a line number
//   - texts that are longer than upstream's buffers, Options.MaxString: labels,
//     paths, joined string literals, instructions. One size holds for all
//     sources; upstream's --max-string applies to the sources after it.
//   - in #if, the lowest int divided by -1, on hosts where that is a trap
//   - programs beyond the limits below, where upstream runs out of stack or
//     memory
//
// Some of its code is wrong, and ours is the same:
//
//   - va_start with a parameter as the list: M1 has no macro for the code on x86, amd64 and
//     aarch64
//   - ++ and the like of a pointer to a struct without a definition, which has size 0: on
//     amd64, M1 has no macro for the code
//   - += and the like of an element of a char* on armv7l: the load has half a byte too
//     little
//
// # Limits
//
// A source is at most 1 GiB. Expressions, statements and #if nest 100,000
// deep, where parentheses count twice, #include 200 deep. Macros and #include
// make at most 1,048,576 words and eight more for each byte of the sources; at
// most 67,108,864 words are searched for the parameters of macros, and #include
// reads at most 1 GiB. A global variable has at most 64 MiB, a global array 1 MiB
// and a local one 1,048,576 elements (both upstream's limits). The output has at
// most about 1 GiB.
package m2planet
