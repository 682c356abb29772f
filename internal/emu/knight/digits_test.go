package knight

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDigits wants the digits of each instruction, with registers and
// immediates of zero, to be decoded as that instruction.
func TestDigits(t *testing.T) {
	n := 0
	for name, digits := range Digits() {
		n++
		prefix, err := hex.DecodeString(digits[:2])
		require.NoError(t, err)
		f := formats[prefix[0]]
		operands := f.registers // in digits
		if f.length > 4 || prefix[0] == op0I {
			operands += 4
		}
		assert.Equal(t, 2*f.length, len(digits)+operands, name)
		b, err := hex.DecodeString(digits + strings.Repeat("0", operands))
		require.NoError(t, err)
		in, _ := decode(b)
		require.NotNil(t, in, name)
		assert.Equal(t, name, in.name)
	}
	assert.Equal(t, len(instructions)-1, n)
}
