package mesoplanet

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"stage0/source"
)

func FuzzPreprocess(f *testing.F) {
	for _, c := range preprocessTests {
		f.Add(c.text, "a\n", byte(0))
	}
	for _, c := range warningTests {
		f.Add(c.text, c.text, byte(1))
	}
	for _, c := range errorTests {
		f.Add(c.text, "#include <i>\n", byte(2))
	}
	for seed := range uint64(20) {
		p := generate(seed)
		f.Add(p.files["main0.c"]+p.files["sub/main0.c"], p.files["i.h"], byte(seed))
	}
	f.Fuzz(func(t *testing.T, text, included string, flags byte) {
		files := map[string]string{"i": included, "libc/i": included}
		change := func(o *Options) {
			o.BuiltBy, o.Host = builds[int(flags&7)%len(builds)].By, builds[int(flags&7)%len(builds)].Host
			o.NoIncludes = flags&8 != 0
			if flags&16 != 0 {
				o.MaxString = 40
			}
		}
		lax := preprocess(text, files, change)
		var positioned *source.Error
		if lax.err != nil && !errors.As(lax.err, &positioned) {
			t.Fatalf("no position in %v", lax.err)
		}
		strict := preprocess(text, files, func(o *Options) { change(o); o.Strict = true })
		if strict.err == nil && (lax.err != nil || lax.out != strict.out) {
			t.Fatalf("strict gives %q, lax %q, %v", strict.out, lax.out, lax.err)
		}
		if strict.err != nil && lax.err == nil && len(lax.warnings) == 0 {
			t.Fatalf("strict gives %v, lax no warning", strict.err)
		}
		// The tokens are all of the text.
		dumped := preprocess(text, files, func(o *Options) { change(o); o.NoDirective = true })
		if dumped.err == nil && !strings.Contains(text, "#include") && !strings.Contains(text, "\x00") && dumped.out != text {
			t.Fatalf("tokens %q", dumped.out)
		}
		if lax.err == nil && lax.out != "" {
			if _, ok := lax.program.Position(1, 1); !ok {
				t.Fatal("the first byte comes from nowhere")
			}
		}
	})
}

// The time is linear in the size of the program.
func BenchmarkPreprocess(b *testing.B) {
	for _, test := range []struct {
		name string
		size int
	}{{"1MB", 1 << 20}, {"10MB", 10 << 20}, {"100MB", 100 << 20}} {
		b.Run(test.name, func(b *testing.B) {
			var text strings.Builder
			text.WriteString("#define SIZE 16\n")
			for i := 0; text.Len() < test.size; i++ {
				fmt.Fprintf(&text, `
/* Function %d. */
#if SIZE > 8
#define MASK%d 0x%x
#endif
int function_%d(int a, char* b)
{
	char* c = "a string";
	while(a < SIZE) a = a + b[a] * MASK%d;
	return a;
}
#undef MASK%d
`, i, i, i, i, i, i)
			}
			src := source.String("in.c", text.String())
			b.SetBytes(int64(len(src.Text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Preprocess([]source.Source{src}, Options{Target: Target{Arch: "amd64"}}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
