// Package diff says where two things that should be the same part, in terms of
// what they were written as, and not by an offset alone:
//
//   - Binaries: by label, instruction and line of source.
//   - Texts (hex0, hex1, hex2, M1): by label and word. White space and comments
//     are not compared.
//   - Ledgers: by the first step that wrote something else, and what of that
//     which it read was different.
//
// Each function returns plain data, which has a method that prints it.
package diff

import (
	"bytes"
	"fmt"
	"strings"
)

// A Kind is what a file is.
type Kind int

// The kinds.
const (
	Binary Kind = iota
	Text
	JSON // the ledgers that stage0 verify --json writes
)

func (k Kind) String() string { return [...]string{"a binary", "a text", "JSON"}[k] }

// KindOf returns what a file with these bytes is: JSON if it starts with {,
// a text if it has no byte that texts do not have.
func KindOf(data []byte) Kind {
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")):
		return JSON
	case bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f\v", r) || r == '\uFFFD' }):
		return Binary
	}
	return Text
}

// ends returns how many bytes or words are the same at the start and, of what
// is left, at the end.
func ends[E comparable](a, b []E) (start, end int) {
	n := min(len(a), len(b))
	for start < n && a[start] == b[start] {
		start++
	}
	for end < n-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return start, end
}

// An edit is a line of a comparison: ' ' for both, '-' for A only, '+' for B
// only. Index is that of the line in A, or for '+' in B.
type edit struct {
	sign  byte
	index int
}

// align returns the shortest way from one short list to another, by the
// longest list that both contain.
func align(a, b []string) []edit {
	common := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var edits []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			edits = append(edits, edit{' ', i})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			edits = append(edits, edit{'-', i})
			i++
		default:
			edits = append(edits, edit{'+', j})
			j++
		}
	}
	return edits
}

// What is shown of a comparison, in rows.
const (
	before = 3  // that are the same, at its start and at its end
	window = 40 // of each side, from the first difference on, that are looked at
	shown  = 12 // from there on
)

// excerpt aligns what two sides have from the first difference on, and returns
// what is shown of it: up to where they are the same again for a while. The
// keys are compared, the rows are shown.
func excerpt(keysA, rowsA, keysB, rowsB []string) (rows []string) {
	same := 0
	for _, e := range align(keysA, keysB) {
		if same++; e.sign != ' ' {
			same = 0
		}
		side := rowsA
		if e.sign == '+' {
			side = rowsB
		}
		rows = append(rows, string(e.sign)+" "+side[e.index])
		if same == before || len(rows) == shown {
			break
		}
	}
	return rows
}

// count returns "1 byte" or "2 bytes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
