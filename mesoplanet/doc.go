// Package mesoplanet is M2-Mesoplanet 1.13.0, the compiler driver of
// stage0-posix: it reads C programs with all that they include, preprocesses
// them, and says which commands compile the result, with M2-Planet, blood-elf,
// M1 and hex2, to a program. The package opens no file and starts no process:
// files are opened by a function in Options, and commands are returned.
//
// # Reading
//
// A text is cut into tokens, which together are all of it, white space and
// comments included: a space, a tab, a line end; a word of letters, digits,
// '_' and, after the first character, ':'; '#' and the letters, digits and '_'
// after it; any number of <=>|&!^%; a string; a comment, which a // comment's
// line end belongs to; += ++ -= -> -- *= /=; or a single byte.
//
// Each text starts with a line that names it,
//
//	// #FILENAME name 1
//
// and #include, wherever it stands and even where an #if leaves it out, is
// replaced by the file it names, with such lines around it; the number in the
// one after it is that of the next line, plus one for each #include before.
// What follows the name of the file comes on a line of its own. A file is read
// only once under the same spelling. Files are looked for:
//
//	#include <x.h>                      in M2LIBC_PATH, which is ./M2libc if not set
//	#include "M2libc/bootstrappable.h"  in M2LIBC_PATH
//	#include "x.h"                      in the working directory, where the file at
//	                                    hand is, and in the first and the last -I
//	#include "gcc_req.h"                nowhere; nor "../gcc_req.h"
//
// For Linux a path with "uefi" in it is skipped, for UEFI one with "linux",
// and either is told on standard output. That stdio.h was included decides on
// the part of the C library that a program is linked with.
//
// # Preprocessing
//
// A directive is a token that starts with '#', at the start of a line: not
// after white space, and not after a // comment, a comment, or a macro that
// stands for nothing. What is not a directive to M2-Mesoplanet is left for
// M2-Planet, which has a preprocessor of its own.
//
//	#if #ifdef #ifndef #elif #else #endif
//	#define NAME TOKENS, #define NAME(NAME, ...) TOKENS, #undef NAME
//	#error #warning
//	#FILENAME, which is dropped, as is any other, with a warning
//
// In conditions all operators take what is to their right first; arithmetic
// and shifts have one order of precedence, comparisons another, and the
// bitwise and logical operators the last. In which way the builds of upstream's
// program differ here is in internal/cpp.
//
// # Upstream
//
// The preprocessed program, the commands and their order are upstream's, byte
// for byte, and so is all that is printed on standard output. So are these, of
// which Options.Diagnostics is told:
//
//   - each use of a macro with parameters puts the arguments of the uses
//     before it in front of its own, in an order that alternates;
//   - an argument ends at the first ')', and is never empty: in F() it is ')'
//     and what follows;
//   - a parameter without an argument stands for itself;
//   - a macro with parameters that stands for nothing leaves its arguments;
//   - what stands in the place of the ')' of a #define is dropped;
//   - a name is any token: #define with a tab after it defines the tab;
//   - the token after a macro that stands for nothing is not expanded;
//   - in a part that is left out, an #if and an #undef that come before any
//     other text have their effect, and so has what that #if encloses;
//   - in #if, what is no number is 0, of one that does not fit into 32 bits the
//     rest is what the build's int makes of it, a macro stands for its first
//     token alone, and && and || are & and | in a build by M2-Planet;
//   - an #if without #endif at the end of the program;
//   - what follows #warning stays in the program;
//   - a byte 0x00 between tokens is dropped;
//   - a file that is in a directory between the first and the last -I.
//
// These differ from upstream:
//
//   - Error messages, and that they have positions.
//   - Errors where upstream crashes: the program ends in a directive; #undef
//     where no macro is left; a quotient that does not fit; the file of an
//     #include "x.h" is not in the working directory, and the file at hand is
//     named without a directory; -c with a program on standard input.
//   - Errors where upstream does not end: #include without a file name, the
//     file name -, a macro that stands for itself.
//   - Errors where upstream takes what is left in a buffer, or overruns it: a
//     byte 0x00 in a token; a token that ends where a byte is left of the name of
//     a file, which was longer than the path of one that was looked for beside it.
//   - Errors of our own limits: texts and programs of more than 1 GiB, includes
//     nested more than 200 deep, macros more than 10,000, conditions more than
//     100,000, and macros that make more than 4 Mi tokens or 64 MiB.
//   - A word that starts with '-' and is no option is an error, not a file.
//   - The build by GCC does not keep to --max-string with -E. Ours does.
//   - Variables of the environment and paths of temporary files may be of any
//     length, and object files of any number.
//   - An output is not emptied before there is something to write.
//   - Temporary files are removed after a failure, too, and the ones that
//     upstream leaves behind with -c and after linking object files.
//   - Of what --debug-mode prints, only what was chosen: the library, the
//     directory for temporary files, the architecture and the system.
package mesoplanet
