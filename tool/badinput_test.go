//go:build unix

package tool_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/tool"
	"stage0/tool/registry"
)

// A badInput is input that a program must refuse: it says this and nothing
// else, exits 1, and leaves what files there are as they were.
type badInput struct {
	name    string
	command string
	in      string // the file in
	want    string // on standard error
}

const known = "x86, amd64, aarch64, riscv32, riscv64, armv7l, ppc64le, knight-native, knight-posix"

var badInputs = []badInput{
	{"an odd nibble", "hex0 --strict in out", "01 2", "in:1:4: the last digit has no partner; dropped"},
	{"a character that is not hex", "hex0 --strict in out", "01\n0x", "in:2:2: 'x' is not a hex digit; skipped"},
	{"a digit of value 16", "hex0 --strict in out", "0G", "in:1:2: 'G' is taken for a digit of value 16"},
	{"binary noise", "hex0 --strict in out", "\x7fELF\x02", "in:1:1: byte 0x7F is not a hex digit; skipped"},
	{"a missing file", "hex0 nowhere out", "", "hex0: nowhere: cannot open: no such file or directory"},
	{"a directory as input", "hex0 dir out", "", "hex0: dir: cannot open: is a directory"},
	{"a directory as output", "hex0 in dir", "00", "hex0: dir: cannot create: is a directory"},
	{"an output below a file", "hex0 in in/out", "00", "hex0: in/out: cannot create: not a directory"},
	{"an output in no directory", "hex0 in nowhere/out", "00", "hex0: nowhere/out: cannot create: no such file or directory"},
	{"an endless input", "hex0 /dev/zero out", "", "hex0: /dev/zero: cannot open: no regular file, and more than 268435456 bytes"},
	{"a full device", "hex0 in /dev/full", "00", "hex0: /dev/full: cannot write: no space left on device"},
	{"an unknown architecture", "hex0 -A z80 in out", "00", "hex0: unknown architecture \"z80\"; known are " + known},
	{"an architecture without a ladder", "hex0 -A armv7l in out", "00", "hex0: there is no hex0 for armv7l"},
	{"no arguments", "hex0", "", "hex0: expected an input and an output file, have 0 arguments"},
	{"an option without its argument", "hex0 in out -A", "00", "hex0: option -A needs an argument"},
	{"too many names", "hex0 --fast in out", "00", "hex0: expected an input and an output file, have 3 arguments"},
	{"the end in a label", "hex1 in out", "00 :", "in:1:5: the text ends where the name of a label should be"},
	{"the end in a pointer", "hex1 -A riscv64 in out", "00 $", "in:1:5: the text ends where the name of a label should be"},
	{"an undefined label", "hex1 --strict in out", ":a 00 %b", "in:1:7: label \"b\" is not defined; taken for 0"},
	{"a comment without an end", "hex1 -A riscv64 in out", "00 # comment", "in:1:4: the text ends in a comment, expected a line end"},
	{"an undefined label", "hex2-0 in out", ":a 00 %b\n", "in:1:7: label \"b\" is not defined"},
	{"the end in a label", "hex2-0 in out", ":a 00\n:b", "in:2:2: the text ends in the name of a label, expected white space"},
	{"the end in a pointer", "hex2-0 -A riscv32 in out", ":a 00\n!a", "in:2:2: the text ends in the name of a label, expected white space"},
	{"a duplicate label", "hex2-0 --strict in out", ":a 00\n:a 01\n", "in:2:1: label \"a\" is defined again; the one at in:1:1 is ignored"},
	{"a displacement out of range", "hex2-0 --strict in out", ":a " + strings.Repeat("00", 128) + " !a\n", "in:1:261: displacement -129 of \"a\" does not fit in 1 byte (-128 to 127); cut off"},
	{"no input", "hex2 -o out", "", "hex2: no input; name one with --file"},
	{"a missing second file", "hex2 --big-endian -f in -f nowhere -o out", "00", "hex2: nowhere: cannot open: no such file or directory"},
	{"an odd nibble", "hex2 --strict -f in -o out", "01 2\n", "in:1:4: the last byte has 1 of its 2 digits; dropped"},
	{"a character that is not hex", "hex2 --strict -f in -o out", "01 xy\n", "in:1:4: 'x' is not a hex digit; skipped"},
	{"a digit that is not octal", "hex2 --strict -O -f in -o out", "007 008\n", "in:1:7: '8' is not an octal digit; skipped"},
	{"a digit that is not binary", "hex2 --strict -b -f in -o out", "00000001 00000002\n", "in:1:17: '2' is not a binary digit; skipped"},
	{"an undefined label", "hex2 -f in -o out", "00\n  &there", "in:2:3: label \"there\" is not defined"},
	{"an undefined base", "hex2 -f in -o out", ":a 00\n%a>b", "in:2:3: label \"b\" is not defined"},
	{"a duplicate label", "hex2 --strict -f in -o out", ":a 00\n:b :a 01\n", "in:2:4: label \"a\" is defined again; the one at in:1:1 is ignored"},
	{"an over-long label", "hex2 -f in -o out", "00 :" + strings.Repeat("x", 4096), "in:1:5: the name of a label is longer than 4095 bytes"},
	{"the end in a pointer", "hex2 -f in -o out", "00 @", "in:1:4: label \"\" is not defined"},
	{"NUL in a label", "hex2 -f in -o out", ":a\x00b 00", "in:1:3: NUL in the name of a label"},
	{"a displacement of more than 1 byte", "hex2 -A x86 -B 1 --little-endian -f in -o out", ":a " + strings.Repeat("00", 128) + " !a\n", "in:1:261: displacement -129 of \"a\" does not fit in 1 byte (-128 to 127)"},
	{"a displacement of more than 2 bytes", "hex2 -A x86 -B 1 --little-endian -f in -o out", ":a " + strings.Repeat("00", 1<<15-1) + " @a\n", "in:1:65539: displacement -32769 of \"a\" does not fit in 2 bytes (-32768 to 32767)"},
	{"a displacement of more than 3 bytes", "hex2 -A x86 -B 1 --little-endian -f in -o out", ":a " + strings.Repeat("00", 1<<23-2) + " ~a\n", "in:1:16777217: displacement -8388609 of \"a\" does not fit in 3 bytes (-8388608 to 8388607)"},
	{"an address of more than 2 bytes", "hex2 -A x86 -B 0x10000 --little-endian -f in -o out", ":a $a\n", "in:1:4: address 65536 of \"a\" does not fit in 2 bytes (0 to 65535)"},
	{"a branch out of range", "hex2 -A riscv64 -B 1 --little-endian -f in -o out", ":a " + strings.Repeat("00", 1<<12+4) + " @a 63000000\n", "in:1:8205: displacement -4100 of \"a\" does not fit in field B (-4096 to 4094, even)"},
	{"a jump out of range", "hex2 -A riscv32 -B 1 --little-endian -f in -o out", ":a " + strings.Repeat("00", 1<<20+4) + " $a 6F000000\n", "in:1:2097165: displacement -1048580 of \"a\" does not fit in field J (-1048576 to 1048574, even)"},
	{"a branch to an odd address", "hex2 -A riscv64 -B 1 --little-endian -f in -o out", ":a 00 @a 63000000\n", "in:1:7: displacement -1 of \"a\" does not fit in field B (-4096 to 4094, even)"},
	{"a target that is not aligned", "hex2 -A armv7l -B 0x10000 --little-endian -f in -o out", "00 :a ^~a 0A\n", "in:1:8: label \"a\" is at 0x00010001, expected a multiple of 4"},
	{"the end in a word", "hex2 -A riscv64 -B 1 --little-endian -f in -o out", ".9300", "in:1:1: the text ends in a word, expected 2 more bytes"},
	{"a word without an instruction", "hex2 --strict -A riscv64 -B 1 --little-endian -f in -o out", ".93000000\n", "in:1:1: no instruction follows that this is for; dropped"},
	{"a base address in the wrong number base", "hex2 --strict -B 0b12 -f in -o out", "00", "hex2: base address \"0b12\" is not a number; taken for 0"},
	{"a base address that is too large", "hex2 -B 0x100000001 -f in -o out --strict", "00", "hex2: base address \"0x100000001\" has more than 32 bits; taken for 0x1"},
	{"an unknown architecture", "hex2 -A mips --strict -f in -o out", "00", "hex2: unknown architecture \"mips\"; known are " + known + "; taken for knight-native"},
	{"binary noise", "hex2 --strict -f in -o out", "\x00\xff\x80", "in:1:1: byte 0x00 is not a hex digit; skipped"},
	{"no input", "M1 -o out", "", "M1: no input"},
	{"an empty input", "M1 -f in -o out", "# nothing\n", "in:2:1: found the end of the input, expected something to assemble"},
	{"an unknown mnemonic", "M1 -A x86 --little-endian -f in -o out", "DEFINE ret C3\nret\n  leave\n", "in:3:3: found \"leave\", which is not a macro, label, string or number"},
	{"the end in a string", "M1 -f in -o out", "\"abc\n", "in:1:1: found the end of the text in a string, expected a closing \""},
	{"the end in raw hex", "M1 -f in -o out", "'00 11\n", "in:1:1: found the end of the text in a string, expected a closing '"},
	{"the end in a macro", "M1 --strict -f in -o out", "NOP\nDEFINE NOP", "in:2:1: found the end of the line, expected a value for \"NOP\"; it stands for a line end"},
	{"a macro without a name", "M1 --strict -f in -o out", "DEFINE\n00\n", "in:1:1: found the end of the line, expected a name for DEFINE; \"00\" is dropped"},
	{"a macro without a value", "M1 --strict -f in -o out", "DEFINE a\n00\n", "in:1:1: found the end of the line, expected a value for \"a\"; it stands for a line end"},
	{"a recursive macro", "M1 --strict -f in -o out", "DEFINE a b\nDEFINE b a\na\n", "in:1:10: found the macro \"b\" as a value; it is not replaced there"},
	{"a macro defined twice", "M1 --strict -f in -o out", "DEFINE a 00\nDEFINE a 01\n", "in:2:1: found \"01\" as the value of \"a\", which has been \"00\"; the last one holds everywhere"},
	{"an over-long token", "M1 -f in -o out", ":a\n" + strings.Repeat("x", 4096), "in:2:1: found a token of more than 4095 bytes"},
	{"an over-long string", "M1 -f in -o out", "\"" + strings.Repeat("x", 4096) + "\"", "in:1:1: found a string of more than 4094 bytes, or want a closing \""},
	{"NUL in a token", "M1 -f in -o out", "a\x00b\n", "in:1:2: found a NUL in a token"},
	{"a number of more than 1 byte", "M1 -A x86 -f in -o out", "!257\n", "in:1:1: found \"!257\", expected a number from -128 to 255"},
	{"a number of more than 2 bytes", "M1 -A x86 -f in -o out", "@32769\n", "in:1:1: found \"@32769\", expected a number from -32768 to 65535"},
	{"a number that is not octal", "M1 --strict -A x86 -f in -o out", "%08\n", "in:1:1: found \"%08\", which is not a number in the base that its 0 asks for; taken for 0"},
	{"a number that is not hex", "M1 --strict -A x86 -f in -o out", "%0x1G\n", "in:1:1: found \"%0x1G\", which is not a number in the base that its 0 asks for; taken for 0"},
	{"a number of more than 32 bits", "M1 --strict -A x86 -f in -o out", "%4294967296\n", "in:1:1: found \"%4294967296\", which has more than 32 bits; taken for a label"},
	{"too many zero bytes", "M1 -f in -o out", "<2000000000\n", "in:1:1: found \"<2000000000\", expected a number of zero bytes, at most 1073741823"},
	{"CR at the end of a line", "M1 --strict -f in -o out", ":a\r\n", "in:1:3: found a CR, which is not white space here; it is taken for a part of the token"},
	{"an unknown architecture", "M1 --architecture sparc -f in -o out", ":a\n", "M1: unknown architecture \"sparc\"; known are " + known},
	{"a full device", "M1 -f in -o /dev/full", ":a\n", "M1: /dev/full: cannot write: no space left on device"},
	{"binary noise", "M1 -f in -o out", "\x7fELF\x02\x01\x01\x00", "in:1:8: found a NUL in a token"},
	{"an empty input", "M0 in out", "", "in:1:1: found the end of the text, expected something to assemble"},
	{"the end in a token", "M0 in out", "ret", "in:1:1: found the end of the text in a token, expected white space after it"},
	{"the end in a string", "M0 in out", "\"abc\n", "in:1:1: found the end of the text in a string, expected a closing \""},
	{"the end in a comment", "M0 in out", ":a\n# comment", "in:2:1: found the end of the text in a comment, expected a line end"},
	{"the end in a macro", "M0 in out", "DEFINE NOP\n", "in:1:1: found the end of the text, expected a name and a value for DEFINE"},
	{"an over-long token", "M0 in out", strings.Repeat("x", 256) + "\n", "in:1:1: found a token of more than 255 bytes"},
	{"an unknown mnemonic", "M0 --strict in out", "DEFINE ret C3\nret\nleave\n", "in:3:1: found \"leave\", which is not a macro, label, string, number or hex; copied as it is"},
	{"a recursive macro", "M0 --strict in out", "DEFINE a b\nDEFINE b a\na\n", "in:2:10: found the macro \"a\" as a value; it is not replaced there"},
	{"a number in lower case", "M0 --strict in out", "%0xff\n", "in:1:1: found \"%0xff\", which is neither decimal nor upper-case hex after 0x; taken for 0"},
	{"the end in a function", "cc-0 in out", "int main()\n{\n", "in:3:1: found the end of the file in function \"main\", expected the rest of it"},
	{"an unknown dialect", "cc-0 --dialect 1.7.0 in out", "", "cc-0: unknown dialect \"1.7.0\"; known are 1.5, 1.6, 1.9"},
	{"an enum in an older dialect", "cc-0 --dialect 1.6 in out", "int x;\nenum { A = 1 };\n", "in:2:1: found \"enum\", expected a type"},
	{"a union in the newest dialect", "cc-0 in out", "struct s\n{\n\tunion { int x; };\n};\n", "in:3:2: found \"union\", expected a type"},
	{"an unknown type", "cc-0 in out", "int main()\n{\n\tlongest x;\n}\n", "in:3:2: found \"longest\", which has not been declared"},
	{"a break outside a loop", "cc-0 in out", "int main()\n{\n\tbreak;\n}\n", "in:3:2: found break outside a loop"},
	{"no input", "M2-Planet -A amd64 -o out", "", "M2-Planet: there are no input files, or they are empty"},
	{"an unknown architecture", "M2-Planet -A z80 -f in -o out", "int main() { return 0; }\n", "M2-Planet: there is no M2-Planet for architecture \"z80\""},
	{"the end in a function", "M2-Planet -A amd64 -f in -o out", "int main()\n{\n", "in:2:2: the program ends here, in the middle of a declaration"},
	{"the end in a string", "M2-Planet -A amd64 -f in -o out", "char* s = \"abc\n", "in:1:11: the literal has no closing \""},
	{"the end in a comment", "M2-Planet -A amd64 -f in -o out", "int a;\n/* comment\n", "in:2:1: the comment has no end"},
	{"a missing include", "M2-Planet --expand-includes -A amd64 -f in -o out", "#include \"nowhere.h\"\nint a;\n", "in:1:1: cannot find the file \"nowhere.h\" to include"},
	{"a file that includes itself", "M2-Planet --expand-includes -A amd64 -f in -o out", "#include \"in\"\nint a;\n", "in:1:1: #include is nested more than 200 deep"},
	{"an undeclared name", "M2-Planet -A amd64 -f in -o out", "int main()\n{\n\treturn b;\n}\n", "in:3:9: b is not defined"},
	{"an over-long string", "M2-Planet -A amd64 -f in -o out", "char* s = \"" + strings.Repeat("x", 5000) + "\";\n", "in:1:11: the token is 5001 bytes long; --max-string allows 4095"},
	{"binary noise", "M2-Planet -A amd64 -f in -o out", "\x7fELF\x02\x01", "in:1:6: the program ends in \"\\x01\", expected a newline at the end"},
	{"no input", "blood-elf --little-endian -o out", "", "blood-elf: no input; name one with --file"},
	{"no byte order", "blood-elf -f in -o out", ":a\n", "blood-elf: the byte order is not given: --little-endian or --big-endian"},
	{"the end in a label", "blood-elf --little-endian -f in -o out", ":a\n :", "in:2:2: the text ends where the name of a label should be"},
	{"an over-long label", "blood-elf --little-endian -f in -o out", ":a :" + strings.Repeat("x", 4096), "in:1:4: the name of a label is longer than 4095 bytes"},
	{"a string without an end", "blood-elf --strict --little-endian -f in -o out", "a \":b\n", "in:1:3: the text ends in a string"},
	{"a label in a token", "blood-elf --strict --little-endian -f in -o out", "a:b\n", "in:1:2: ':' inside a token is taken for the start of a label"},
	{"too many labels for octal", "blood-elf --strict --octal --big-endian -f in -o out", strings.Repeat(":a\n", 255), "in:256:1: 255 symbols are too many to be counted in octal; sh_info is wrong"},
	{"a missing file", "catm out in nowhere", "00", "catm: nowhere: cannot open: no such file or directory"},
	{"a directory as input", "catm out in dir", "00", "catm: dir: cannot open: is a directory"},
	{"the output as input", "catm ./in in", "00", "catm: ./in: is both the output and an input"},
	{"no arguments", "catm", "", "catm: expected an output file and inputs, have no arguments"},
	{"a missing file", "catm-0 --strict out in nowhere", "00", "catm-0: nowhere: cannot open: no such file or directory"},
	{"an output in no directory", "catm-0 nowhere/out in", "00", "catm-0: nowhere/out: cannot create: no such file or directory"},
	{"a mode and no file", "chmod 755", "", "chmod: expected permissions and a file"},
	{"a missing file", "chmod 755 nowhere", "", "chmod: nowhere: no such file or directory"},
	{"a mode that is not a number", "chmod --strict +x in", "", "chmod: \"+x\" is not a number; taken for 0"},
	{"an output below a file", "cp in in/out", "00", "cp: in/out: cannot create: not a directory"},
	{"a full device", "cp in /dev/full", "00", "cp: /dev/full: cannot write: no space left on device"},
	{"a directory as input", "cp dir out", "", "cp: dir: cannot open: is a directory"},
	{"a directory that is there", "mkdir dir", "", "mkdir: dir: cannot make directory: file exists"},
	{"a mode that is not a number", "mkdir --strict -m rwx new", "", "mkdir: \"rwx\" is not a number; taken for 0"},
	{"nothing to replace", "replace -f in -r b -o out", "00", "replace: expected the option -m"},
	{"a full device", "replace -f in -m 0 -r 1 -o /dev/full", "00", "replace: /dev/full: cannot write: no space left on device"},
	{"a directory", "sha256sum dir -o out", "", "sha256sum: dir: cannot open: is a directory"},
	{"an unknown length", "sha3sum -a 255 in -o out", "", "sha3sum: unknown length \"255\"; known are 224, 256, 384, 512"},
	{"another digest", "sha3sum -o out --verify 00 in", "", "sha3sum: in: the digest is a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a, expected 00"},
	{"no input", "ungz -o out", "", "ungz: no input; name one with --file"},
	{"no name to make one of", "ungz -f in", "\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03", "ungz: in: there is no name to write to; give one with --output"},
	{"binary noise", "ungz -f in -o out", "\x00\xFF\x00\xFF\x00\xFF\x00\xFF\x00\xFF", "ungz: in: byte 0: found 00 FF, expected 1F 8B of a gzip header"},
	{"binary noise", "unbz2 -f in -o out", "\x00\xFF\x00\xFF", "unbz2: in: byte 2: this is not bzip2 data: bad magic value"},
	{"a limit that is not a number", "unxz --limit 1k -f in -o out", "", "unxz: limit \"1k\" is not a number of bytes"},
	{"a missing file", "untar -f nowhere", "", "untar: nowhere: cannot open: no such file or directory"},
	{"an archive that ends", "untar --strict -f in", "00", "untar: in: byte 0: the archive ends, expected a header of 512 bytes or a block of zeros"},
	{"no program", "wrap", "", "wrap: expected a program to run"},
	{"a missing file", "M2-Planet -f nowhere -o out", "", "M2-Planet: nowhere: cannot open: no such file or directory"},
	{"an unknown architecture", "M2-Planet -A ppc64le in -o out", "int a;\n", "M2-Planet: there is no M2-Planet for architecture \"ppc64le\""},
	{"an unknown build", "M2-Planet --built-by gcc --host riscv64 in -o out", "int a;\n", "M2-Planet: unknown build by \"gcc\" for \"riscv64\"; known are m2-planet for amd64, m2-planet for aarch64, m2-planet for riscv64, m2-planet for x86, m2-planet for riscv32, cc for amd64, cc for x86, cc for aarch64, cc for riscv64, cc for riscv32, gcc for amd64"},
	{"a size that is not a number", "M2-Planet --max-string many in -o out", "int a;\n", "M2-Planet: --max-string is \"many\", expected the size of a string"},
	{"nothing to compile", "M2-Planet in -o out", " ", "in:1:1: there is nothing to compile in this file"},
	{"a string without an end", "M2-Planet in -o out", "char* a = \"b;\n", "in:1:11: the literal has no closing \""},
	{"a comment without an end", "M2-Planet in -o out", "int a; // b", "in:1:8: the comment has no end of line"},
	{"a recursive macro", "M2-Planet in -o out", "#define A B A\n\nA\n", "in:1:13: macros and #include make more than 1048712 words; in macro A, used at in:1:13; in macro A, used at in:1:13; in macro A, used at in:1:13; and so on; in macro A, used at in:3:1"},
	{"a missing macro", "M2-Planet in -o out", "#define A(b) b\n\nint a = C(1);\n", "in:3:9: found \"C\", expected a number or an enumerator"},
	{"a file that includes itself", "M2-Planet --expand-includes in -o out", "#include \"in\"\n\n", "in:1:1: #include is nested more than 200 deep"},
	{"a number that is none", "M2-Planet --strict in -o out", "int a = 08;\n", "in:1:9: 08 is not a number; M2-Planet takes it for 0"},
	{"binary noise", "M2-Planet in -o out", "\x7fELF\x02\n", "in:1:1: found \"\\x7f\", expected a type"},
	{"the end in a function", "M2-Planet in -o out", "int f() {\n", "in:1:10: the program ends here, in the middle of a declaration"},
	{"an unknown option", "get_machine --cpu", "", "get_machine: unknown option --cpu"},
	{"a missing script", "kaem -f nowhere", "", "kaem: nowhere: cannot open: no such file or directory"},
	{"a missing program", "kaem -f in", "nowhere x\n", "in:1:1: nowhere: not found in PATH"},
	{"a string without an end", "kaem -f in", "echo \"x\n", "in:1:6: string is not closed"},
	{"a variable without an end", "kaem -f in", "echo ${x\n", "in:1:6: ${x has no closing brace"},
	{"an if without an end", "kaem --strict-syntax -f in", "if cd .\nthen cd .\n", "in:2:6: what follows then is ignored"},
	{"NUL in a word", "kaem -f in", "cd a\x00b\n", "in:1:5: warning: byte 0x00 is taken for a space\nin:1:1: cd a: no such file or directory"},
	{"a directory that is not there", "kaem -f in", "cd nowhere\n", "in:1:1: cd nowhere: no such file or directory"},
	{"a missing script", "kaem-0 nowhere", "", "kaem-0: nowhere: cannot open: no such file or directory"},
	{"an over-long word", "kaem -f in", "echo " + strings.Repeat("x", 4096) + "\n", "in:1:6: word is longer than 4095 bytes"},
}

