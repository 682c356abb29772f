// Package diff finds the first difference between two files, and describes its
// place in terms of what the files were made from:
//
//   - Binaries: label, instruction and source line.
//   - Texts (hex0, hex1, hex2, M1): label and word. White space and comments are
//     not compared.
//   - Ledgers: the first step that wrote something else, and which of the files
//     that it read differ.
//
// Each function returns plain data with a Print method.
package diff

import (
	"bytes"
	"strings"
)

// A Kind is the kind of a file.
type Kind int

// The kinds.
const (
	Binary Kind = iota
	Text
	JSON // the ledgers that stage0 verify --json writes
)

func (k Kind) String() string { return [...]string{"a binary", "a text", "JSON"}[k] }

// KindOf returns the kind of a file: JSON if it starts with {, or a text if it is
// UTF-8 without control characters other than white space.
func KindOf(data []byte) Kind {
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")):
		return JSON
	case bytes.ContainsFunc(data, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f\v", r) || r == '\uFFFD' }):
		return Binary
	}
	return Text
}

// ends returns the lengths of the common prefix of a and b, and of the common
// suffix of what follows it.
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

// An edit is a line of a comparison.
type edit struct {
	sign  byte // ' ' if the line is in both, '-' if only in A, '+' if only in B
	index int  // of the line in A, or in B if the sign is '+'
}

// align returns the edits that turn a into b, from their longest common
// subsequence. Its time and memory are len(a)*len(b).
func align(a, b []string) []edit {
	common := make([][]int, len(a)+1) // its length for a[i:] and b[j:]
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

// Numbers of rows of a comparison.
const (
	before = 3  // equal rows that are printed before and after the difference
	window = 40 // rows of each side that are compared, from the first difference on
	shown  = 12 // of these, the maximum that is printed
)

// excerpt compares the rows of both sides from the first difference on, by their
// keys, and returns the rows to print: up to the next equal ones.
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
