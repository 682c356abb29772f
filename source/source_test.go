package source

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPosition(t *testing.T) {
	text := "ab\n\ncd\r\ne"
	for off, want := range []string{
		"in:1:1", "in:1:2", "in:1:3", "in:2:1", "in:3:1", "in:3:2", "in:3:3", "in:3:4", "in:4:1",
		"in:4:2", // the end
		"in:4:2", // past it
	} {
		assert.Equal(t, want, String("in", text).Position(off).String(), "offset %d", off)
	}
	assert.Equal(t, "in:1:1", String("in", "").Position(0).String(), "an empty text")
}

// The position of an error is computed when it is asked for.
func TestErrorIsLazy(t *testing.T) {
	text := []byte("ab\ncd")
	err := Bytes("in", text).Errorf(4, "message")
	text[0] = '\n'
	assert.EqualError(t, err, "in:3:2: message")
}

func TestDiagnostics(t *testing.T) {
	const want = "in:2:2: found 'd'"
	report := func(d Diagnostics) error { return d.Report(String("in", "ab\ncd"), 4, "found %s", Char('d')) }
	var warned []string
	full := false
	warn := Diagnostics{
		Warn: func(e *Error) { warned = append(warned, e.Error()) },
		Full: func() bool { return full },
	}
	assert.NoError(t, report(Diagnostics{}))
	assert.NoError(t, report(warn))
	assert.Equal(t, []string{want}, warned)
	full = true
	assert.NoError(t, report(warn))
	warn.Strict = true
	assert.EqualError(t, report(warn), want)
	assert.Len(t, warned, 1)
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
