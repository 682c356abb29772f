package hex2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

const x86, amd64, aarch64, riscv = "x86", "amd64", "aarch64", "riscv64"

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		opt        Options
		text, want string
	}{
		{Options{Arch: amd64}, "00\n &a", `in0:2:2: label "a" is not defined`},
		{Options{Arch: amd64}, ":a 00\n %a>b", `in0:2:4: label "b" is not defined`},
		{Options{Arch: amd64}, "%", `in0:1:1: label "" is not defined`},
		{Options{Arch: amd64}, ":a\x00b ", "in0:1:3: NUL in the name of a label"},
		{Options{Arch: amd64}, ":a %a\x00b ", "in0:1:6: NUL in the name of a label"},
		{Options{Arch: amd64}, ":" + strings.Repeat("x", 4096), "in0:1:2: the name of a label is longer than 4095 bytes"},
		{Options{Arch: amd64}, ":a %a>" + strings.Repeat("x", 1<<20), "in0:1:7: the name of a label is longer than 4095 bytes"},
		{Options{Arch: x86}, ":a" + zeros(128) + " !a", `in0:1:261: displacement -129 of "a" does not fit in 1 byte (-128 to 127)`},
		{Options{Arch: x86}, "!b>a :a" + zeros(128) + ":b", `in0:1:1: displacement 128 from "a" to "b" does not fit in 1 byte (-128 to 127)`},
		{Options{Arch: x86}, "@a" + zeros(1<<15) + ":a", `in0:1:1: displacement 32768 of "a" does not fit in 2 bytes (-32768 to 32767)`},
		{Options{Arch: x86}, "~a" + zeros(1<<23) + ":a", `in0:1:1: displacement 8388608 of "a" does not fit in 3 bytes (-8388608 to 8388607)`},
		{Options{Arch: x86, Base: 1 << 16}, ":a $a", `in0:1:4: address 65536 of "a" does not fit in 2 bytes (0 to 65535)`},
		{Options{Arch: x86, Base: 1<<32 - 1}, ":a $a", `in0:1:4: address 4294967295 of "a" does not fit in 2 bytes (0 to 65535)`},
		{Options{Arch: riscv}, "@a" + zeros(1<<12) + ":a", `in0:1:1: displacement 4096 of "a" does not fit in field B (-4096 to 4094, even)`},
		{Options{Arch: riscv}, "$a" + zeros(1<<20) + ":a", `in0:1:1: displacement 1048576 of "a" does not fit in field J (-1048576 to 1048574, even)`},
		{Options{Arch: riscv}, "$a 00 :a 000000", `in0:1:1: displacement 1 of "a" does not fit in field J (-1048576 to 1048574, even)`},
		{Options{Arch: riscv}, "00 .12", "in0:1:4: the text ends in a word, expected 3 more bytes"},
		{Options{Arch: riscv, Radix: 2}, ".", "in0:1:1: the text ends in a word, expected 4 more bytes"},
		{Options{Arch: "armv7l"}, "00 :a ^!a", `in0:1:8: label "a" is at 0x00000001, expected a multiple of 4`},
		{Options{Mode: SeedHex1, Arch: amd64}, "00 #", "in0:1:4: the text ends in a comment, expected a line end"},
		{Options{Mode: SeedHex1, Arch: amd64}, "00:", "in0:1:4: the text ends where the name of a label should be"},
		{Options{Mode: SeedHex1, Arch: amd64}, ":\x00", "in0:1:2: byte 0x00 cannot be the name of a label"},
		{Options{Mode: SeedHex1, Arch: riscv}, "!\x80", "in0:1:2: byte 0x80 cannot be the name of a label"},
		{Options{Mode: SeedHex2, Arch: amd64}, ":a\n&a", "in0:2:2: the text ends in the name of a label, expected white space"},
		{Options{Mode: SeedHex2, Arch: amd64}, ":a\n&" + strings.Repeat("x", 2051) + "\n", "in0:2:2: the name of a label is longer than 2050 bytes"},
		{Options{Mode: SeedHex2, Arch: amd64}, ":a\n&b\n", `in0:2:1: label "b" is not defined`},
	} {
		_, err := link(t, test.opt, test.text)
		assert.EqualError(t, err, test.want, "%+v %.40q", test.opt, test.text)
	}
}

