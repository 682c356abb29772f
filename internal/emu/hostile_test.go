package emu_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
)

// TestProcessors runs the same programs on all processors, in all ways. Some exceed a
// limit or fault, and end with an error; others try something that fails, or that is
// harmless, and exit with a status. In an expected error, PC stands for the address
// of the last system call or store that was written, and CODE for its bytes.
func TestProcessors(t *testing.T) {
	limits := emu.Limits{
		Steps: 5e5, Memory: 64 << 20, Stack: 1 << 20, Processes: 8, Forks: 100,
		Programs: 50, Files: 16, Output: 1 << 20, Arguments: 4096,
	}
	const again = emutest.Entry
	for n, test := range []struct {
		name   string
		write  func(w *writer)
		want   string // an error, or the standard output
		status int    // exit status; -1 if there is an error
	}{
		// Programs that end the run with an error.
		{"endless loop", func(w *writer) { w.jump(again) }, "process 1, ARCH: stopped after 500000 instructions, the limit", -1},
		{"endless system calls", func(w *writer) { w.call("brk", 0); w.jump(again) }, "process 1, ARCH: stopped after 500000 instructions, the limit", -1},
		{"endless loop through an apparent function", func(w *writer) {
			w.add(w.set(0, again+int64(len(w.set(0, again)))))
			w.jump(again)
		}, "process 1, ARCH: stopped after 500000 instructions, the limit", -1},
		{"unknown instruction", func(w *writer) {
			w.mark, w.text = again, w.undefined
			w.add(append(w.undefined, make([]byte, 16)...))
		}, "process 1, ARCH: PC: CODE: unknown instruction", -1},
		{"wild jump", func(w *writer) { w.add(w.jumpTo(16)) }, "process 1, ARCH: 0x10: jump to an address without code", -1},
		{"jump past the code", func(w *writer) { w.add(w.jumpTo(0x700000)) }, "process 1, ARCH: 0x700000: jump to an address without code", -1},
		{"wild store", func(w *writer) { w.store(16, 1) }, "process 1, ARCH: PC: CODE: store to 0x10 is not allowed", -1},
		{"store past the memory", func(w *writer) { w.store(emutest.Base+0x8000-2, 1) }, "process 1, ARCH: PC: CODE: store to 0x607ffe is not allowed", -1},
		{"unknown system call", func(w *writer) { w.callNumber(9999) }, "process 1, ARCH: PC: unknown system call 9999", -1},
		{"huge heap", func(w *writer) { w.call("brk", 0x70000000) }, "process 1, ARCH: PC: system call brk: the programs take more than 64 MiB of memory", -1},
		{"fork bomb", func(w *writer) { w.call("fork"); w.jump(again) }, "process 8, ARCH: PC: system call FORK: more than 8 processes at a time", -1},
		{"endless output", func(w *writer) { w.call("write", 1, dataBegin, 4096); w.jump(again) }, "process 1, ARCH: PC: system call write: the programs write more than 1 MiB", -1},
		{"endless execve of itself", func(w *writer) { w.call("execve", w.string("program"), 0, 0); w.jump(again) }, "process 1, ARCH: PC: system call execve: more than 50 programs run", -1},

		// Programs that get an error number.
		{"no file", func(w *writer) { w.call("open", w.string("/none"), 0, 0); w.exit() }, "", 2},
		{"a file of the host", func(w *writer) { w.call("open", w.string("../../../../etc/passwd"), 0, 0); w.exit() }, "", 2},
		{"a directory that does not exist", func(w *writer) { w.call("chdir", w.string("/proc/1")); w.exit() }, "", 2},
		{"endless arguments", func(w *writer) {
			long := w.string(strings.Repeat("x", 3000))
			w.call("execve", w.string("program"), w.pointers(long, long), 0)
			w.exit()
		}, "", 7},
		{"executing a file that is not a program", func(w *writer) { w.call("execve", w.string("/text"), 0, 0); w.exit() }, "", 8},
		{"a closed descriptor", func(w *writer) { w.call("close", 1); w.call("write", 1, dataBegin, 1); w.exit() }, "", 9},
		{"a negative descriptor", func(w *writer) { w.call("read", -1, dataBegin, 1); w.exit() }, "", 9},
		{"executing a file without permission", func(w *writer) { w.call("execve", w.string("/file"), 0, 0); w.exit() }, "", 13},
		{"writing from unmapped memory", func(w *writer) { w.call("write", 1, 16, 1); w.exit() }, "", 14},
		{"writing more than is mapped", func(w *writer) { w.call("write", 1, dataBegin, 0x7FFFF000); w.exit() }, "", 14},
		{"reading into unmapped memory", func(w *writer) {
			w.call("close", 0)
			w.call("open", w.string("/file"), 0, 0)
			w.call("read", 0, 16, 4)
			w.exit()
		}, "", 14},
		{"an unterminated name", func(w *writer) { w.call("open", emutest.Base+0x8000, 0, 0); w.exit() }, "", 14},
		{"unmapped arguments", func(w *writer) { w.call("execve", w.string("program"), 16, 0); w.exit() }, "", 14},
		{"too many open files", func(w *writer) {
			for range limits.Files - 3 + 1 {
				w.call("open", w.string("/file"), 0, 0)
			}
			w.exit()
		}, "", 24},
		{"no file is created without a free descriptor", func(w *writer) {
			for range limits.Files - 3 {
				w.call("open", w.string("/file"), 0, 0)
			}
			w.call("open", w.string("/new"), 0o101, 0o600) // O_WRONLY|O_CREAT
			w.call("close", 5)
			w.call("open", w.string("/new"), 0, 0)
			w.exit()
		}, "", 2},
		{"a buffer that is too small", func(w *writer) { w.call("getcwd", dataBegin, 1); w.exit() }, "", 34},
		{"a name that is too long", func(w *writer) { w.call("open", w.string(strings.Repeat("/.", 2100)), 0, 0); w.exit() }, "", 36},
		{"a link out of the root", func(w *writer) {
			w.call("symlink", append(append([]int64{w.string("/etc")}, w.before["open"]...), w.string("/etc"))...)
			w.exit()
		}, "", 1},
		{"a mount", func(w *writer) { w.call("mount", 0, 0, 0, 0, 0); w.exit() }, "", 1},

		// Harmless programs.
		{"the directory above the root is the root", func(w *writer) {
			w.call("chdir", w.string("../.."))
			w.call("close", 0)
			w.call("open", w.string("../x/../file"), 0, 0)
			at := w.string(strings.Repeat(".", 20))
			w.call("read", 0, at, 4)
			w.call("write", 1, at, 8)
			w.call("getcwd", at, 16)
			w.call("write", 1, at, 2)
			w.call("close", 0)
			w.exit()
		}, "text..../\x00", 0},
		{"code that changes itself", func(w *writer) {
			one, seven := w.set(0, 1), w.set(0, 7)
			w.add(one)
			branch := w.here()
			next := w.target.jump(int64(len(w.target.jump(0))))
			w.add(next)
			w.patch(again, one, seven)
			// Change the first jump, which leads to the next instruction, so that it
			// leaves the loop.
			setup, store := w.target.store(0, 0)
			back := int64(len(w.target.jump(0)))
			end := w.here() + int64(len(setup)+len(store)) + back
			w.patch(branch, next, w.target.jump(end-branch))
			w.jump(again)
			w.add(w.set(-1, w.numbers["exit"]))
			w.add(w.target.call)
		}, "", 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i, way := range emutest.Ways {
				for j, target := range targets {
					if testing.Short() && (n+i+j)%len(emutest.Ways) != 0 {
						continue // one way for each program and processor
					}
					t.Run(way.Name+"/"+target.arch, func(t *testing.T) {
						w := &writer{target: target}
						test.write(w)
						files := emutest.Files{
							"/file": {Data: []byte("text"), Perm: 0o600},
							"/text": {Data: []byte("text"), Perm: 0o700},
						}
						start := time.Now()
						got, err := emutest.Run(w.file(), files, way.Change, func(c *emu.Config) { c.Limits = limits })
						assert.Less(t, time.Since(start), 30*time.Second)
						if test.status >= 0 {
							require.NoError(t, err)
							assert.Equal(t, test.status, got.Status)
							assert.Equal(t, test.want, got.Stdout)
							return
						}
						names := map[bool][2]string{false: {"fork", "open"}, true: {"clone", "openat"}}[w.before != nil]
						want := strings.NewReplacer("ARCH", w.arch, "PC", fmt.Sprintf("%#x", w.mark), "CODE", fmt.Sprintf("% x", w.text),
							"FORK", names[0], "OPEN", names[1]).Replace(test.want)
						assert.EqualError(t, err, want)
					})
				}
			}
		})
	}
}
