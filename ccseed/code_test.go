package ccseed

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCode(t *testing.T) {
	for _, dialect := range Dialects() {
		for _, target := range dialects[0].targets {
			code, err := Code(target.Name, dialect)
			require.NoError(t, err)
			assert.NotContains(t, strings.Join(code, ""), "(x)")
		}
	}
	code, err := Code("riscv32", "")
	require.NoError(t, err)
	assert.Contains(t, code, "rd_a0 rs1_a0 rs2_x0 slli\n")
	assert.Contains(t, code, "rd_a0 rs1_a0 rs2_x31 slli\n")
	assert.Contains(t, code, "$L jal\n")
	_, err = Code("armv7l", "")
	assert.EqualError(t, err, `there is no cc for architecture "armv7l"`)
	_, err = Code("x86", "1")
	assert.EqualError(t, err, `unknown dialect "1"; known are 1.5, 1.6, 1.9`)
}