func TestBadInput(t *testing.T) {
	for _, test := range badInputs {
		program := strings.Fields(test.command)[0]
		t.Run(program+"/"+test.name, func(t *testing.T) {
			for _, device := range []string{"/dev/full", "/dev/zero"} {
				if _, err := os.Stat(device); err != nil && strings.Contains(test.command, device) {
					t.Skip(err)
				}
			}
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "in"), test.in)
			require.NoError(t, os.Mkdir(filepath.Join(dir, "dir"), 0o777))
			refuse(t, dir, test)
			assert.Equal(t, "dir in", list(t, dir))
			writeFile(t, filepath.Join(dir, "out"), "as it was")
			refuse(t, dir, test)
			assert.Equal(t, "dir in out", list(t, dir))
			assert.Equal(t, "as it was", readFile(t, filepath.Join(dir, "out")))
			assert.True(t, readFile(t, filepath.Join(dir, "in")) == test.in, "the input has changed")
		})
	}
}

// refuse runs the command in dir.
func refuse(t *testing.T, dir string, test badInput) {
	t.Helper()
	args := strings.Fields(test.command)
	program, ok := registry.Lookup(args[0])
	if !ok {
		t.Fatalf("no program %s", args[0])
	}
	var stdout, stderr bytes.Buffer
	env := &tool.Env{
		FS:     tool.Host{},
		Dir:    dir,
		Vars:   []string{"PATH=/nowhere"},
		Stdin:  strings.NewReader(""),
		Stdout: &stdout,
		Stderr: &stderr,
	}
	assert.Equal(t, 1, program.Run(context.Background(), env, args))
	assert.Empty(t, stdout.String())
	assert.Equal(t, test.want+"\n", stderr.String())
}

