// Package kaem runs the scripts of the ladder: as mescc-tools' kaem 1.7.0
// does (Run), and as the kaem-minimal of each architecture does, which is the
// ladder's kaem-optional-seed and kaem-0 (RunMinimal).
//
// A program that a script runs goes through one Handler; what the files and
// the directories are is said by functions in Options. The package itself
// starts no process and opens no file.
//
// # The language of kaem
//
// A command is a list of words between spaces and tabs. It ends at a line end,
// at a ';', or at a '#', which starts a comment to the end of the line, in the
// middle of a word too. A word ends with the string in it: ab"c d"e is the
// words "abc d" and "e". In a word and in a string \n is a line end, \r a CR,
// and any other \c is c; an escaped line end is a continuation of the line.
//
// Variables are replaced in each word as it is read, in strings too: ${NAME},
// ${NAME:-TEXT}, which is TEXT if there is no such variable, and $@, which is
// the arguments after the interpreter's own, with the "--" before them. A
// variable that is not there is empty and leaves an empty word; one that is a
// space leaves no word. A word that names an alias is replaced by the alias's
// words, wherever it stands.
//
//	NAME=VALUE                 sets a variable, which programs see at once
//	cd DIR, pwd, echo WORD...
//	set -aex                   -e: end when a command fails; -x: be verbose; -a: nothing
//	unset NAME...              not that of the first variable in the environment
//	alias NAME=VALUE           without arguments it lists them
//	exec COMMAND               ends the script with the program's status
//	if COMMAND, then, else, fi each a command of its own
//
// Anything else is a program: a file if it starts with '.' or '/', or else one
// found in PATH. SHELL comes first in the environment if it has to be added.
//
// # Upstream
//
// Standard output and the exit status are those of upstream's kaem. So are
// these, of which Options.Diagnostics is told:
//
//   - the last line is not run unless it has a line end;
//   - a command is not run whose last word is empty: it ends in two spaces, in
//     a string and a space, or in "";
//   - a string that is one space is no word;
//   - a word does not continue after an escaped line end, which belongs between
//     words. What is lost of it may come up again at the end of the next word;
//   - an escaped line end in a string is byte 0xFF;
//   - byte 0x00 is a space;
//   - with a ":-" in a word, its first variable's name goes to the first colon,
//     and the text starts two characters on: ${A}${B:-c} is c;
//   - the name of a variable ends at a backslash;
//   - $@ drops what stands before it in its word;
//   - what follows then, else, fi, an assignment or an alias on its line is not
//     looked at: "then echo" does nothing;
//   - the first fi ends all the ifs that are open;
//   - with --non-strict, and after if, a program that cannot be run or found, or
//     has more than 511 words or environment variables.
//
// These differ from upstream:
//
//   - Error messages, and that they have positions. When a program ended by a
//     signal and what --show-exit-codes asks for are said as upstream says it.
//   - What was printed before a program is run comes before what the program
//     prints, and is not lost by exec.
//   - Errors where upstream crashes or writes outside of its memory: a command
//     that has no word, or only "if" or "exec"; a word, with its variables
//     replaced or not, or a path from PATH, of more than 4095 bytes.
//   - Errors of our own limits: more than 8192 words in a command, 1024
//     variables or aliases, 1000 open ifs.
//   - An entry of the environment that has no '=' is left out.
//   - A program in PATH is found if it exists, even if it may not be read.
//   - When a signal ends the program that exec has put in the place of the
//     script, the status is 128 more than the signal.
//   - "--file" without a name is an error, and not ignored.
//
// # The language of kaem-minimal
//
// Words, lines and comments are the same, but ';' is an ordinary character.
// There are no variables, aliases and builtins, and no search in PATH: each
// command is printed and run, until one fails. A backslash ends the word, and
// the character after it is dropped, which serves to continue a line. What the
// seeds of the architectures differ in is in Minimal: riscv32 and riscv64 have
// no strings, and give programs no environment.
//
// Options.Diagnostics is told of what is dropped: a last line without a line
// end, a character other than a line end after a backslash, what follows a
// byte 0x00 in a word, and byte 0xFC, which ends the script.
//
// Standard output, with the message when a program fails, and the exit status
// are upstream's; aarch64 exits 0 even then. These differ: a word of more than
// 4095 bytes and too many of them are errors, where upstream overwrites one
// with the other; more than one argument is an error, where upstream gives
// programs those after the second for an environment.
package kaem
