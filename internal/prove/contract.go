package prove

import (
	"bytes"

	"stage0/hex0"
)

// A contract is the specification of a seed, as a sequence of system calls:
//
//	open("in", O_RDONLY)
//	open("out", O_WRONLY|O_CREAT|O_TRUNC, 0700)
//	read(input, 1 byte), and after each byte that completes one of the output,
//	write(output, that byte)
//	exit(0) after the end of the input
//
// What is written follows from what is read by hex0.Options.Step.
type contract struct {
	opens    int        // how many calls of open were made
	files    [2]int32   // the descriptors of the input and the output; -1 if they are not open
	text     hex0.State // after what was read of the input
	pending  input      // the byte to write, or nothing
	atEnd    bool       // the end of the input was read
	violated bool       // a byte was not written, or a wrong one was; only if the exploration is not strict
}

// atStart is the contract at the start of a program.
var atStart = contract{files: [2]int32{-1, -1}, pending: nothing}

// expected returns the call that the contract asks for.
func (c *contract) expected() call {
	switch {
	case c.opens == 0:
		return call{name: "open", path: inPath, flags: readOnly}
	case c.opens == 1:
		return call{name: "open", path: outPath, flags: writeOnly | create | truncate, mode: 0o700}
	case c.pending != nothing:
		return call{name: "write", fd: c.files[1], count: 1, data: []byte{byte(c.pending)}}
	case c.atEnd:
		return call{name: "exit"}
	}
	return call{name: "read", fd: c.files[0], count: 1}
}

// allows reports whether made is the call that the contract asks for. A path must be an
// argument itself: a text that is the same here is not, under other names. The address of
// the byte that is read does not matter, nor does the mode of a file that is not
// created.
func (c *contract) allows(made call) bool {
	want := c.expected()
	if made.name != want.name || made.bad {
		return false
	}
	switch made.name {
	case "open":
		return made.path == want.path && !made.other && made.flags == want.flags && (made.flags&create == 0 || made.mode == want.mode)
	case "read":
		return made.fd == want.fd && made.count == want.count
	case "write":
		return made.fd == want.fd && bytes.Equal(made.data, want.data)
	}
	return made.status == want.status
}

// after returns the contract after a call was made, and answered.
func (c contract) after(made call, a answer, opt hex0.Options) contract {
	switch made.name {
	case "open":
		c.opens++
		if a.result >= 0 {
			c.files[made.flags&1] = a.result
		}
	case "read":
		c.violated = c.violated || c.pending != nothing
		c.pending = nothing
		switch {
		case a.input == endOfFile:
			c.atEnd = true
		case a.input >= 0:
			var out byte
			var ok bool
			if c.text, out, ok = opt.Step(c.text, byte(a.input)); ok {
				c.pending = input(out)
			}
		}
	case "write":
		if a.result == int32(made.count) {
			c.violated = c.violated || len(made.data) != 1 || input(made.data[0]) != c.pending
			c.pending = nothing
		}
	}
	return c
}

// kept reports whether a program that ends now has read the input to its end, and has
// written all that it should and nothing else.
func (c *contract) kept() bool {
	return c.files[0] >= 0 && c.files[1] >= 0 && c.atEnd && c.pending == nothing && !c.violated
}

// append appends what the contract remembers to key.
func (c *contract) append(key []byte) []byte {
	flags := [...]bool{c.text.Comment, c.text.Half, c.atEnd, c.violated}
	key = append(key, byte(c.opens), byte(c.files[0]), byte(c.files[1]), c.text.High, byte(c.pending), byte(c.pending>>8))
	return appendBits(key, flags[:])
}
