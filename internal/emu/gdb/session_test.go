package gdb_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/gdb"
)

// trap is the stop reply without further information.
const trap = "T05thread:1;"

// TestPackets sends the packets that gdb uses, for the riscv64 program.
func TestPackets(t *testing.T) {
	c := crashes[4]
	_, _, err := debugged(t, c.file(t), nil, nil, func(addr string) {
		g := dial(t, addr)
		g.want("?", trap)
		for _, test := range []struct{ packet, reply string }{
			{"qSupported:swbreak+;hwbreak+", "PacketSize=3ff0;QStartNoAckMode+;qXfer:features:read+;qXfer:exec-file:read+;swbreak+;hwbreak+;exec-events+;vContSupported+;ReverseStep+;ReverseContinue+"},
			{"", ""}, {"vMustReplyEmpty", ""}, {"!", ""}, {"qTStatus", ""}, {"r", ""},
			{"Hg0", "OK"}, {"T1", "OK"}, {"qC", "QC1"}, {"qfThreadInfo", "m1"}, {"qsThreadInfo", "l"}, {"qAttached", "0"},
			{"vCont?", "vCont;c;C;s;S"}, {"vCont", "E16"}, {"vCont;", "E16"}, {"vCont;t", "E16"}, {"vCont;C", "E16"}, {"vCont;Cxy", "E16"},
			{"qXfer:exec-file:read:1:0,3", "m/pr"}, {"qXfer:exec-file:read:1:3,fff", "logram"}, {"qXfer:exec-file:read:1:ff,fff", "l"},
			{"qXfer:auxv:read::0,10", "E00"}, {"qXfer:features:read:none:0,10", "E00"}, {"qXfer:features:write:target.xml:0:x", ""},
			{"qXfer:features:read:target.xml:0", "E16"}, {"qXfer:features:read:target.xml:0,15", "m<?xml version=\"1.0\"?>"},
			{"qXfer", ""}, {"qRcmd,zz", "E16"},

			// Registers: there are 33. The last one is pc, of 8 bytes.
			{"p20", "7800600000000000"}, {"p0", "0000000000000000"}, {"p21", "E16"}, {"p", "E16"}, {"pxx", "E16"}, {"pffffffffffffffff", "E16"},
			{"Pa=0100000000000080", "OK"}, {"pa", "0100000000000080"},
			{"P0=0100000000000080", "E0e"}, {"P=", "E16"}, {"Pa=01", "E16"}, {"Pa", "E16"}, {"P40=0100000000000000", "E16"},
			{"G00", "E16"},

			// Memory.
			{"m600000,4", "7f454c46"}, {"m6000a0,2000", "00000000" + strings.Repeat("00", 0xF5C)}, {"m10,4", "E0e"}, {"m600000,0", ""},
			{"m600000", "E16"}, {"m,4", "E16"}, {"m600000,", "E16"}, {"m11111111111111111,4", "E16"}, {"mffffffffffffffff,ffffffffffffffff", "E0e"},
			{"M6000a0,4:01020304", "OK"}, {"m6000a0,4", "01020304"}, {"X6000a0,2:}\x03\x7f", "OK"}, {"m6000a0,4", "237f0304"},
			{"M6000a0,4:0102", "E16"}, {"M6000a0,1:xx", "E16"}, {"M10,1:00", "E0e"}, {"X6000a0,0:", "OK"}, {"M6000a0,4:00000000", "OK"}, {"M", "E16"},

			// Breakpoints.
			{"Z0,600080,4", "OK"}, {"Z1,600080,4;X1,0", "OK"}, {"z0,600080,4", "OK"}, {"z0,600080,4", "OK"}, {"Z5,600080,4", ""}, {"Z0", "E16"}, {"Z0,600080", "E16"}, {"Z2,x,4", "E16"}, {"Z", "E16"},
			{"c", trap + "hwbreak:;"}, {"p20", "8000600000000000"},
			{"z1,600080,4", "OK"}, {"s", trap}, {"p20", "8400600000000000"}, {"vCont;s:1;c", trap},
			{"bs", trap}, {"p20", "8400600000000000"}, {"bx", ""}, {"b", ""},
			{"bc", trap + "replaylog:begin;"}, {"bs", trap + "replaylog:begin;"}, {"bc", trap + "replaylog:begin;"}, {"pa", "0100000000000080"},

			// Watchpoints: an access to a byte inside, or around them.
			{"Z2,6000a1,1", "OK"}, {"c", trap + "watch:6000a1;"}, {"p20", "8c00600000000000"},
			{"z2,6000a1,1", "OK"}, {"Z3,60009e,3", "OK"}, {"c", trap + "rwatch:60009e;"}, {"p20", "8400600000000000"},
			{"z3,60009e,3", "OK"}, {"Z4,6000a3,8", "OK"}, {"c", trap + "awatch:6000a3;"}, {"c", trap + "awatch:6000a3;"},
			{"bc", trap + "awatch:6000a3;"}, {"p20", "8000600000000000"}, {"z4,6000a3,8", "OK"},

			{"s", trap}, {"Z4,6000a0,4", "OK"}, {"M6000a0,1:00", "OK"}, {"s", trap}, {"z4,6000a0,4", "OK"}, // gdb's own access

			// Continue at another address.
			{"s600090", trap}, {"p20", "9400600000000000"}, {"sx", "E16"}, {"C", "E16"}, {"C111", "E16"},
		} {
			g.want(test.packet, test.reply)
		}
		if got, want := len(g.ask("g")), 33*16; got != want {
			t.Errorf("registers have %d digits, want %d", got, want)
		}
		g.want("G"+strings.Repeat("0", 32*16)+"9800600000000000", "OK") // not an instruction
		fault := "process 1, riscv64: 0x600098: 00 00 00 00: unknown instruction\n"
		if got := g.ask("c"); got != "O"+fmt.Sprintf("%x", fault) {
			t.Errorf("%q", got)
		}
		if got := g.reply(); got != "T04thread:1;" {
			t.Errorf("%q", got)
		}
		g.want("?", "T04thread:1;")
		g.want("C04", "X04")
	})
	if !errors.Is(err, gdb.ErrKilled) {
		t.Errorf("%v, want ErrKilled", err)
	}
}

