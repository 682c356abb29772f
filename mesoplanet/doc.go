// Package mesoplanet is M2-Mesoplanet 1.13.0, the compiler driver of
// stage0-posix: it reads C programs with all that they include, preprocesses
// them, and says which commands compile the result, with M2-Planet, blood-elf,
// M1 and hex2, to a program. The package opens no file and starts no process:
// files are opened by a function in Options, and commands are returned.
//
// # Reading
//
// A text is split into tokens, which include white space and comments: a space, a
// tab or a line end; a word of letters, digits, '_' and, after the first
// character, ':'; '#' and the letters, digits and '_' after it; any number of
// <=>|&!^%; a string; a comment, with its line end if it starts with //; += ++ -=
// -> -- *= /=; or a single byte.
//
// Each text starts with a line that names it,
//
//	// #FILENAME name 1
//
// and #include, at any place and even in a part that an #if leaves out, is
// replaced by the file it names, with such lines around it; the line number after
// the file is one too high for each #include before it. Text after the name of
// the file gets a line of its own. A file is read only once under the same
// spelling. Files are looked for:
//
//	#include <x.h>                      in M2LIBC_PATH, which is ./M2libc if not set
//	#include "M2libc/bootstrappable.h"  in M2LIBC_PATH
//	#include "x.h"                      in the working directory, where the file at
//	                                    hand is, and in the first and the last -I
//	#include "gcc_req.h"                nowhere; nor "../gcc_req.h"
//
// For Linux a path that contains "uefi" is skipped, for UEFI one with "linux";
// Options.Stdout is told so. A program that includes stdio.h is linked with the
// full C library.
//
// # Preprocessing
//
// A directive is a token that starts with '#', at the start of a line: not
// after white space, a comment, or an empty macro. Other directives are left for
// M2-Planet, which has a preprocessor of its own.
//
//	#if #ifdef #ifndef #elif #else #endif
//	#define NAME TOKENS, #define NAME(NAME, ...) TOKENS, #undef NAME
//	#error #warning
//	#FILENAME, which is dropped, as is an unknown one, with a warning
//
// In conditions all operators are right-associative, in three levels of
// precedence: arithmetic and shifts, comparisons, and the bitwise and logical
// operators. Package internal/cpp has the differences between builds of
// upstream's program.
//
// # Upstream
//
// The preprocessed program, the commands and the text on standard output are
// identical to upstream's. Input that upstream silently drops or mangles is
// reported to Options.Diagnostics:
//
//   - each use of a macro with parameters has the arguments of the uses before it
//     in front of its own, in alternating order;
//   - an argument ends at the first ')', and is never empty: in F() it is ')'
//     and the tokens after it;
//   - a parameter without an argument is not replaced;
//   - the arguments of an empty macro with parameters are not dropped;
//   - a token in the place of the ')' of a #define is dropped;
//   - any token is accepted as a name: #define with a tab after it defines the
//     tab;
//   - the token after an empty macro is not expanded;
//   - in a part that is left out, an #if or #undef before any other text has its
//     effect, and the part inside that #if is not left out;
//   - in #if, an invalid number is 0, a number of more than 32 bits is truncated
//     as the build's int does, only the first token of a macro counts, and && and
//     || are & and | in a build by M2-Planet;
//   - an #if without #endif at the end of the program;
//   - the words after #warning stay in the program;
//   - a byte 0x00 between tokens is dropped;
//   - a file that is in a directory between the first and the last -I.
//
// These differ from upstream:
//
//   - Error messages, and that they have positions.
//   - Errors where upstream crashes: the program ends in a directive; #undef
//     if there is no macro; a quotient that does not fit; the file of an
//     #include "x.h" is not in the working directory, and the including file is
//     named without a directory; -c with a program on standard input.
//   - Errors where upstream does not end: #include without a file name, the
//     file name -, a macro that contains itself.
//   - Errors where upstream reads an old text in a buffer, or overruns it: a byte
//     0x00 in a token; a token to which it appends the end of an including file's
//     name, which was longer than the path of the file that it looked for.
//   - Errors of our own limits: texts and programs of more than 1 GiB, includes
//     nested more than 200 deep, macros more than 10,000, conditions more than
//     100,000, and macros that make more than 4 Mi tokens or 64 MiB.
//   - An unknown option is an error, not a file.
//   - The build by GCC ignores --max-string with -E. Ours does not.
//   - Variables of the environment and paths of temporary files may be of any
//     length, and object files of any number.
//   - A failed run does not empty an existing output.
//   - All temporary files are removed, also after a failure, with -c, and after
//     linking object files.
//   - --debug-mode prints only the library, the directory for temporary files,
//     the architecture and the system.
package mesoplanet
