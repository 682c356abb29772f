// Package kaem runs the scripts of the ladder: Run as mescc-tools' kaem 1.7.0
// does, and RunMinimal as each architecture's kaem-minimal does, which is the
// ladder's kaem-optional-seed and kaem-0.
//
// All programs of a script run through one Handler, and functions in Options
// give access to files and directories. The package itself starts no process
// and opens no file.
//
// # The language of kaem
//
// A command is a list of words separated by spaces and tabs. It ends at a line
// end, at a ';', or at a '#', which starts a comment to the end of the line,
// even in the middle of a word. A word ends with the string in it: ab"c d"e is
// the words "abc d" and "e". In words and strings, \n is a line end, \r a CR,
// and any other \c is c; an escaped line end continues the line.
//
// Variables are expanded in each word as it is read, also in strings: ${NAME};
// ${NAME:-TEXT}, which is TEXT if the variable is not set; and $@, the
// arguments after the interpreter's own, including the "--" before them. An
// unset variable expands to an empty word, and one whose value is a space to no
// word. A word that names an alias is replaced by the alias's words, in any
// position.
//
//	NAME=VALUE                 sets a variable, in the environment too
//	cd DIR, pwd, echo WORD...
//	set -aex                   -e: end when a command fails; -x: be verbose; -a: no effect
//	unset NAME...              cannot remove the first variable of the environment
//	alias NAME=VALUE           without arguments, lists all aliases
//	exec COMMAND               ends the script with the program's status
//	if COMMAND, then, else, fi each is a command of its own
//
// Anything else is a program: a file if it starts with '.' or '/', otherwise a
// name to find in PATH. If SHELL is not in the environment, it is added as the
// first variable.
//
// # Upstream
//
// Standard output and the exit status are upstream's. So is the following
// behaviour, which is reported to Options.Diagnostics:
//
//   - the last line is not run if it has no line end;
//   - a command whose last word is empty is not run: one that ends in two
//     spaces, in a string and a space, or in "";
//   - a string that is a single space is not a word;
//   - a word does not continue after an escaped line end, which belongs between
//     words; the rest of it may reappear at the end of the next word;
//   - an escaped line end in a string is byte 0xFF;
//   - byte 0x00 counts as a space;
//   - if a word contains ":-", the name of its first variable extends to the
//     first colon, and the text starts two characters later: ${A}${B:-c} is c;
//   - a backslash ends the name of a variable;
//   - $@ drops what precedes it in its word;
//   - the rest of a line after then, else, fi, an assignment or an alias is
//     ignored: "then echo" does nothing;
//   - the first fi ends all open ifs;
//   - with --non-strict, and after if, a program that cannot be found or run, or
//     that has more than 511 words or environment variables, is not an error.
//
// This package differs from upstream:
//
//   - Error messages differ, and have positions. The messages for a program
//     ended by a signal, and for --show-exit-codes, are upstream's.
//   - Output printed before a program runs precedes the program's own, and exec
//     does not lose it.
//   - There is an error where upstream crashes or writes out of bounds: a
//     command that has no word, or only "if" or "exec"; a word, before or after
//     expansion, or a path from PATH, of more than 4095 bytes.
//   - It has limits of its own: 8192 words in a command, 1024 variables, 1024
//     aliases, 1000 open ifs.
//   - An environment entry without '=' is dropped.
//   - A program in PATH is found if it exists, even if it is not readable.
//   - If a signal ends the program that exec has replaced the script with, the
//     status is 128 plus the signal.
//   - "--file" without a name is an error; upstream ignores it.
//
// # The language of kaem-minimal
//
// Words, lines and comments are the same, but ';' is an ordinary character.
// There are no variables, aliases or builtins, and PATH is not searched: each
// command is printed and run, until one fails. A backslash ends the word and
// drops the character after it, so it can continue a line. Minimal has the
// differences between the architectures' seeds: riscv32 and riscv64 have no
// strings, and give programs no environment.
//
// These are dropped and reported to Options.Diagnostics: a last line without a
// line end, a character other than a line end after a backslash, the rest of a
// word after a byte 0x00, and everything after byte 0xFC, which ends the
// script.
//
// Standard output, including the message when a program fails, and the exit
// status are upstream's; aarch64 exits 0 even then. There are two differences.
// A word of more than 4095 bytes, and too many words, are errors; upstream lets
// them overwrite each other. More than one argument is an error; upstream passes
// those after the second to programs as their environment.
package kaem