// TestChecksum sends damaged packets, and negative acknowledgments.
func TestChecksum(t *testing.T) {
	debugged(t, crashes[4].file(t), nil, nil, func(addr string) {
		g := dial(t, addr)
		for _, raw := range []string{"$?#00", "$?#xx"} {
			g.send(raw)
			b, err := g.r.ReadByte()
			require.NoError(t, err)
			assert.Equal(t, "-", string(b))
		}
		g.send("noise$half" + packet("?")) // starts again
		if got := g.reply(); got != trap {
			t.Errorf("%q", got)
		}
		g.send("-")
		if got := g.reply(); got != trap {
			t.Errorf("again: %q", got)
		}
		g.want("QStartNoAckMode", "OK")
		g.send(packet("qC"))
		text := make([]byte, 7)
		_, err := io.ReadFull(g.r, text)
		require.NoError(t, err)
		assert.Equal(t, "$QC1#c5", string(text))
		g.send(packet("k"))
	})
}

// words makes a riscv64 program.
func words(code ...uint32) []byte {
	var b []byte
	for _, w := range code {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return emutest.ELF(0xF3, 64, b, 0x1000)
}

// echo reads 8 bytes at a time from standard input and writes them, until the end. It
// exits with 5.
var echo = words(
	0x00000513, // 600100 li a0, 0
	0xff010593, // addi a1, sp, -16
	0x00800613, // li a2, 8
	0x03f00893, // 60010c li a7, 63 (read)
	0x00000073, // ecall
	0x00a05e63, // 600114 blez a0, 28
	0x00050613, // mv a2, a0
	0x00100513, // li a0, 1
	0x04000893, // li a7, 64 (write)
	0x00000073, // ecall
	0xfd9ff06f, // 600128 j 600100
	0x00000013,
	0x00500513, // 600130 li a0, 5
	0x05d00893, // li a7, 93 (exit)
	0x00000073, // ecall
)

// TestReplay goes back and forth over input and output: input is replayed, and
// nothing is written twice.
func TestReplay(t *testing.T) {
	input := iotest.OneByteReader(strings.NewReader("abc"))
	status, out, err := debugged(t, echo, nil, func(c *emu.Config) { c.Stdin = input }, func(addr string) {
		g := dial(t, addr)
		g.want("?", trap)
		g.want("Z0,600128,4", "OK")
		for range 2 {
			g.want("c", trap)
			g.want("c", trap)
			g.at(21)
			g.want("bc", trap)
			g.at(10)
			g.want("bc", trap+"replaylog:begin;")
			g.at(0)
		}
		g.want("c", trap)
		g.want("c", trap)
		g.want("c", trap)
		g.want("bs", trap)
		g.want("m3fffffef90,1", fmt.Sprintf("%x", 'c'))
		g.want("c", trap)
		g.want("c", "W05")
	})
	require.NoError(t, err)
	assert.Equal(t, 5, status)
	assert.Equal(t, "abc", out)
}

// TestLimit goes back from where a run reached its limit, and forward again.
func TestLimit(t *testing.T) {
	loop := words(0x00150513, 0xffdff06f) // addi a0, a0, 1; j -4
	_, _, err := debugged(t, loop, nil, func(c *emu.Config) { c.Limits.Steps = 20001 }, func(addr string) {
		g := dial(t, addr)
		message := fmt.Sprintf("O%x", "process 1, riscv64: stopped after 20001 instructions, the limit\n")
		g.want("c", message)
		for range 2 {
			if got := g.reply(); got != "T06thread:1;" {
				t.Errorf("%q", got)
			}
			g.want("pa", "1127000000000000")
			g.at(20001)
			g.want("bs", trap)
			g.want("pa", "1027000000000000")
			g.at(20000)
			g.want("s", message)
		}
		if got := g.reply(); got != "T06thread:1;" {
			t.Errorf("%q", got)
		}
		g.want("Pa=0500000000000000", "OK")
		g.want("bs", trap)
		g.want("s", message)
		g.reply()
		g.want("pa", "0500000000000000")
		g.want("D", "OK")
	})
	assert.EqualError(t, err, "process 1, riscv64: stopped after 20001 instructions, the limit")
}

// forks executes /crash itself, after a child has done so.
var forks = words(
	0x01100513, // 600100 li a0, 17
	0x00000593, // li a1, 0
	0x0dc00893, // li a7, 220 (clone)
	0x00000073, // ecall
	0x00051263, // both continue the same
	0x00000517, // 600114 auipc a0, 0
	0x01850513, // addi a0, a0, 24
	0x00000593, // li a1, 0
	0x00000613, // li a2, 0
	0x0dd00893, // li a7, 221 (execve)
	0x00000073, // 600128 ecall
	0x6172632f, // 60012c /crash
	0x00006873,
)

// TestExec follows the process to another program, but not its child, which executes
// the program earlier. The program prints its input.
func TestExec(t *testing.T) {
	files := emutest.Files{"/crash": {Data: echo, Perm: 0o755}}
	input := func(c *emu.Config) { c.Stdin = strings.NewReader("12345678") }
	status, out, err := debugged(t, forks, files, input, func(addr string) {
		g := dial(t, addr)
		g.ask("qSupported:exec-events+")
		g.want("Z0,600114,4", "OK")
		g.want("c", trap)
		g.want("c", trap+"exec:2f6372617368;")
		g.want("qXfer:exec-file:read:1:0,fff", "l/crash")
		g.want("bc", trap)
		g.want("qXfer:exec-file:read:1:0,fff", "l/program")
		g.want("p20", "1401600000000000")
		g.want("c", trap+"exec:2f6372617368;")
		g.want("c", trap) // in the other program, another instruction is at this address
		g.want("c", "W05")
	})
	require.NoError(t, err)
	assert.Equal(t, 5, status)
	assert.Equal(t, "12345678", out)

	// A child that crashes ends the run, but is not the debugged process.
	files["/crash"] = &emutest.File{Data: words(0), Perm: 0o755}
	debugged(t, forks, files, nil, func(addr string) {
		g := dial(t, addr)
		g.want("c", fmt.Sprintf("O%x", "process 2, riscv64: 0x600100: 00 00 00 00: unknown instruction\n"))
		if got := g.reply(); got != "T06thread:1;" {
			t.Errorf("%q", got)
		}
		g.want("p20", "1001600000000000")
		g.send(packet("k"))
	})
}

// TestEdits checks that restarted runs repeat edits, until an earlier edit discards
// them.
func TestEdits(t *testing.T) {
	loop := words(0x00150513, 0xffdff06f) // addi a0, a0, 1; j -4
	debugged(t, loop, nil, func(c *emu.Config) { c.Limits.Steps = 200000 }, func(addr string) {
		g := dial(t, addr)
		toEnd := func(a0 string) {
			t.Helper()
			g.ask("c")
			if got := g.reply(); got != "T06thread:1;" {
				t.Errorf("%q", got)
			}
			g.want("pa", a0)
		}
		g.send("\x03") // nothing is running
		g.want("s", trap)
		g.want("s", trap)
		g.want("pa", "0100000000000000")
		g.want("Pa=e803000000000000", "OK")
		toEnd("878a010000000000") // 1000 + 99999
		g.want("bs", trap)
		g.want("pa", "878a010000000000")
		g.want("Z0,600108,4", "OK") // never executed
		g.want("bc", trap+"replaylog:begin;")
		g.want("z0,600108,4", "OK")
		g.want("pa", "0000000000000000")
		toEnd("878a010000000000")
		g.want("bc", trap+"replaylog:begin;")
		g.want("s", trap)
		g.want("Pa=0500000000000000", "OK")
		g.want("s", trap)
		g.want("pa", "0500000000000000")
		toEnd("a486010000000000") // 5 + 99999
		for range 10000 - 1 {
			g.ask("Pa=0000000000000000")
		}
		g.want("Pa=0000000000000000", "E0e") // too many
		g.send(packet("k"))
	})
}

// TestWatchEdit checks that a repeated edit of watched memory does not trigger the
// watchpoint.
func TestWatchEdit(t *testing.T) {
	loop := words(0x00150513, 0xffdff06f) // addi a0, a0, 1; j -4
	debugged(t, loop, nil, func(c *emu.Config) { c.Limits.Steps = 1000 }, func(addr string) {
		g := dial(t, addr)
		g.want("s", trap)
		g.want("M600200,1:05", "OK")
		g.want("bc", trap+"replaylog:begin;")
		g.want("m600200,1", "00")
		g.want("Z2,600200,1", "OK")
		g.ask("c")
		if got := g.reply(); got != "T06thread:1;" {
			t.Errorf("%q", got)
		}
		g.want("m600200,1", "05")
		g.send(packet("k"))
	})
}

// TestInterruptAtOnce sends an interrupt right behind the packet that continues the
// program, so that it arrives before the program runs. One that was sent before that
// packet does not count.
func TestInterruptAtOnce(t *testing.T) {
	loop := words(0x00150513, 0xffdff06f) // addi a0, a0, 1; j -4
	debugged(t, loop, nil, nil, func(addr string) {
		g := dial(t, addr)
		for range 20 {
			g.send("\x03" + packet("c") + "\x03")
			if got := g.reply(); !strings.HasPrefix(got, "T02") {
				t.Fatalf("%q", got)
			}
		}
		g.send(packet("k"))
	})
}

// TestCode changes code that is not writable and that has been executed.
func TestCode(t *testing.T) {
	loop := words(0x00150513, 0xffdff06f) // addi a0, a0, 1; j -4
	loop[64+4] = 5                        // readable and executable
	debugged(t, loop, nil, nil, func(addr string) {
		g := dial(t, addr)
		g.send(packet("c"))
		time.Sleep(10 * time.Millisecond)
		g.send("\x03")
		g.reply()
		g.want("M600104,4:00000000", "OK")
		g.want("c", fmt.Sprintf("O%x", "process 1, riscv64: 0x600104: 00 00 00 00: unknown instruction\n"))
		g.reply()
		g.send(packet("k"))
	})
}

// TestMany requests more than the maximum.
func TestMany(t *testing.T) {
	debugged(t, crashes[4].file(t), nil, nil, func(addr string) {
		g := dial(t, addr)
		if got := len(g.ask("m3fffff0000,8000")); got != 2*(8192-16) {
			t.Errorf("%d digits", got)
		}
		for i := range 1024 {
			g.want(fmt.Sprintf("Z0,%x,4", i), "OK")
			g.want(fmt.Sprintf("Z2,%x,4", i), "OK")
		}
		g.want("Z0,5000,4", "E1c")
		g.want("Z2,5000,4", "E1c")
		g.send(packet("k"))
	})
}

// TestFiles reads files through the debugger, with escaped bytes.
func TestFiles(t *testing.T) {
	files := emutest.Files{"/odd": {Data: []byte("a}#$*b"), Perm: 0o600}, "/long": {Data: make([]byte, 20000), Perm: 0o600}}
	debugged(t, crashes[4].file(t), files, nil, func(addr string) {
		g := dial(t, addr)
		open := func(name string) string { return fmt.Sprintf("vFile:open:%x,0,0", name) }
		for _, test := range []struct{ packet, reply string }{
			{"vFile:setfs:0", "F0"}, {open("/none"), "F-1,2"}, {"vFile:open:zz,0,0", "F-1,16"}, {"vFile:open:2f,1,0", "F-1,16"}, {"vFile:open:2f", "F-1,16"},
			{open("/odd"), "F0"}, {"vFile:pread:0,10,0", "F6;a}]}\x03}\x04}\nb"}, {"vFile:pread:0,2,5", "F1;b"}, {"vFile:pread:0,2,10", "F0;"},
			{"vFile:pread:0,2", "F-1,16"}, {"vFile:pread:0,x,0", "F-1,16"}, {"vFile:pread:1,2,0", "F-1,9"}, {"vFile:pread:,2,0", "F-1,9"}, {"vFile:pread:10,2,0", "F-1,9"},
			{"vFile:fstat:0", "F40;" + strings.Repeat("\x00", 10) + "\x81\xed\x00\x00\x00\x01" + strings.Repeat("\x00", 19) + "\x06" +
				strings.Repeat("\x00", 6) + "\x02\x00" + strings.Repeat("\x00", 7) + "\x01" + strings.Repeat("\x00", 12)},
			{open("/long"), "F1"}, {"vFile:pread:1,ffffffff,0", "F2000;" + strings.Repeat("\x00", 0x2000)}, {"vFile:close:1", "F0"}, {"vFile:close:1", "F-1,9"},
			{"vFile:pwrite:0,0,x", ""}, {"vFile", "F-1,9"},
		} {
			g.want(test.packet, test.reply)
		}
		for fd := 1; fd < 16; fd++ {
			g.want(open("/odd"), fmt.Sprintf("F%x", fd))
		}
		g.want(open("/odd"), "F-1,18")
		g.send(packet("k"))
	})
}

// TestChild runs a child whose accesses would trigger a watchpoint in its parent.
func TestChild(t *testing.T) {
	program := words(
		0x01100513, // 600100 li a0, 17
		0x00000593, // li a1, 0
		0x0dc00893, // li a7, 220 (clone)
		0x00000073, // ecall
		0x00051663, // 600110 bnez a0, 12
		0x00000297, // 600114 auipc t0, 0: the child
		0x0052a823, // sw t0, 16(t0)
		0x05d00893, // 60011c li a7, 93 (exit)
		0x00000073, // 600120 ecall
	)
	status, _, err := debugged(t, program, nil, nil, func(addr string) {
		g := dial(t, addr)
		g.want("Z2,600124,4", "OK")
		g.want("c", "W02")
	})
	require.NoError(t, err)
	assert.Equal(t, 2, status)
}

// A sink sends what is written to a channel.
type sink chan string

func (s sink) Write(p []byte) (int, error) {
	s <- string(p)
	return len(p), nil
}

// TestOutput checks that output is written at once.
func TestOutput(t *testing.T) {
	out := make(sink, 10)
	change := func(c *emu.Config) { c.Stdin, c.Stdout = strings.NewReader("text"), out }
	debugged(t, echo, nil, change, func(addr string) {
		g := dial(t, addr)
		g.want("Z0,600128,4", "OK")
		g.want("c", trap)
		select {
		case got := <-out:
			if got != "text" {
				t.Errorf("%q", got)
			}
		default:
			t.Error("nothing is shown")
		}
		g.send(packet("k"))
	})
}

// TestDetach detaches from the program.
func TestDetach(t *testing.T) {
	status, out, err := debugged(t, echo, nil, func(c *emu.Config) { c.Stdin = strings.NewReader("0123456789") }, func(addr string) {
		g := dial(t, addr)
		g.want("s", trap)
		g.want("D", "OK")
		g.conn.Close()
	})
	require.NoError(t, err)
	assert.Equal(t, 5, status)
	assert.Equal(t, "0123456789", out)
}

// TestEnds runs debuggers that leave while the program loops.
func TestEnds(t *testing.T) {
	loop := words(0x0000006f) // j 0
	for name, test := range map[string]struct {
		do   func(g *client)
		want error
	}{
		"kill":          {func(g *client) { g.send(packet("k")) }, gdb.ErrKilled},
		"vKill":         {func(g *client) { g.want("vKill;1", "OK") }, gdb.ErrKilled},
		"closed":        {func(g *client) { g.conn.Close() }, gdb.ErrGone},
		"closed, runs":  {func(g *client) { g.send(packet("c")); g.conn.Close() }, gdb.ErrGone},
		"half a packet": {func(g *client) { g.send("$qSupp"); g.conn.Close() }, gdb.ErrGone},
		"too long":      {func(g *client) { g.send("$" + strings.Repeat("m", 20000)); io.Copy(io.Discard, g.conn) }, gdb.ErrGone},
		"interrupted, fast": {func(g *client) {
			g.send(packet("c"))
			time.Sleep(20 * time.Millisecond)
			g.send("\x03")
			if got := g.reply(); got != "T02thread:1;" {
				t.Errorf("%q", got)
			}
			steps := g.monitor("steps")
			g.want("bs", trap) // to the current place
			g.want("s", trap)
			if got := g.monitor("steps"); got != steps {
				t.Errorf("at %q, want %q", got, steps)
			}
			g.send(packet("k"))
		}, gdb.ErrKilled},
		"interrupted, slow": {func(g *client) {
			g.want("Z0,10,4", "OK")
			g.send(packet("c") + packet("g") + packet("c")) // packets are ignored while the program runs
			time.Sleep(20 * time.Millisecond)
			g.send("\x03\x03")
			if got := g.reply(); got != "T02thread:1;" {
				t.Errorf("%q", got)
			}
			g.send(packet("k"))
		}, gdb.ErrKilled},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := debugged(t, loop, nil, nil, func(addr string) { test.do(dial(t, addr)) })
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}
