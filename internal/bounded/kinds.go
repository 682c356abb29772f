package bounded

// A kind is how a kind of program is called, and what its inputs consist of.
type kind struct {
	args    []string
	symbols []Text
	frames  []Frame
	length  int // of the longest inputs by default, in symbols
}

// kinds has the programs that can be compared, by the names of the tools. Each symbol
// stands for bytes or words that the language treats alike.
var kinds = map[string]kind{
	"hex1": {
		args:    []string{inName, outName},
		symbols: []Text{"0", "9", "A", "f", "g", " ", "\n", "\r", "#", ";", ":", "!", "@", "%", "$", "~", "&", ".", "a", "\x80", "\xFC"},
		frames:  []Frame{{"", ""}, {":a 0123 ", " 4567\n:b\n"}},
		length:  3,
	},
	"hex2-0": {
		args:    []string{inName, outName},
		symbols: []Text{"0", "F", "g", " ", "\n", "\t", "#", ";", ":", "!", "@", "%", "$", "~", "&", ">", "<", ".", "^", "a"},
		frames:  []Frame{{"", "\n"}, {":a\n0123 ", " 4567\n:b\n"}},
		length:  3,
	},
	"M0": {
		args:    []string{inName, outName},
		symbols: []Text{"DEFINE ", "a ", "b ", "12 ", "%", "!", "@", "&", "~", "$", "-1 ", "0x1F ", ":", "\"", "'", " ", "\n", "#", ";", "\x00"},
		frames:  []Frame{{"", "\n"}, {"DEFINE a 41\nDEFINE b 'c'\n", "\n:end\n"}},
		length:  3,
	},
	"catm-0": {
		args:    []string{outName, inName, inName},
		symbols: []Text{"a", "\n", "\x00", "\x80", "\xFC", "\xFF"},
		frames:  []Frame{{"", ""}},
		length:  6,
	},
	"cc-0": {
		args: []string{inName, outName},
		symbols: []Text{"int ", "char* ", "a", "b", "(", ")", "{", "}", ";", "return ", "1", "+", "=", "if", "else ", "while", "\"s\"", "'c'", ",", "[", "]",
			"struct ", "->", "\n", "#", "//"},
		frames: []Frame{
			{"", "\n"},
			{"int f(int a, char* b)\n{\n", ";\n}\n"},
			{"int f(int a)\n{\nreturn a", ";\n}\n"},
			{"enum { A = 1, B };\nstruct s { int a; char* b; struct s* c; };\nint g;\nint f(struct s* a, char* b)\n{\na->", ";\n}\n"},
			{"int f(int a)\n{\nif(a == 1) a = 2;\nelse { while(a < 3) { a = a - 1; } }\n", "do { a = sizeof(int); } while(a);\nfor(a = 0; a < 2; a = a + 1) { break; }\ngoto e;\ne:\nasm(\"x\");\n}\n"},
		},
		length: 2,
	},
	"kaem-0": {
		args:    []string{inName},
		symbols: []Text{"a", "f", " ", "\t", "\n", "#", "\"", "\\", "$", ";", "\x00"},
		frames:  []Frame{{"", ""}, {"", "\n"}},
		length:  4,
	},
}
