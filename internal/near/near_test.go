package near

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "", 3}, {"", "ab", 2}, {"mov", "mov", 0}, {"mov_eaz,", "mov_eax,", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2},
	} {
		assert.Equal(t, c.want, Distance(c.a, c.b), "%s %s", c.a, c.b)
	}
}
