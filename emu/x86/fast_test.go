package x86

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"stage0/emu/cpu"
)

// Where the programs of these tests have what.
const (
	codeAt   = 0x400000
	dataAt   = codeAt + cpu.PageSize
	dataSize = 2 * cpu.PageSize
	stackTop = 0x7ff00000
)

// pieces are instructions that have fast forms. w stands for the prefix REX.W
// on amd64, a for the prefix 67 there, b for one byte of displacement, d for four, and i for an immediate
// of four.
var pieces = strings.Fields(`
	wC7C0i 31C0 w8D85d w8D86d w8D85dw8B00 w8D86dw8B00 w8D87dw8B00 w8B85d w8B00 50 50 50 50w8D85dw8B00 50wC7C0i
	w8D85d50w8D85dw8B0050wC7C0i 31C050w8D85dw8B00 31C05031C0 w8D86dw8B005031C0
	5Bw01D8 5Bw01D850 5Bw01D85031C05B8803 5Bw01D850wC7C0i5B8803 w8D86d50w8D85dw8B005Bw01D85031C05B8803 w8D8600000000506A005Bw01D850wC7C0i5B8803 31C050w8D86d5Bw01D850wC7C0i5B8803 31C050w8D85d5Bw01D85031C05B8803 5Bw01D8w0FBE00 5Bw01D8w0FBE005Bw39C30F95C0w0FB6C0w85C07401F9 5Bw01D8w0FBE005Bw39C30F9CC0w0FB6C0 5Bw01D85Bw8903 5Bw29C3w89D8 5Bw29C3w89D850 5Bw29C3w89D85Bw8903 5Bw21D8
	5Bw39C30F9EC0w0FB6C0 5Bw39C30F94C0w0FB6C0w85C0 5Bw39C30F92C0w0FB6C0w85C07402 5Bw39C30F9DC0w0FB6C0w85C0750090
	5Bw39C30F98C0w0FB6C0 5Bw39C30F94C0w0FB7C0 5Bw8903 5B8803 w85C07403 w85C07502 5Bw8903EB00 w8D85d50w8D85dw8B0050wC7C0i5Bw29C3w89D85Bw8903EB00
	w8D85D0FFFFFF50w8D85D0FFFFFFw8B0050wC7C0i5Bw01D85Bw8903 w8D861000000050w8D8610000000w8B0050wC7C0i5Bw01D85Bw8903
	w8D861000000050w8D8610000000w8B0050wC7C0i5Bw29C3w89D85Bw8903EB01F9
	w8D84241000000050w8D842410000000w8B0050wC7C0i5Bw01D85Bw8903 w8D800800000050w8D8008000000w8B0050wC7C0i5Bw01D85Bw8903
	w8D84241000000050w8D842410000000w8B005Bw01D8 50w8D04245Bw01D8 w8D800800000050w8B4008w8B005Bw01D8
	w8D85d5031C05Bw01D8w0FBE005Bw39C30F95C0w0FB6C0w85C07401F9 w8D86d5031C05Bw01D8w0FBE005Bw39C30F94C0w0FB6C0w85C07501F9
	8A0B w0FB6C9 8A0Bw0FB6C9 8A07w0FB6DB w39C87402 w39C87501 w83F9057500 w39C8 w83F80A7202 w39C87F01 w39C87601 w39C87B01
	38C87502 3C057400 38D87C02 3C807700 w85C97901 w85D27E01 w83C301 w81C1i w83EB04 w29C8 w09D8 w31CB w83E00F
	w89C8 w89E5 88C1 w87D9 w8B4Eb w894Eb 8806 884Eb w0FBE0E w0FB64Db 53515A 5352 595B 5A 6A07 68i 5C 50w89E05B
	w8D6424F8 w8D642408 w89EC w89E6 w89EF E800000000 EB01F9 7402 7501 7202 w0FAFC3 w01C6 w29C7 w8D3C24 54
	57559053w89E7 53w89E7 54w89E0 w89FDE800000000 w89ECC3 w89EC5B5D w89EC5C5A w89F45A5B w8D85dw8B00wC7C1iw01C8 w8B07wC7C1iw01C8 w8B85dwC7C1iw01C8 w8D87dw8B00wC7C3iw01D8w8B00
	5Bw89C1w89D8wD3E0 5Bw89C1w89D8wD3E8 5Bw89C1w89D831C0 31C05Bw89C1w89D89C 5Bw09D8 5Bw31D8 5BwC7C6iwF7E6w01D8 5BwC7C608000000wF7E6w01D8 5BwC7C103000000wF7E1w01D8w8B00
	wD3E8 wD3E3 wC1E003 wC1EA1F wC1E81F wC1E000 wD1E3 wD3E1 wF7E1 wF7E2 wF7E0 w8D9Ddw8903 w8D8Edw894100 w8D8Edw8909 w8D8Edw8901 w0FB6C9wD3E0 wD3EB
	D3E0 wF7E3 wD1E8 9C F9 aw8B85d aw8B00 aw8D85d aw8D86dw8B00 w8D85daw8B00 w8D85d50w8D86daw8B005Bw01D8 50aw8B005Bw01D8 31C05Baw8903 5Ba8803 5Bw01D8aw0FBE00
	aw8B85d50wC7C0i5Bw39C30F95C0w0FB6C0w85C07401F9 5Bw01D85Baw8903 50w8D85d5Bw01D850wC7C0i5Ba8803 a8A0Baw0FB6C9 aw894Eb a8806 aw0FB64Db a50 a5Baw01D8 aw8D86dw8903 aE800000000 aw8B85dwC7C1iw01C8
	w8D86d50w8D86daw8B0050wC7C0i5Bw01D85Bw8903 aw8D86d50w8D86dw8B0050wC7C0i5Bw01D85Bw8903 aC3 aFF20
	w11C8 0F94C0 0F9FC1 w89C1w01C8 wC7C1iw01C8 wC7C1iw01C9 w89D5 89D8 w01E0 C3`)

