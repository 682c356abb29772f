package bloodelf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

func footer(t testing.TB, opt Options, texts ...string) (string, error) {
	t.Helper()
	var srcs []source.Source
	for i, text := range texts {
		srcs = append(srcs, source.String(fmt.Sprintf("%d.M1", i+1), text))
	}
	var out bytes.Buffer
	err := Footer(&out, srcs, opt)
	return out.String(), err
}

// names returns the symbols in a footer's string table.
func names(footer string) []string {
	var names []string
	for _, line := range strings.Split(footer, "\n") {
		if rest, ok := strings.CutPrefix(line, ":ELF_str_"); ok {
			name, _, _ := strings.Cut(rest, "\t")
			names = append(names, name)
		}
	}
	return names
}

func TestLabels(t *testing.T) {
	long := strings.Repeat("x", maxName)
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{":a\n:b :c\t:d>e\n", []string{"a", "b", "c", "d"}},
		{":a", []string{"a"}},
		{"# :a\n:b ; :c\r:d", []string{"b", "d"}},
		{"\":a\n:b\" :c", []string{"c"}},
		{"':a' :b", []string{"a'", "b"}},
		{":a:b :c#d :e\"f :g;h", []string{"a:b", "c#d", "e\"f", "g;h"}},
		{":a\r\n", []string{"a\r"}},
		{":same :same", []string{"same", "same"}},
		{":" + long, []string{long}},
		{"\"a\":b", []string{"b"}},
		// Input that upstream accepts silently.
		{"a:b", []string{"b"}},
		{": a", []string{" a"}},
		{":>a", []string{">a"}},
		{":a\x00b", []string{"a"}},
		{":a \":b", []string{"a"}},
	} {
		got, err := footer(t, Options{}, test.text)
		require.NoError(t, err, test.text)
		assert.Equal(t, test.want, names(got), test.text)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"foo\n:", "1.M1:2:1: the text ends where the name of a label should be"},
		{"# x\n  :" + strings.Repeat("x", maxName+1), "1.M1:2:3: the name of a label is longer than 4095 bytes"},
	} {
		got, err := footer(t, Options{}, test.text)
		assert.EqualError(t, err, test.want, test.text)
		assert.Empty(t, got, test.text)
	}
}

func TestStrict(t *testing.T) {
	for _, test := range []struct {
		radix      int
		text, want string
	}{
		{16, "a\nb:c", "1.M1:2:2: ':' inside a token is taken for the start of a label"},
		{16, ":a :\n", "1.M1:1:4: label without a name; the next byte, byte 0x0A, is taken into it"},
		{16, ":a\x00b\n", "1.M1:1:1: label has a byte 0x00 in it; its name is cut there"},
		{16, "a \"b\nc", "1.M1:1:3: the text ends in a string"},
		{8, strings.Repeat(":a\n", 255), "1.M1:256:1: 255 symbols are too many to be counted in octal; sh_info is wrong"},
		{16, "; a\r:b \"c\":d>:e\t:f", ""},
		{8, strings.Repeat(":a\n", 254), ""},
		{2, strings.Repeat(":a\n", 255), ""},
	} {
		opt := Options{Radix: test.radix, Diagnostics: source.Diagnostics{Strict: true}}
		_, err := footer(t, opt, test.text)
		if got := fmt.Sprint(err); got != test.want && (err != nil || test.want != "") {
			t.Errorf("%.20q: %v, want %s", test.text, err, test.want)
		}
		// The same, as warnings.
		warned := ""
		opt.Diagnostics = source.Diagnostics{Warn: func(e *source.Error) { warned = e.Error() }}
		_, err = footer(t, opt, test.text)
		require.NoError(t, err, test.text)
		assert.Equal(t, test.want, warned, test.text)
	}
}

func TestNumber(t *testing.T) {
	for _, test := range []struct {
		radix, value, size int
		little, big        string
	}{
		{0, 2, 1, "'02'", "'02'"},
		{16, 0x1A2B, 2, "'2B1A'", "'1A2B'"},
		{8, 24, 4, "'030000000000'", "'000000000030'"},
		{2, 5, 2, "'0000010100000000'", "'0000000000000101'"},
	} {
		for bigEndian, want := range map[bool]string{false: test.little, true: test.big} {
			opt := Options{Radix: test.radix, BigEndian: bigEndian}
			if got := opt.number(test.value, test.size); got != want {
				t.Errorf("%+v: %d in %d bytes is %s, want %s", opt, test.value, test.size, got, want)
			}
		}
	}
}

// Names that start with '_' are hidden, except that of the last entry.
func TestHidden(t *testing.T) {
	for _, wide := range []bool{false, true} {
		got, err := footer(t, Options{Wide: wide, Entries: []string{"_a", "_b", ""}}, ":_b :c :_d")
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(got, "'02'\t# st_other (hidden)"); n != 4 {
			t.Errorf("%d hidden, want 4", n)
		}
		got, err = footer(t, Options{Wide: wide, Entries: []string{"_a", "_b"}}, ":_b :c :_d")
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"_a", "_b", "_b", "c", "_d"}; !slices.Equal(names(got), want) {
			t.Errorf("symbols %q, want %q", names(got), want)
		}
		if n := strings.Count(got, "'02'\t# st_other (hidden)"); n != 2 {
			t.Errorf("%d hidden, want 2", n)
		}
		if !strings.Contains(got, "'06000000'\t#sh_info\n") {
			t.Errorf("sh_info does not count the symbols and the NULL symbol:\n%s", got)
		}
	}
}

// Several texts give what one does.
func TestTexts(t *testing.T) {
	const piece = "a :b # :c\n\":d\" :e ;\r"
	one, err := footer(t, Options{}, piece+piece+piece)
	require.NoError(t, err)
	three, err := footer(t, Options{}, piece, piece, piece)
	require.NoError(t, err)
	assert.Equal(t, one, three)
}

func TestFullDisk(t *testing.T) {
	err := Footer(full{}, []source.Source{source.String("1.M1", ":a")}, Options{})
	if !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func FuzzFooter(f *testing.F) {
	f.Add(":a # :b\n\"c\" :_d:e>f ;g\r: h", "_d")
	f.Fuzz(func(t *testing.T, text, entry string) {
		for _, opt := range []Options{
			{},
			{Wide: true, BigEndian: true, Radix: 8, Entries: []string{"x", entry}},
			{Wide: true, Radix: 2, Entries: []string{entry}},
		} {
			lax, err := footer(t, opt, text)
			position(t, err)
			opt.Strict = true
			strict, strictErr := footer(t, opt, text)
			position(t, strictErr)
			if strictErr == nil && (err != nil || lax != strict) {
				t.Fatalf("strict gives %q, lax %q, %v", strict, lax, err)
			}
		}
	})
}

func position(t *testing.T, err error) {
	var at *source.Error
	if err != nil && !errors.As(err, &at) {
		t.Fatalf("no position in %v", err)
	}
}

func BenchmarkFooter(b *testing.B) {
	const line = ":FUNCTION_some_name_%07d\nmov_rax, %%21 # a comment\nsyscall\n:STRING_%07d\n\"a string\"\n"
	for _, mb := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			var text strings.Builder
			for i := 0; text.Len() < mb<<20; i++ {
				fmt.Fprintf(&text, line, i, i)
			}
			src := source.String("in.M1", text.String())
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if err := Footer(io.Discard, []source.Source{src}, Options{Wide: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
