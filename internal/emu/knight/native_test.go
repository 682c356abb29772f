package knight

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

// Instructions of the test programs.
const (
	tape1    = "E0002D201100" // LOADUI R0 0x1100
	tape2    = "E0002D201101" // LOADUI R0 0x1101
	device1  = "E0002D211100" // LOADUI R1 0x1100
	device2  = "E0002D211101" // LOADUI R1 0x1101
	device0  = "0D000021"     // FALSE R1
	read     = "42100000"     // FOPEN_READ
	write    = "42100001"     // FOPEN_WRITE
	closed   = "42100002"     // FCLOSE
	rewind   = "42100003"     // REWIND
	getc     = "42100100"     // FGETC
	putc     = "42100200"     // FPUTC
	hal      = "42110000"     // HAL_MEM
	stop     = "FFFFFFFF"     // HALT
	letterA  = "E0002D200041" // LOADUI R0 65
	letterB  = "E0002D200042" // LOADUI R0 66
	forever  = "3C00FFFC"     // JUMP to itself
	minusOne = "\xFF"         // the byte that putc writes for getc's result at the end
)

// program returns the machine code of instructions.
func program(t *testing.T, instructions ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(instructions, ""))
	noError(t, err)
	return b
}

func TestNative(t *testing.T) {
	for _, test := range []struct {
		name             string
		program          []string
		tape, console    string
		tape1, tape2, on string
	}{
		{"halts", []string{stop}, "in", "", "in", "", ""},
		{"copies a byte", []string{tape1, read, tape2, write, device1, getc, device2, putc, stop}, "in", "", "in", "i", ""},
		{"end of a tape", []string{tape1, read, device1, getc, getc, device0, putc, stop}, "x", "", "x", "", minusOne},
		{"rewinds", []string{tape1, read, device1, getc, tape1, rewind, getc, device0, putc, stop}, "xy", "", "xy", "", "x"},
		{"opens again", []string{tape1, read, device1, getc, tape1, closed, read, getc, device0, putc, stop}, "xy", "", "xy", "", "x"},
		{"writes a tape anew", []string{tape1, write, device1, letterA, putc, stop}, "long", "", "A", "", ""},
		{"overwrites", []string{tape2, write, device2, letterA, putc, putc, tape2, rewind, letterB, putc, stop}, "", "", "", "BA", ""},
		{"does not read what it writes", []string{tape2, write, device2, letterA, putc, tape2, rewind, getc, device0, putc, stop}, "", "", "", "A", minusOne},
		{"does not write what it reads", []string{tape1, read, device1, letterA, putc, getc, device0, putc, stop}, "x", "", "x", "", "x"},
		{"reads what it wrote", []string{tape2, write, device2, letterA, putc, tape2, closed, read, getc, device0, putc, stop}, "", "", "", "A", "A"},
		{"console", []string{getc, putc, getc, putc, getc, putc, stop}, "", "ab", "", "", "ab" + minusOne},
		{"no such device", []string{letterA, putc, "E0002D210007", putc, getc, device0, putc, "E0002D200007", read, write, closed, rewind, stop}, "", "", "", "", "A" + minusOne},
	} {
		t.Run(test.name, func(t *testing.T) {
			var screen bytes.Buffer
			n := Native{Memory: 300, Tapes: [2][]byte{[]byte(test.tape)}, Console: strings.NewReader(test.console), screen: &screen, Steps: 100, Output: 100}
			r, err := n.Run(t.Context(), program(t, test.program...))
			noError(t, err)
			want(t, "tape_01", string(r.Tapes[0]), test.tape1)
			want(t, "tape_02", string(r.Tapes[1]), test.tape2)
			want(t, "console", screen.String(), test.on)
			want(t, "steps", r.Steps, uint64(len(test.program)))
		})
	}
}

func TestHalMem(t *testing.T) {
	store := "E0002F000000" // overwrites the next instruction
	_, err := Native{Memory: 300, Steps: 100}.Run(t.Context(), program(t, hal, store))
	wantError(t, err, "0xa: 00 00 01 2c: unknown instruction")
}

func TestNativeErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name    string
		native  Native
		program []string
		want    string
	}{
		{"steps", Native{Steps: 1000}, []string{forever}, "1000 instructions executed, which is the limit"},
		{"no tape", Native{}, []string{tape2, read}, "0x6: there is no tape_02 to read"},
		{"FGETC", Native{}, []string{device2, getc}, "0x6: FGETC: tape_02 is not open"},
		{"FPUTC", Native{}, []string{device1, putc}, "0x6: FPUTC: tape_01 is not open"},
		{"FCLOSE", Native{}, []string{tape1, closed}, "0x6: FCLOSE: tape_01 is not open"},
		{"REWIND", Native{}, []string{tape1, write, closed, rewind}, "0xe: REWIND: tape_01 is not open"},
		{"length of a tape", Native{Output: 2}, []string{tape2, write, device2, putc, putc, putc}, "0x18: tape_02 has 2 bytes, which is the limit"},
		{"HALCODE", Native{}, []string{"4200003C"}, "0x0: unknown HALCODE 00003C"},
		{"fault", Native{}, []string{"00000000", "01FF0000"}, "0x4: 01 ff 00 00: unknown instruction"},
		{"console in", Native{Console: iotest.ErrReader(broken)}, []string{getc}, "0x0: console: cannot read: broken"},
		{"console out", Native{screen: failing{broken}}, []string{putc}, "0x0: console: cannot write: broken"},
		{"memory", Native{Memory: -1}, nil, "-1 bytes of memory, expected at most 1073741824"},
		{"too much memory", Native{Memory: 1<<30 + 1}, nil, "1073741825 bytes of memory, expected at most 1073741824"},
		{"program", Native{Memory: 3}, []string{stop}, "program of 4 bytes, but only 3 bytes of memory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := test.native
			if n.Memory == 0 {
				n.Memory = 4096
			}
			if n.Steps == 0 {
				n.Steps = 100
			}
			_, err := n.Run(t.Context(), program(t, test.program...))
			wantError(t, err, test.want)
		})
	}
}

// A failing writer fails.
type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }

func TestNativeStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	because := errors.New("enough")
	cancel(because)
	_, err := Native{Memory: 4096, Steps: 1e9}.Run(ctx, program(t, forever))
	want(t, "error", err, because)
}
