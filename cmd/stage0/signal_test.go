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

	"github.com/stretchr/testify/assert"
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
	assert.EqualError(t, context.Cause(ctx), "hangup signal received")
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
	var f failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, 2, f.status)
	assert.EqualError(t, f, "enough; no file is written")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// A program that waits for its input is interrupted, too.
func TestReader(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	r := &reader{ctx, strings.NewReader("text")}
	b := make([]byte, 8)
	n, err := r.Read(b)
	require.NoError(t, err)
	assert.Equal(t, "text", string(b[:n]))
	never, _ := io.Pipe()
	cancel(errors.New("enough"))
	_, err = (&reader{ctx, never}).Read(b)
	assert.EqualError(t, err, "enough")
}