func TestWarnings(t *testing.T) {
	for _, test := range []struct {
		opt        Options
		text, want string
	}{
		{Options{Arch: amd64}, "00 1", "in0:1:4: the last byte has 1 of its 2 digits; dropped"},
		{Options{Arch: amd64, Radix: 2}, "0000\n000", "in0:1:1: the last byte has 7 of its 8 digits; dropped"},
		{Options{Arch: amd64, Radix: 8}, "377 400", "in0:1:5: octal 400 does not fit in a byte; its high bit is dropped"},
		{Options{Arch: riscv, Radix: 8}, ".001777001001 000000000000", "in0:1:5: octal 777 does not fit in a byte; its high bit goes to the byte before"},
		{Options{Arch: amd64, Radix: 8}, "0 9 00", "in0:1:3: '9' is not an octal digit; skipped"},
		{Options{Arch: amd64, Radix: 2}, "2", "in0:1:1: '2' is not a binary digit; skipped"},
		{Options{Arch: amd64}, "\x00", "in0:1:1: byte 0x00 is not a hex digit; skipped"},
		{Options{Arch: amd64}, "^", "in0:1:1: '^' is not a hex digit; skipped"},
		{Options{Arch: amd64}, ".", "in0:1:1: '.' is not a hex digit; skipped"},
		{Options{Arch: amd64}, ":a\n :a>", "in0:2:2: label \"a\" is defined again; the one at in0:1:1 is ignored\nin0:2:4: '>' after the name of a label; skipped"},
		{Options{Arch: amd64}, "0:a 1", "in0:1:2: ':' in the middle of a byte"},
		{Options{Arch: amd64}, ":a 0&a 1", "in0:1:5: '&' in the middle of a byte"},
		{Options{Arch: amd64}, "0<0", "in0:1:2: '<' in the middle of a byte"},
		{Options{Arch: riscv}, "0.0000000 0 0000000", "in0:1:2: '.' in the middle of a byte"},
		{Options{Arch: amd64}, ":a &a>a $a>a %a>a", "in0:1:6: a base for &; ignored\nin0:1:11: a base for $; ignored"},
		{Options{Arch: riscv}, ":a !a>00 000000", "in0:1:6: '>' after a name with !; skipped"},
		{Options{Arch: riscv}, ":a !a 000000", "in0:1:4: no instruction follows that this is for; dropped"},
		{Options{Arch: riscv}, ".00000000", "in0:1:1: no instruction follows that this is for; dropped"},
		{Options{Arch: riscv}, ".12>34567800000000", "in0:1:4: '>' is not a hex digit; skipped"},
		{Options{Arch: aarch64}, "00 :a ^~a 00", "in0:1:8: displacement -3 of \"a\" is not a multiple of 4; rounded down"},
		{Options{Arch: amd64}, strings.Repeat("00\n", 70000) + ":a :b :a :a",
			"in0:70001:7: label \"a\" is defined again; the one at in0:70001:1 is ignored\nin0:70001:10: label \"a\" is defined again; the one at in0:70001:7 is ignored"},
		{Options{Mode: SeedHex1, Arch: amd64}, "%a", "in0:1:1: label \"a\" is not defined; taken for 0"},
		{Options{Mode: SeedHex1, Arch: amd64}, "00 \xfc 00", "in0:1:4: byte 0xFC ends the text; the rest is not read"},
		{Options{Mode: SeedHex1, Arch: amd64}, "00 \xfc", ""},
		{Options{Mode: SeedHex1, Arch: aarch64}, ":a ^~a 00 ^ 00", ""},
		{Options{Mode: SeedHex1, Arch: aarch64}, ":a 00 ~a 00", "in0:1:7: displacement -1 of \"a\" is not a multiple of 4; rounded down"},
		{Options{Mode: SeedHex1, Arch: riscv}, ":a" + zeros(0x1004) + "~a 00000000",
			"in0:1:8204: displacement -4100 of \"a\" is rounded up to a negative number; the 4 bytes after the instruction are inverted"},
		{Options{Mode: SeedHex1, Arch: "riscv32"}, ":a" + zeros(0x1004) + "~a 00000000", ""},
		{Options{Mode: SeedHex2, Arch: amd64}, ":a" + zeros(128) + " !a ", "in0:1:261: displacement -129 of \"a\" does not fit in 1 byte (-128 to 127); cut off"},
		{Options{Mode: SeedHex2, Arch: amd64}, ":a $a ~", "in0:1:7: '~' is not a hex digit; skipped"},
		{Options{Mode: SeedHex2, Arch: riscv}, ":a 00 @a 00000000", "in0:1:7: displacement -1 of \"a\" does not fit in field B (-4096 to 4094, even); cut off"},
		{Options{Mode: SeedHex2, Arch: riscv}, "1 .2 34", "in0:1:3: '.' in the middle of a byte\nin0:1:3: the text ends in a word, for which 2 bytes are missing; dropped"},
		{Options{Arch: amd64, Base: 1 << 20}, ":a: 00 :b\t%a:\n%b>:  &: :: : %", ""},
	} {
		var warned []string
		opt := test.opt
		opt.Diagnostics = source.Diagnostics{Warn: func(e *source.Error) { warned = append(warned, e.Error()) }}
		if _, err := link(t, opt, test.text); err != nil && test.want != "" {
			t.Errorf("%+v, %.40q: %v", test.opt, test.text, err)
			continue
		}
		if got := strings.Join(warned, "\n"); got != test.want {
			t.Errorf("%+v, %.40q: warns\n%s\nwant\n%s", test.opt, test.text, got, test.want)
		}
		// The first warning, as an error.
		opt.Diagnostics = source.Diagnostics{Strict: true}
		_, err := link(t, opt, test.text)
		if first, _, _ := strings.Cut(test.want, "\n"); first != "" && (err == nil || err.Error() != first) {
			t.Errorf("%+v, %.40q: --strict says %v, want %s", test.opt, test.text, err, first)
		}
	}
}

