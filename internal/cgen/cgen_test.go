package cgen

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The same seed makes the same program, another seed another one.
func TestSeed(t *testing.T) {
	for seed := range uint64(100) {
		p := New(seed, 0)
		assert.Equal(t, New(seed, 0), p)
		assert.Equal(t, p.Text(seed), p.Text(seed))
		assert.Equal(t, p.Broken(seed), p.Broken(seed))
		if slices.Equal(p, New(seed+1, 0)) {
			t.Errorf("seeds %d and %d make the same program", seed, seed+1)
		}
	}
}

// What breaks a program leaves the original alone.
func TestBroken(t *testing.T) {
	broken := 0
	for seed := range uint64(100) {
		p := New(seed, 0)
		before := strings.Join(p, " ")
		if !slices.Equal(p, p.Broken(seed)) {
			broken++
		}
		if strings.Join(p, " ") != before {
			t.Errorf("seed %d: the original is broken", seed)
		}
	}
	if broken < 90 {
		t.Errorf("only %d of 100 programs were broken", broken)
	}
}

func TestGlues(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"int", "x", true}, {"x", "1", true}, {"x", ":", true}, {"-", "-", true}, {"=", "!", true}, {"/", "/", true}, {"/", "*", true},
		{"x", "(", false}, {"(", "x", false}, {"*", "/", false}, {"+", "+", false}, {"<", "x", false}, {`"s"`, "x", false}, {")", "-", false},
	} {
		if got := glues(test.a, test.b); got != test.want {
			t.Errorf("glues(%q, %q) = %v", test.a, test.b, got)
		}
	}
}

func TestFirstDifference(t *testing.T) {
	same := strings.Repeat("x", 100)
	for _, test := range []struct{ want, got, shown string }{
		{"ab", "ac", "expected \"ab\"\ngot  \"ac\""},
		{"ab", "a", "expected \"ab\"\ngot  \"a\""},
		{same + "a" + same, same + "b", "expected \"" + same[:60] + "a" + same[:59] + "\"\ngot  \"" + same[:60] + "b\""},
	} {
		if shown := FirstDifference([]byte(test.want), []byte(test.got)); shown != test.shown {
			t.Errorf("of %q and %q:\n%s\nwant\n%s", test.want, test.got, shown, test.shown)
		}
	}
}
