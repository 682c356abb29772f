package mesoplanet

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator makes programs for the preprocessor: lines of directives, of
// uses of macros, and of noise, in no sensible order.
type generator struct{ *rand.Rand }

func (g generator) of(choices ...string) string { return choices[g.IntN(len(choices))] }

func (g generator) name() string {
	return g.of("A", "B", "C", "F", "G", "H", "__M2__", "__x86_64__", "foo", "x")
}

func (g generator) expression(depth int) string {
	switch k := g.IntN(12); {
	case depth > 3 || k < 2:
		return g.name()
	case k < 4:
		return g.of("0", "1", "2", "3", "-1", "0x80000000", "0xFFFFFFFF", "1_0", "4294967296", "12L", "0b11", "017")
	case k == 4:
		return "defined(" + g.name() + ")"
	case k == 5:
		return "defined " + g.name()
	case k == 6:
		return g.of("!", "-", "- ") + g.expression(depth+1)
	case k == 7:
		return "(" + g.expression(depth+1) + ")"
	}
	space := g.of("", " ")
	operator := g.of("+", "-", "*", "/", "%", "<<", ">>", "<", "<=", ">", ">=", "==", "!=", "&", "&&", "|", "||", "^")
	return g.expression(depth+1) + space + operator + space + g.expression(depth+1)
}

func (g generator) tokens(most int) string {
	var b strings.Builder
	for range g.IntN(most) {
		switch g.IntN(4) {
		case 0:
			b.WriteString(g.name())
		case 1:
			b.WriteString(g.of("1", "2", "0", "_a", "a:", "b2", "F(1)", "G(1,2)", "F(A)", "G(F(1), B)", "F( x )", "H(1)", "F (2)"))
		case 2:
			b.WriteString(g.of(" ", "  ", "\t", "\r", "\x00", "\xFF", "\"a\x00b\"", `"s\"t"`, "'c'", "/* c */", "/*/"))
		default:
			b.WriteString(g.of("(", ")", ",", "+", "-", "*", "/", ";", "{", "}", "#", "->", "++", "==", `\`, ":", "?", ".", "[", "]", "+=", "<=", "$"))
		}
	}
	return b.String()
}

func (g generator) line() string {
	start, end := "", "\n"
	if g.IntN(8) == 0 {
		start = g.of(" ", "\t")
	}
	if g.IntN(10) == 0 {
		end = g.of(" \n", "// c\n", "/* c */\n", "\t\n", "\n\n")
	}
	switch g.IntN(24) {
	case 0, 1, 2, 3, 4:
		return g.tokens(9) + end
	case 5:
		return g.tokens(3) + g.name() + end
	case 6:
		return g.name() + " " + g.name() + end
	case 7:
		return "F(" + g.tokens(4) + ")" + end
	case 8:
		return "G(" + g.tokens(3) + "," + g.tokens(3) + ")" + end
	case 9:
		return start + "#if " + g.expression(0) + end
	case 10:
		return start + g.of("#ifdef ", "#ifndef ") + g.name() + end
	case 11:
		return start + "#elif " + g.expression(0) + end
	case 12:
		return start + "#else" + end
	case 13, 14, 15:
		return start + "#endif" + end
	case 16:
		return start + "#define " + g.name() + g.of("", " ", "/**/") + g.tokens(5) + end
	case 17:
		return start + "#define F(a) " + g.of("a", "a a", "(a) + a", "x", "", "b a", "a/* q */a", "/* q */ a // z") + end
	case 18:
		return start + "#define G(a,b) " + g.of("a b", "b", "a + b", "F(a) b", "a", "a,b") + end
	case 19:
		return start + "#define H" + g.of("()", "( a , b )", "(a b)", "(a", "(,)", "(a,)", "\t1") + " " + g.tokens(4) + end
	case 20:
		return start + "#undef " + g.name() + end
	case 21:
		return start + g.of("#warning w x", "#error e", "#pragma p", "# define A 1", "#FILENAME foo 3", "#line 3", "#") + end
	}
	return start + "#include " + g.of(`"i.h"`, `"./i.h"`, "<i.h>", `"j.h"`, `"k/k.h"`, "<linux/l.h>", "<uefi/u.h>", `"none.h"`, "<stdio.h>", `"gcc_req.h"`, `"M2libc/bootstrappable.h"`, `"beside.h"`) + end
}

// text returns some lines. Most often the directives that need an #if have
// one, and each #if is closed.
func (g generator) text(most int) string {
	var lines []string
	depth, sound := 0, g.IntN(12) > 0
	for range 1 + g.IntN(most) {
		line := g.line()
		switch {
		case strings.HasPrefix(line, "#if"):
			depth++
		case strings.HasPrefix(line, "#e") && !strings.HasPrefix(line, "#error") && sound:
			if depth == 0 {
				continue
			}
			if strings.HasPrefix(line, "#endif") {
				depth--
			}
		}
		lines = append(lines, line)
	}
	if sound {
		lines = append(lines, strings.Repeat("#endif\n", depth))
	}
	return strings.Join(lines, "")
}

// A generated program is files and a command line.
type generated struct {
	files map[string]string
	args  []string
}

func generate(seed uint64) generated {
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	p := generated{files: map[string]string{
		"i.h": g.text(4), "k/k.h": "#include \"./k/l.h\"\n" + g.text(3), "k/l.h": "l\n",
		"M2libc/i.h": g.text(4), "M2libc/linux/l.h": "linux\n", "M2libc/uefi/u.h": "uefi\n",
		"M2libc/stdio.h": "#include <linux/l.h>\n#include <uefi/u.h>\nstdio\n", "M2libc/bootstrappable.h": "b\n",
		"one/j.h": "one\n", "two/j.h": "two\n", "three/j.h": "three\n", "sub/beside.h": "beside\n",
	}}
	for range g.IntN(3) {
		p.args = append(p.args, "-D", g.of("A=1", "B", "C=2", "A==3", "F=G", "x= y", "A=-5", "B=07"))
	}
	for _, dir := range strings.Fields(g.of("", "", "one", "one two", "one two three", "three one")) {
		p.args = append(p.args, "-I", dir)
	}
	switch g.IntN(10) {
	case 0:
		p.args = append(p.args, "--no-includes")
	case 1:
		p.args = append(p.args, "--os", "UEFI")
	}
	p.args = append(p.args, "-A", g.of("amd64", "amd64", "amd64", "x86", "riscv64", "knight-native"), g.of("-E", "-E", "-E", "--dump-mode"))
	for i := range 1 + g.IntN(2) {
		name := fmt.Sprintf("%smain%d.c", g.of("", "sub/"), i)
		p.files[name] = g.text(14)
		p.args = append(p.args, "-f", g.of("", "./")+name)
	}
	return p
}