// Memory in use is at most 4 times the input, and so is the total allocated.
func TestMemory(t *testing.T) {
	for _, megabytes := range []int{1, 8} {
		text := benchmarkText(megabytes << 20)
		src := source.String("in", text)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := Link(io.Discard, []source.Source{src}, Options{Arch: amd64}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 4*uint64(len(text)) {
			t.Errorf("%d bytes for %d of text", got, len(text))
		}
	}
}

func FuzzLink(f *testing.F) {
	for i, text := range []string{
		":a 00 %a !a>b :b\n", "^~a 14 # x\r:a <", ".12345678 ~a 00000000 :a ", "$a &a @a 1 :a\x00", ":a :a 4 ;", "\xfc&",
	} {
		f.Add(uint8(i), uint8(i), text, text)
	}
	f.Fuzz(func(t *testing.T, mode, radix uint8, text1, text2 string) {
		d := dialects[int(mode)%len(dialects)]
		opt := Options{Mode: d.mode, Arch: d.arch, Base: uint32(mode) << 24, BigEndian: radix&4 != 0, Radix: []int{16, 8, 2, 16}[radix%4]}
		lax, err := link(t, opt, text1, text2)
		positioned(t, err)
		opt.Strict = true
		strict, err2 := link(t, opt, text1, text2)
		positioned(t, err2)
		if err2 == nil && (err != nil || !bytes.Equal(lax, strict)) {
			t.Fatalf("strict gives % X, lax % X (%v)", strict, lax, err)
		}
		if err == nil && len(lax) > 0 {
			at, err := Locate(sources(text1, text2), opt, int64(len(lax)-1))
			if err != nil || at.Line < 1 || at.Col < 1 {
				t.Fatalf("the last byte is from %v (%v)", at, err)
			}
		}
	})
}

// positioned fails unless err is nil or has a position.
func positioned(t *testing.T, err error) {
	t.Helper()
	var at *source.Error
	if err != nil && !errors.As(err, &at) {
		t.Fatalf("no position in %v", err)
	}
}

// benchmarkText returns a text of about size bytes, like M1's output.
func benchmarkText(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, ":FUNCTION_name_%d\n488D85 08000000\n50\nE8 %%FUNCTION_name_%d\n488B00\n0F84 %%ELSE_%d\n4805 02000000\n:ELSE_%d\nC3\n&FUNCTION_name_%d\n%%ELSE_%d>FUNCTION_name_%d\n", i, i/2, i, i, i, i, i)
	}
	return b.String()
}

func BenchmarkLink(b *testing.B) {
	for _, megabytes := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%dMB", megabytes), func(b *testing.B) {
			src := source.String("in", benchmarkText(megabytes<<20))
			b.SetBytes(int64(len(src.Text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Link(io.Discard, []source.Source{src}, Options{Arch: amd64}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWordEndsInComment(t *testing.T) {
	for _, text := range []string{".", ".93", ".93 # comment", ".93 # comment\n", ".930000 0"} {
		_, err := link(t, Options{Arch: riscv}, text)
		missing := 4 - strings.Count(text, "93") - strings.Count(text, "0000")*2
		require.EqualError(t, err, fmt.Sprintf("in0:1:1: the text ends in a word, expected %d more bytes", missing), text)
	}
}
