package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu/emutest"
)

// The program's files are written if gdb detaches, but not if gdb kills the program.
func TestGDB(t *testing.T) {
	for _, test := range []struct {
		packet string
		made   bool
	}{
		{"$D#44", true},
		{"$c#63", true},
		{"$k#6b", false},
	} {
		t.Run(test.packet, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			require.NoError(t, os.WriteFile("copier", copier("", "made"), 0o755))
			messages, stderr := io.Pipe()
			root := newRoot()
			root.SetOut(io.Discard)
			root.SetErr(stderr)
			root.SetIn(strings.NewReader(""))
			root.SetArgs([]string{"run", "--gdb", ":0", "copier"})
			done := make(chan error)
			go func() { done <- root.ExecuteContext(t.Context()) }()
			line, err := bufio.NewReader(messages).ReadString('\n')
			require.NoError(t, err)
			require.Regexp(t, `^stage0 run: waiting for gdb: target remote (127\.0\.0\.1|\[::1\]):\d+\n$`, line)
			addr := line[strings.LastIndexByte(line, ' ')+1 : len(line)-1]
			go io.Copy(io.Discard, messages)
			conn, err := net.Dial("tcp", addr)
			require.NoError(t, err)
			defer conn.Close()
			go io.Copy(io.Discard, conn)
			_, err = io.WriteString(conn, test.packet)
			require.NoError(t, err)
			if err := <-done; test.made {
				assert.NoError(t, err)
				assert.FileExists(t, filepath.Join(dir, "made"))
			} else {
				assert.ErrorAs(t, err, new(failure))
				assert.NoFileExists(t, filepath.Join(dir, "made"))
			}
		})
	}
}

// Standard output contains only packets for gdb.
func TestGDBStdio(t *testing.T) {
	t.Chdir(t.TempDir())
	code := []byte{
		0xBB, 1, 0, 0, 0, // mov ebx, 1
		0xB9, 0, 0, 0x60, 0, // mov ecx, 0x600000
		0xBA, 4, 0, 0, 0, // mov edx, 4
		0xB8, 4, 0, 0, 0, // mov eax, 4 (write)
		0xCD, 0x80, // int 0x80
		0xB8, 1, 0, 0, 0, // mov eax, 1 (exit)
		0xCD, 0x80, // int 0x80
	}
	require.NoError(t, os.WriteFile("program", emutest.ELF(3, 32, code, 0), 0o755))
	var stdout, stderr bytes.Buffer
	in, gdb := io.Pipe()
	go io.WriteString(gdb, "$?#3f+$c#63+") // acknowledged; then gdb waits
	root := newRoot()
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetIn(in)
	root.SetArgs([]string{"run", "--gdb", "-", "program"})
	assert.Equal(t, status(1), root.ExecuteContext(t.Context()))
	assert.Equal(t, "+$T05thread:1;#d7+$W01#b8", stdout.String())
	assert.Equal(t, "\x7fELF", stderr.String())
}