// assemble makes the bytes of a piece.
func assemble(piece string, is64 bool, rnd *rand.Rand) []byte {
	var text []byte
	for len(piece) > 0 {
		n := 1
		switch piece[0] {
		case 'w':
			if is64 {
				text = append(text, 0x48)
			}
		case 'a':
			if is64 {
				text = append(text, 0x67)
			}
		case 'b':
			text = append(text, byte(rnd.IntN(64)-32))
		case 'd', 'i':
			v := rnd.IntN(128) - 64
			text = append(text, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		default:
			n = 2
			b, err := hex.DecodeString(piece[:2])
			if err != nil {
				panic(err)
			}
			text = append(text, b...)
		}
		piece = piece[n:]
	}
	return text
}

// TestFast compares the fast forms with step and exec, on what registers and
// memory hold after programs made of pieces at random, and on how they end.
func TestFast(t *testing.T) {
	t.Run("amd64", func(t *testing.T) { testFast[uint64](t, 64) })
	t.Run("x86", func(t *testing.T) { testFast[uint32](t, 32) })
}

func testFast[W word](t *testing.T, bits int) {
	rnd := rand.New(rand.NewPCG(5, uint64(bits)))
	ends := map[string]int{}
	for trial := range 15000 {
		fast := randomMachine[W](bits, rnd)
		var text []byte
		for range 1 + rnd.IntN(12) {
			text = append(text, assemble(pieces[rnd.IntN(len(pieces))], bits == 64, rnd)...)
		}
		end := "0F05"
		if bits == 32 {
			end = "CD80"
		}
		text = append(text, assemble(end, true, rnd)...)
		err := compare(t, fast, text, 200)
		if t.Failed() {
			t.Fatalf("trial %d", trial)
		}
		ends[kindOf(err)]++
	}
	for _, kind := range []string{"budget", "system call", string(cpu.BadLoad), string(cpu.BadStore), string(cpu.BadFetch)} {
		if ends[kind] < 20 {
			t.Errorf("%d programs end with %s, want more", ends[kind], kind)
		}
	}
}

// compare runs text on fast and step by step on a clone, for so many instructions
// at most, and reports what differs. It returns how that ended.
func compare[W word](t *testing.T, fast *machine[W], text []byte, budget uint64) error {
	t.Helper()
	if err := fast.mem.Init(codeAt, text); err != nil {
		t.Fatal(err)
	}
	slow := fast.Clone(fast.mem.Clone()).(*machine[W])
	n, err := fast.Run(budget)
	var done uint64
	var want error
	for done < n || err != nil && want == nil {
		var one uint64
		if one, want = slow.Run(1); one == 0 {
			break
		}
		done += one
	}
	if done != n || !sameError(err, want) {
		t.Errorf("% x: %d instructions and %v, want %d and %v", text, n, err, done, want)
	}
	got, exp := fast.Registers(nil), slow.Registers(nil)
	for i := range got {
		if got[i] != exp[i] {
			t.Errorf("% x: %s is %#x, want %#x", text, got[i].Name, got[i].Value, exp[i].Value)
		}
	}
	image, imageWant := fast.mem.Bytes(codeAt, cpu.PageSize+dataSize, 0), slow.mem.Bytes(codeAt, cpu.PageSize+dataSize, 0)
	if fast.pc != slow.pc || !bytes.Equal(image, imageWant) || !bytes.Equal(fast.mem.Stack.Bytes, slow.mem.Stack.Bytes) {
		t.Errorf("% x: memory or pc differ", text)
	}
	return err
}

func kindOf(err error) string {
	switch err := err.(type) {
	case nil:
		return "budget"
	case *cpu.Fault:
		return string(err.Kind)
	}
	return err.Error()
}

func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Error() == b.Error()
}

