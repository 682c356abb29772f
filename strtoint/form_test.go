package strtoint

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestForm(t *testing.T) {
	for _, test := range []struct {
		radix       int
		value       int64
		size        int
		little, big string
	}{
		{0, 2, 1, "02", "02"},
		{16, 0x1A2B3C, 4, "3C2B1A00", "001A2B3C"},
		{16, -2, 2, "FEFF", "FFFE"},
		{8, 300, 4, "454000000000", "000000000454"}, // nine bits per byte
		{8, -1, 4, "777777777777", "777777777777"},
		{2, 5, 2, "0000010100000000", "0000000000000101"},
	} {
		form, ok := FormOf(test.radix)
		assert.True(t, ok)
		assert.Equal(t, test.little, string(form.Append(nil, test.value, test.size, true)))
		assert.Equal(t, test.big, string(form.Append(nil, test.value, test.size, false)))
	}
	form, ok := FormOf(10)
	assert.False(t, ok)
	assert.Equal(t, Hex, form)
}
