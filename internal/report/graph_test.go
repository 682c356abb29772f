package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
)

// drawn checks that a drawing can be read, and returns its boxes by name.
func drawn(t *testing.T, l *bootstrap.Ledger) map[string]box {
	t.Helper()
	g := graphOf(originsOf(l))
	boxes := map[string]box{}
	for i, b := range g.Boxes {
		boxes[b.Name] = b
		require.GreaterOrEqual(t, b.X, 0, b.Name)
		require.GreaterOrEqual(t, b.Y, 0, b.Name)
		assert.LessOrEqual(t, b.X+boxWidth, g.Width, b.Name)
		assert.LessOrEqual(t, b.Y+boxHeight, g.Height, b.Name)
		for _, other := range g.Boxes[:i] {
			if abs(b.X-other.X) < boxWidth && abs(b.Y-other.Y) < boxHeight {
				t.Errorf("%s is on %s", b.Name, other.Name)
			}
		}
		for _, w := range b.with {
			if w != i && g.Boxes[w].Y >= b.Y {
				t.Errorf("%s, which is made with %s, is not below it", b.Name, g.Boxes[w].Name)
			}
		}
	}
	return boxes
}

func abs(n int) int { return max(n, -n) }

func TestGraph(t *testing.T) {
	drawn(t, spawning())
	var b strings.Builder
	g := graphOf(originsOf(good().Ledgers[0]))
	fmt.Fprintf(&b, "%d by %d\n", g.Width, g.Height)
	for _, box := range g.Boxes {
		fmt.Fprintf(&b, "%d,%d %s (%s) %s\n", box.X, box.Y, box.Name, box.From, box.Link)
	}
	for _, n := range g.Nets {
		fmt.Fprintf(&b, "%s: %s %s\n", n.Title, n.Path, n.Arrows)
	}
	golden(t, "graph.txt", b.String())
}

// The ladder is drawn from the seeds to M2-Planet.
func TestGraphOfRelease(t *testing.T) {
	for _, l := range replayRelease(t).Ledgers {
		boxes := drawn(t, l)
		order := []string{"hex0-seed", "hex0", "hex1", "hex2-0", "M0", "cc_" + l.Arch.Name, "M2", "blood-elf-0", "M1-0", "hex2-1", "M1", "hex2", "M2-Planet", "13 programs"}
		y := -1
		for _, name := range order {
			b, ok := boxes[name]
			if !ok || b.Y <= y {
				t.Errorf("%s: %s is at %d, want it below %d", l.Arch.Name, name, b.Y, y)
			}
			y = b.Y
		}
		if !boxes["hex0-seed"].Seed || boxes["hex0"].Seed || boxes["hex0"].From != "hex0_"+l.Arch.Name+".hex0" && boxes["hex0"].From != "hex0_"+l.Arch.Dir+".hex0" {
			t.Errorf("%s: %+v", l.Arch.Name, boxes["hex0"])
		}
	}
}

// What is made with the same programs, and makes none, shares a box.
func TestGraphGroups(t *testing.T) {
	l := good().Ledgers[0]
	for i := range 3 {
		hex0 := l.Steps[2].File
		l.Steps = append(l.Steps, &bootstrap.Step{Parent: 0, At: at("kaem.x86", 5+i), Args: []string{"./x86/artifact/hex0"}, File: hex0,
			Outputs: []bootstrap.File{{Path: fmt.Sprint("x86/bin/p", i), Perm: 0o700, Digest: digest(fmt.Sprint(i)), From: len(l.Steps)}}})
	}
	g := graphOf(originsOf(l))
	i := slices.IndexFunc(g.Boxes, func(b box) bool { return b.Name == "3 programs" })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, "p0, p1, p2", g.Boxes[i].From)
	assert.Equal(t, "x86/bin/p0; x86/bin/p1; x86/bin/p2", g.Boxes[i].Title)
}
