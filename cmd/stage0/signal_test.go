package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A terminal that is closed ends a run, and as tidily as its user does.
func TestUntilSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("nothing sees the signal, as under nohup")
	}
	ctx, stop := untilSignal(t.Context())
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, self.Signal(syscall.SIGHUP))
	<-ctx.Done()
	if err := context.Cause(ctx); err.Error() != "hangup signal received" {
		t.Error(err)
	}
}

// What has been interrupted writes no file.
func TestVerifyInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	dir := t.TempDir()
	root := newRoot()
	root.SetOut(io.Discard)
	root.SetArgs([]string{"verify", "--json", filepath.Join(dir, "json"), "--output", filepath.Join(dir, "made")})
	err := root.ExecuteContext(ctx)
	if f, ok := err.(failure); !ok || f.status != 2 || f.Error() != "enough; no file is written" {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// A program that waits for its input is interrupted, too.
func TestReader(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r := &reader{ctx, strings.NewReader("text")}
	b := make([]byte, 8)
	if n, err := r.Read(b); err != nil || string(b[:n]) != "text" {
		t.Errorf("%q, %v", b[:n], err)
	}
	never, _ := io.Pipe()
	cancel(errors.New("enough"))
	if _, err := (&reader{ctx, never}).Read(b); err == nil || err.Error() != "enough" {
		t.Error(err)
	}
}
