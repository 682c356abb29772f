package gdb_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/gdb"
)

// A script is a debugger that sends fixed data, whatever the replies are.
type script struct {
	io.Reader
	written int
}

func (s *script) Write(p []byte) (int, error) { s.written += len(p); return len(p), nil }
func (s *script) Close() error                { return nil }

// FuzzRun runs debuggers that send arbitrary data. The run must end, and nothing may
// panic.
func FuzzRun(f *testing.F) {
	for _, text := range []string{"?", "g", "c", "s", "bs", "bc", "D", "k", "vCont;c", "m600000,ffffffffffffffff", "Z0,600114,4", "Z2,600100,ffffffffffffffff", "P20=0000000000000000", "M600114,4:00000000", "vFile:open:2f70726f6772616d,0,0", "vFile:pread:0,ffffffffffffffff,ffffffffffffffff", "qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff"} {
		f.Add([]byte(packet(text) + packet("s") + packet("bs") + packet(text) + "\x03-$"))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		begin := func() (emu.Config, error) {
			files := emutest.Files{"/program": {Data: echo, Perm: 0o755}}
			cfg := emu.Config{FS: files, Dir: "/", Stdin: bytes.NewReader(make([]byte, 20)), Limits: emu.DefaultLimits}
			cfg.Limits.Steps = 100000
			return cfg, nil
		}
		s := &script{Reader: bytes.NewReader(input)}
		gdb.Run(ctx, "/program", begin, func() (io.ReadWriteCloser, error) { return s, nil })
		if ctx.Err() != nil {
			t.Error("it does not end")
		}
		if s.written > 1000*len(input)+1000 {
			t.Errorf("%d bytes of input cause %d bytes of output", len(input), s.written)
		}
	})
}
