package gdb

import (
	"bytes"
	"io"
)

// A replayed is standard input that is read once, and replayed in restarted runs.
type replayed struct {
	r     io.Reader
	reads []read
}

// A read is the result of a call of Read.
type read struct {
	data []byte
	err  error
}

// reader returns a reader that starts at the beginning of the input.
func (in *replayed) reader() io.Reader { return &replay{in: in} }

// A replay is the input of one run.
type replay struct {
	in   *replayed
	next int // index in reads
}

// Read returns the result of the same call in an earlier run, if there was one. The
// length of p is then the same too.
func (r *replay) Read(p []byte) (int, error) {
	if r.next == len(r.in.reads) {
		if r.in.r == nil {
			return 0, io.EOF
		}
		data := make([]byte, len(p))
		n, err := r.in.r.Read(data)
		r.in.reads = append(r.in.reads, read{bytes.Clone(data[:n]), err})
	}
	got := r.in.reads[r.next]
	r.next++
	return copy(p, got.data), got.err
}

// An output is the output of all runs. What a restarted run writes again is
// discarded.
type output struct {
	w       io.Writer
	written uint64 // bytes written to w
	again   uint64 // bytes written in this run
}

// Write writes p, unless an earlier run has written it. Runs make the same calls.
func (o *output) Write(p []byte) (int, error) {
	o.again += uint64(len(p))
	if o.w == nil || o.again <= o.written {
		return len(p), nil
	}
	o.written = o.again
	return o.w.Write(p)
}
