package diff_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"stage0/bootstrap"
	"stage0/internal/diff"
)

// large returns a ledger of so many steps, each of which reads two files of the
// tree and makes one; the first step makes that many more.
func large(steps int, what string) *bootstrap.Ledger {
	return ladder(func(l *bootstrap.Ledger) {
		l.Steps, l.Sources = l.Steps[:1], nil
		l.Steps[0].Dir = "."
		for i := range steps {
			path := fmt.Sprintf("x86/%d", i)
			source := as(path+".c", what)
			l.Sources = append(l.Sources, source)
			l.Steps[0].Outputs = append(l.Steps[0].Outputs, as(path+".h", "made at once"))
			l.Steps = append(l.Steps, &bootstrap.Step{Dir: ".", Args: []string{"make", path}, Engine: "go", Program: "make",
				Inputs: []bootstrap.File{source, as(path+".h", "made at once")}, Outputs: []bootstrap.File{as(path, "program")}})
		}
	})
}

// Ledgers of many steps are compared in a time that grows as they do; when it grew
// as their square, each of these took 20 seconds.
func TestLargeLedgers(t *testing.T) {
	const steps = 10_000
	for _, test := range []struct {
		name  string
		other string // what the sources of B hold
		want  int    // how many of them changed
	}{
		{"the same", "source", 0},
		{"other sources", "another source", steps},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := large(steps, "source"), large(steps, test.other)
			start := time.Now()
			d := diff.CompareLedgers(a, b)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it takes %v", took)
			}
			assert.True(t, d.Same())
			assert.Equal(t, 2*steps, d.Artefacts)
			assert.Len(t, d.Sources, test.want)
		})
	}
}

func BenchmarkLedgers(b *testing.B) {
	for _, steps := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(steps), func(b *testing.B) {
			one, other := large(steps, "source"), large(steps, "another source")
			for b.Loop() {
				diff.CompareLedgers(one, other)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*steps), "ns/step")
		})
	}
}
