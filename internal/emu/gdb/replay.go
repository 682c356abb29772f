package gdb

import (
	"bytes"
	"io"
)

// A replayed is standard input that is read once, and then as it was read in
// every run that is begun anew.
type replayed struct {
	r     io.Reader
	reads []read
}

// A read is what a call of Read gave.
type read struct {
	data []byte
	err  error
}

// reader returns the input from its begin on.
func (in *replayed) reader() io.Reader { return &replay{in: in} }

// A replay is an input in one run.
type replay struct {
	in   *replayed
	next int // of the reads
}

// Read gives what the same call gave in an earlier run. As the run is the same,
// so is the length of p.
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

// An output is where a run writes to. A run that is begun anew writes what it
// has written before; that is dropped.
type output struct {
	w       io.Writer
	written uint64 // to w
	again   uint64 // in this run
}

// Write writes p. As the run is the same, so are its calls.
func (o *output) Write(p []byte) (int, error) {
	o.again += uint64(len(p))
	if o.w == nil || o.again <= o.written {
		return len(p), nil
	}
	o.written = o.again
	return o.w.Write(p)
}