// A line of 100 MB takes its time and no memory to speak of.
func TestLongLine(t *testing.T) {
	size := int64(100 << 20)
	if testing.Short() {
		size /= 10
	}
	for _, test := range []badInput{
		{"", "hex0 --strict in out", "\n 0", "in:2:2: the last digit has no partner; dropped"},
		{"", "hex1 --strict in out", "\n %b", "in:2:2: label \"b\" is not defined; taken for 0"},
		{"", "hex2-0 in out", "\n %b\n", "in:2:2: label \"b\" is not defined"},
		{"", "hex2 -f in -o out", "\n %b\n", "in:2:2: label \"b\" is not defined"},
		{"", "M0 --strict in out", "\n leave\n", "in:2:2: found \"leave\", which is not a macro, label, string, number or hex; copied as it is"},
		{"", "M1 -f in -o out", "\n leave\n", "in:2:2: found \"leave\", which is not a macro, label, string or number"},
		{"", "blood-elf --big-endian -f in -o out", "\n :", "in:2:2: the text ends where the name of a label should be"},
		{"", "kaem -f in", "\n cd nowhere\n", "in:2:2: cd nowhere: no such file or directory"},
	} {
		t.Run(strings.Fields(test.command)[0], func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "in")
			writeFile(t, in, "#")
			if err := os.Truncate(in, size); err != nil {
				t.Skip("no sparse files: ", err)
			}
			f, err := os.OpenFile(in, os.O_WRONLY|os.O_APPEND, 0)
			require.NoError(t, err)
			defer f.Close()
			if _, err := f.WriteString(test.in); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			refuse(t, dir, test)
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4*size), "bytes allocated")
			assert.Equal(t, "in", list(t, dir))
		})
	}
}
