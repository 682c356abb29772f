package source

import (
	"fmt"
	"io"
)

// windowSize is how many bytes of a text a Window holds unless a larger size is
// requested. It is well above the longest token of any tool (4095 bytes).
const windowSize = 256 << 10

// A Window shows a Source from front to back, one stretch at a time. A scanner
// works through Buf and then calls More:
//
//	w := src.Window(0)
//	for i := 0; ; i++ {
//		if i == len(w.Buf) {
//			if !w.More(i) {
//				break // the end, or w.Err
//			}
//			i = 0
//		}
//		use(w.Buf[i])
//	}
//
// A text in memory is shown all at once.
type Window struct {
	Buf []byte // the current stretch; read-only

	src  Source
	base int64 // offset of Buf[0] in the text
	back []byte
	err  error
}

// Window returns a Window at the start of s that holds at least size bytes at a
// time (fewer at the end). A size of 0 means 256 KiB.
func (s Source) Window(size int) *Window {
	w := new(Window)
	w.reset(s, max(size, windowSize))
	return w
}

// Reset makes w a Window at the start of s, like s.Window(0), but reuses its
// memory.
func (w *Window) Reset(s Source) { w.reset(s, windowSize) }

func (w *Window) reset(s Source, size int) {
	back := w.back
	*w = Window{src: s}
	if m, ok := s.Text.(memory); ok {
		w.Buf = m
		return
	}
	size = int(min(int64(size), s.Size))
	if cap(back) < size {
		back = make([]byte, size)
	}
	w.back = back[:size]
	w.More(0)
}

// More drops the first n bytes of Buf and appends what follows in the text.
// What is kept must be shorter than the window. More reports whether it
// appended anything; if not, the text has ended, or reading failed and Err
// returns the error.
func (w *Window) More(n int) bool {
	w.base += int64(n)
	kept := w.Buf[n:]
	next := w.base + int64(len(kept))
	if w.back == nil || next >= w.src.Size || w.err != nil {
		w.Buf = kept
		return false
	}
	k := copy(w.back, kept)
	if k == len(w.back) {
		panic("source: window too small for what is kept of it")
	}
	m, err := w.src.Text.ReadAt(w.back[k:min(int64(len(w.back)), int64(k)+w.src.Size-next)], next)
	w.Buf = w.back[:k+m]
	if m > 0 {
		return true // the next call returns the error
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF // shorter than Size: the file changed while it was read
	}
	w.err = fmt.Errorf("%s: %w", w.src.Name, err)
	return false
}

// Offset returns the offset of Buf[i] in the text.
func (w *Window) Offset(i int) int64 { return w.base + int64(i) }

// Err returns the error that ended the text early, if any.
func (w *Window) Err() error { return w.err }
