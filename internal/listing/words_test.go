package listing_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/internal/listing"
)

func TestWords(t *testing.T) {
	text := ":a 'B8'\tx#y ; one\r\n\"three\n\nlines\" z # two"
	words, comments := listing.Words(text, "")
	assert.Equal(t, []listing.Word{
		{Text: ":a", Offset: 0, Line: 0, Col: 1},
		{Text: "'B8'", Offset: 3, Line: 0, Col: 4},
		{Text: "x#y", Offset: 8, Line: 0, Col: 9},
		{Text: "\"three\n\nlines\"", Offset: 19, Line: 1, Col: 1},
		{Text: "z", Offset: 34, Line: 3, Col: 8},
	}, words)
	assert.Equal(t, []listing.Word{
		{Text: "; one", Offset: 12, Line: 0, Col: 13},
		{Text: "# two", Offset: 36, Line: 3, Col: 10},
	}, comments)

	words, comments = listing.Words("x#y\n'open", "#;")
	assert.Equal(t, []listing.Word{{Text: "x", Col: 1}, {Text: "'open", Offset: 4, Line: 1, Col: 1}}, words)
	assert.Equal(t, []listing.Word{{Text: "#y", Offset: 1, Col: 2}}, comments)
	words, comments = listing.Words("\"", "")
	assert.Equal(t, []listing.Word{{Text: "\"", Col: 1}}, words)
	assert.Empty(t, comments)
}
