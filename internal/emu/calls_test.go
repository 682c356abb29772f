package emu_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
)

// waitid sets six numbers of a siginfo_t and leaves the rest unchanged, as Linux
// does: they describe the child, or are zero if there is none.
func TestWaitid(t *testing.T) {
	const sysWaitid = 95
	wait := join([]uint32{li(a0, 0), li(a1, 0)}, text(a2, 0), []uint32{li(a3, 4), li(14, 0)}, call(sysWaitid))
	write := join([]uint32{li(a0, 1)}, text(a1, 0), []uint32{li(a2, 36)}, call(sysWrite))
	status := []uint32{0x40A002B3} // sub t0, zero, a0
	code := join(
		[]uint32{li(a0, 17), li(a1, 0)}, call(sysClone), []uint32{bnez(a0, 4)}, []uint32{li(a0, 7)}, exit, // the child
		wait, write, wait, status, write, []uint32{mv(a0, t0)}, exit)
	known, none := "\x11\x00\x00\x00"+"\x00\x00\x00\x00"+"\x01\x00\x00\x00", strings.Repeat("\x00", 12)
	child := "\x02\x00\x00\x00" + "\x00\x00\x00\x00" + "\x07\x00\x00\x00"
	for _, test := range []struct {
		bits      int
		gap, rest string
	}{
		{32, "", "xxxxxxxxxxxx"},
		{64, "xxxx", "xxxxxxxx"},
	} {
		file := emutest.ELF(0xF3, test.bits, program(code, strings.Repeat("x", 36))[emutest.Entry-emutest.Base:], 0x2000)
		got, err := emutest.Run(file, nil, nil)
		want := known + test.gap + child + test.rest + none + test.gap + none + test.rest
		require.NoError(t, err, "%d bits", test.bits)
		assert.Equal(t, want, got.Stdout, "%d bits", test.bits)
		assert.Equal(t, 10, got.Status, "%d bits", test.bits)
	}
}

// Writing at the maximum position fails. Writing nothing there does not extend the
// file.
func TestWriteFarAway(t *testing.T) {
	const sysLseek = 62
	write := func(n int) []uint32 {
		return join([]uint32{li(a0, 3)}, text(a1, 0), []uint32{li(a2, n)}, call(sysWrite))
	}
	code := join(
		openFile(oRDWR),
		[]uint32{li(a0, 3), li(a1, -1), 0x0015D593, li(a2, 0)}, call(sysLseek), // srli a1, a1, 1
		write(1), []uint32{0x40A002B3}, write(0), []uint32{mv(a0, t0)}, exit) // sub t0, zero, a0
	files := emutest.Files{"/file": {Perm: 0o600}}
	got, err := emutest.Run(program(code, "file\x00"), files, nil)
	require.NoError(t, err)
	assert.Equal(t, 22, got.Status)
	assert.Empty(t, files["/file"].Data)
}

// Output to a discarded stream is not kept in memory.
func TestDroppedOutput(t *testing.T) {
	const size = 64 << 20
	for _, fd := range []int{1, 2} {
		code := join(
			[]uint32{lui(t1, size>>24)}, // writes this many times 4096 bytes
			[]uint32{li(a0, fd)}, text(a1, 0), []uint32{lui(a2, 1)}, call(sysWrite), []uint32{addi(t1, -1), bnez(t1, -7)},
			exit)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := emutest.Run(program(code, ""), nil, func(c *emu.Config) { c.Stdout, c.Stderr = nil, nil })
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		assert.Zero(t, got.Status)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(size/8), "bytes taken to drop %d", size)
	}
}

// Linux has no calls from 1024 to 1079, but aarch64 programs make them. On other
// processors, and outside this range, such calls end the run.
func TestLegacyCalls(t *testing.T) {
	for _, target := range targets {
		for _, n := range []int64{1023, 1024, 1026, 1079, 1080} {
			w := &writer{target: target}
			w.callNumber(n, w.string("/file"), 0)
			w.exit()
			got, err := emutest.Run(w.file(), nil, nil)
			if target.arch == "aarch64" && n >= 1024 && n < 1080 {
				assert.NoError(t, err, n)
				assert.Equal(t, 38, got.Status, n)
				continue
			}
			want := fmt.Sprintf("process 1, %s: %#x: unknown system call %d", target.arch, w.mark, n)
			assert.EqualError(t, err, want, "%s %d", target.arch, n)
		}
	}
}
