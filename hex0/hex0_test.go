package hex0

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/source"
)

func assemble(t testing.TB, text string, opt Options) ([]byte, error) {
	t.Helper()
	var out bytes.Buffer
	err := Assemble(&out, source.String("in.hex0", text), opt)
	return out.Bytes(), err
}

// Every byte, in every spelling of its digits.
func TestEveryByte(t *testing.T) {
	for b := range 256 {
		for _, format := range []string{"%02X", "%02x"} {
			text := fmt.Sprintf(format, b)
			got, err := assemble(t, text[:1]+" \n"+text[1:], Options{Diagnostics: source.Diagnostics{Strict: true}})
			require.NoError(t, err, text)
			assert.Equal(t, []byte{byte(b)}, got, text)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct{ arch, text, want string }{
		{"amd64", "0", "in.hex0:1:1: the last digit has no partner; dropped"},
		{"amd64", "00\n 0 # 1", "in.hex0:2:2: the last digit has no partner; dropped"},
		{"amd64", "00 g0", "in.hex0:1:4: 'g' is taken for a digit of value 16"},
		{"aarch64", "00 g0", "in.hex0:1:4: 'g' is not a hex digit; skipped"},
		{"riscv64", "#\n\n\t:", "in.hex0:3:2: ':' is not a hex digit; skipped"},
		{"riscv64", "00\x00", "in.hex0:1:3: byte 0x00 is not a hex digit; skipped"},
	} {
		opt := ForArch(test.arch)
		opt.Strict = true
		_, err := assemble(t, test.text, opt)
		assert.EqualError(t, err, test.want, "%q %s", test.text, test.arch)
		// The same, as warnings.
		var warned []string
		opt.Diagnostics = source.Diagnostics{Warn: func(e *source.Error) { warned = append(warned, e.Error()) }}
		_, err = assemble(t, test.text, opt)
		require.NoError(t, err, "%v %v", test.text, test.arch)
		assert.NotEqual(t, 0, len(warned), "%v %v", test.text, test.arch)
		assert.Equal(t, test.want, warned[0], "%v %v", test.text, test.arch)
	}
}

func TestLocate(t *testing.T) {
	const text = "00 1 # 22\n 1 :22;\r33\n4\n"
	for _, test := range []struct {
		arch   string
		offset int64
		want   string
	}{
		{"amd64", 0, "in.hex0:1:1"},
		{"amd64", 1, "in.hex0:1:4"},
		{"amd64", 2, "in.hex0:2:5"},
		{"riscv64", 3, "in.hex0:2:9"},
		{"amd64", 3, "offset 3 is past the end of the output"},
		{"riscv64", 4, "offset 4 is past the end of the output"},
	} {
		at, err := Locate(source.String("in.hex0", text), ForArch(test.arch), test.offset)
		got := at.String()
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("offset %d for %s: %s, want %s", test.offset, test.arch, got, test.want)
		}
	}
}

func FuzzAssemble(f *testing.F) {
	f.Add("01 23 # 45\nab;x\r6g")
	f.Fuzz(func(t *testing.T, text string) {
		for _, arch := range []string{"amd64", "aarch64", "riscv64"} {
			opt := ForArch(arch)
			lax, err := assemble(t, text, opt)
			if err != nil {
				t.Fatal(err)
			}
			opt.Strict = true
			strict, err := assemble(t, text, opt)
			var at *source.Error
			if err != nil && !errors.As(err, &at) {
				t.Fatalf("no position in %v", err)
			}
			if err == nil && !bytes.Equal(lax, strict) {
				t.Fatalf("strict gives % X, lax % X", strict, lax)
			}
		}
	})
}

func BenchmarkAssemble(b *testing.B) {
	line := strings.Repeat("48 C7C0 3C000000 ", 3) + "# mov rax, 60\n"
	for _, mb := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			text := strings.Repeat(line, mb<<20/len(line))
			src := source.String("in.hex0", text)
			b.SetBytes(int64(len(src.Text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Assemble(io.Discard, src, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
