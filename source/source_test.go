package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// streamed returns a Source that a Window shows in stretches.
func streamed(text string) Source {
	return Source{Name: "in", Text: strings.NewReader(text), Size: int64(len(text))}
}

func TestPosition(t *testing.T) {
	text := "ab\n\ncd\r\ne"
	for off, want := range []string{
		"in:1:1", "in:1:2", "in:1:3", "in:2:1", "in:3:1", "in:3:2", "in:3:3", "in:3:4", "in:4:1",
		"in:4:2", // the end
		"in:4:2", // past it
	} {
		for _, src := range []Source{String("in", text), streamed(text)} {
			if got := src.Position(int64(off)).String(); got != want {
				t.Errorf("offset %d is at %s, want %s", off, got, want)
			}
		}
	}
	if got := String("in", "").Position(0).String(); got != "in:1:1" {
		t.Errorf("an empty text starts at %s", got)
	}
}

// Positions do not depend on the stretches in which a text is read.
func TestPositionInLongText(t *testing.T) {
	text := strings.Repeat("0123456\n", windowSize/8) + strings.Repeat("x", windowSize+3) + "\nyz"
	for _, off := range []int{windowSize - 1, windowSize, windowSize + 1, 2*windowSize + 2, 2*windowSize + 3, len(text) - 1} {
		line := 1 + strings.Count(text[:off], "\n")
		col := off - strings.LastIndex(text[:off], "\n")
		want := fmt.Sprintf("in:%d:%d", line, col)
		if got := streamed(text).Position(int64(off)).String(); got != want {
			t.Errorf("offset %d is at %s, want %s", off, got, want)
		}
	}
}

// A window shows all of a text, in order, however much of each stretch is kept.
func TestWindow(t *testing.T) {
	text := strings.Repeat("0123456789", windowSize/4)
	for _, keep := range []int{0, 1, 4095, windowSize - 10000} {
		var got []byte
		w := streamed(text).Window(0)
		for {
			fresh := w.Buf[len(got)-int(w.Offset(0)):]
			if want := text[len(got) : len(got)+len(fresh)]; string(fresh) != want {
				t.Fatalf("keeping %d: wrong at offset %d", keep, len(got))
			}
			got = append(got, fresh...)
			n := max(0, len(w.Buf)-keep)
			kept := string(w.Buf[n:])
			more := w.More(n)
			if !strings.HasPrefix(string(w.Buf), kept) {
				t.Fatalf("keeping %d: lost what was kept at offset %d", keep, len(got))
			}
			if !more {
				break
			}
		}
		if string(got) != text || w.Err() != nil {
			t.Errorf("keeping %d: %d bytes of %d, %v", keep, len(got), len(text), w.Err())
		}
	}
}

func TestWindowTooSmall(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("nothing is said when all of a window is kept")
		}
	}()
	streamed(strings.Repeat("x", windowSize+1)).Window(0).More(0)
}

func TestWindowInMemory(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 3*windowSize)
	w := Bytes("in", text).Window(0)
	if &w.Buf[0] != &text[0] || len(w.Buf) != len(text) {
		t.Error("a text in memory is copied")
	}
	if w.More(len(text)) || len(w.Buf) != 0 || w.Offset(0) != int64(len(text)) {
		t.Errorf("there is more after the end: %d bytes at %d", len(w.Buf), w.Offset(0))
	}
}

func TestWindowReset(t *testing.T) {
	var w Window
	for _, text := range []string{"", "abc", strings.Repeat("x", windowSize+1), "de", strings.Repeat("y", 2*windowSize)} {
		for _, src := range []Source{streamed(text), String("in", text), streamed(text)} {
			w.Reset(src)
			got := string(w.Buf)
			for w.More(len(w.Buf)) {
				got += string(w.Buf)
			}
			if got != text || w.Offset(0) != src.Size || w.Err() != nil {
				t.Errorf("%d bytes of %d, %v", len(got), len(text), w.Err())
			}
		}
	}
	before := &w.back[0]
	if w.Reset(streamed("abc")); &w.back[0] != before {
		t.Error("the memory there is, is not used")
	}
}

// broken fails from an offset on.
type broken struct {
	text string
	err  error
}

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	n := copy(p, b.text[min(off, int64(len(b.text))):])
	return n, b.err
}

func TestReadErrors(t *testing.T) {
	disk := errors.New("disk on fire")
	for _, test := range []struct {
		err  error
		want string
	}{
		{disk, "in: disk on fire"},
		{io.EOF, "in: unexpected EOF"}, // shorter than Size
	} {
		src := Source{Name: "in", Text: broken{"abc", test.err}, Size: 10}
		w := src.Window(0)
		got := string(w.Buf)
		for w.More(len(w.Buf)) {
			got += string(w.Buf)
		}
		if got != "abc" || w.Err() == nil || w.Err().Error() != test.want {
			t.Errorf("window: %q, %v, want %s", got, w.Err(), test.want)
		}
		_, err := src.ReadAll()
		assert.EqualError(t, err, test.want)
		if p := src.Position(7); p.String() != "in:1:4" {
			t.Errorf("a place that cannot be read is at %s, want the last one that can", p)
		}
	}
	for _, src := range []Source{String("in", "abc"), streamed("abc")} {
		if text, err := src.ReadAll(); string(text) != "abc" || err != nil {
			t.Errorf("ReadAll: %q, %v", text, err)
		}
	}
}

func TestDiagnostics(t *testing.T) {
	src := String("in", "ab\ncd")
	const want = "in:2:2: found 'd'"
	report := func(d Diagnostics) error { return d.Report(src, 4, "found %s", Char('d')) }
	reportAt := func(d Diagnostics) error { return d.ReportAt(src.Position(4), "found %s", Char('d')) }
	for name, report := range map[string]func(Diagnostics) error{"Report": report, "ReportAt": reportAt} {
		var warned []string
		full := false
		warn := Diagnostics{
			Warn: func(e *Error) { warned = append(warned, e.Error()) },
			Full: func() bool { return full },
		}
		if err := report(Diagnostics{}); err != nil {
			t.Errorf("%s: the zero value refuses: %v", name, err)
		}
		if err := report(warn); err != nil || len(warned) != 1 || warned[0] != want {
			t.Errorf("%s: warned %q, %v, want %s", name, warned, err, want)
		}
		full = true
		if err := report(warn); err != nil || len(warned) != 1 {
			t.Errorf("%s: warns though Full: %q, %v", name, warned, err)
		}
		warn.Strict = true
		if err := report(warn); err == nil || err.Error() != want || len(warned) != 1 {
			t.Errorf("%s: strict gives %v, want %s; warned %q", name, err, want, warned)
		}
	}
}

func TestChar(t *testing.T) {
	for c, want := range map[byte]string{'a': "'a'", ' ': "' '", '~': "'~'", '\n': "byte 0x0A", 0x7F: "byte 0x7F", 0xFC: "byte 0xFC"} {
		if got := Char(c).String(); got != want {
			t.Errorf("Char(0x%02X) is %s, want %s", c, got, want)
		}
	}
}

// A warning that nobody wants costs almost nothing, whatever it contains.
func TestUnwantedWarning(t *testing.T) {
	src := String("in", "text")
	d := Diagnostics{Warn: func(*Error) { t.Error("warned") }, Full: func() bool { return true }}
	c := byte(0)
	n := testing.AllocsPerRun(100, func() {
		d.Report(src, 0, "%s is skipped", Char(c))
		c++
	})
	if n > 1 {
		t.Errorf("%v allocations", n)
	}
}
