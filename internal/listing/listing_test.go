package listing_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/listing"
)

func TestRow(t *testing.T) {
	row := listing.Row{Address: 0x804805a, Bytes: []byte{0xEB, 0xF3}, Text: "jmp 0x8048056"}
	assert.Equal(t, "0804805a  EB F3                    jmp 0x8048056", row.String())
	row.Label, row.Comment = "next", "# again"
	assert.Equal(t, "0804805a next              EB F3                    jmp 0x8048056             # again", row.String())
	row.Label, row.Unknown, row.Text = "", []bool{false, true}, "an instruction that is long"
	assert.Equal(t, "0804805a  EB ??                    an instruction that is long # again", row.String())
	row = listing.Row{Address: 1 << 36, Text: "?"}
	assert.Equal(t, "1000000000                           ?", row.String())
	row = listing.Row{Comment: "# more"}
	assert.Equal(t, listing.CommentStart, len(row.String())-len(row.Comment))
	assert.Empty(t, listing.Row{}.String())
}