// randomMachine returns a processor with code, data and a stack, and registers
// that mostly point into these, some of them to where one begins or ends.
func randomMachine[W word](bits int, rnd *rand.Rand) *machine[W] {
	const rwx = cpu.Read | cpu.Write | cpu.Exec
	top := uint64(stackTop)
	if bits == 64 && rnd.IntN(4) == 0 {
		top += 1 << 40 // 32 bits are no address
	}
	mem := cpu.NewMemory(cpu.Layout{
		Base:      codeAt,
		Perms:     []cpu.Perm{rwx, cpu.Read | cpu.Write, cpu.Read | cpu.Write},
		MaxImage:  1 << 20,
		StackTop:  top,
		StackSize: 1 << 20,
	})
	c := &machine[W]{mem: mem, bits: bits}
	pointer := func() uint64 {
		near := uint64(rnd.IntN(32))
		switch rnd.IntN(16) {
		case 0:
			return dataAt + dataSize - near
		case 1:
			return top - near
		case 2:
			return mem.Stack.Base + near
		case 3:
			return codeAt + 2*near
		case 4:
			return rnd.Uint64()
		case 9: // of which 32 bits are an address
			return 1<<40 + dataAt + uint64(rnd.IntN(dataSize))
		case 5:
			return near - 16
		case 6, 7, 8:
			return dataAt + uint64(rnd.IntN(dataSize))
		}
		return top - 256 - uint64(rnd.IntN(64))*uint64(bits/8)
	}
	data := make([]byte, 512)
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	for i := 0; i < len(data); i += 32 {
		p := pointer()
		for j := range bits / 8 {
			data[i+j] = byte(p >> (8 * j))
		}
	}
	for _, at := range []uint64{dataAt, dataAt + dataSize - 512, top - 512} {
		if err := mem.Init(at, data); err != nil {
			panic(err)
		}
	}
	for r := range bits / 4 {
		c.r[r] = W(pointer())
		if rnd.IntN(4) == 0 {
			c.r[r] = W(rnd.IntN(3)) - 1
		}
	}
	switch rnd.IntN(8) {
	case 0:
	case 1:
		c.r[sp] = W(top - uint64(rnd.IntN(4)*bits/8))
	case 2:
		c.r[sp] = W(mem.Stack.Base + uint64(rnd.IntN(4)*bits/8))
	default:
		c.r[sp] = W(top - 256 - uint64(rnd.IntN(64)*bits/8))
	}
	c.setLiteral(rnd.Uint64() & arithmetic)
	c.pc = codeAt
	return c
}
