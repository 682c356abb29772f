package x86_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/emutest"
	"stage0/internal/emu/micro/microtest"
)

const (
	machine64 = 0x3E
	machine32 = 3
)

// The arithmetic flags, and the sets of flags that instructions leave defined.
const (
	fC  = 0x001
	fA  = 0x010
	fZ  = 0x040
	fS  = 0x080
	fP  = 0x004
	fO  = 0x800
	all = fC | fA | fZ | fS | fP | fO
)

// A sample is an instruction on the registers ax, cx, dx and bx, and on memory
// through si and di. si is the address of 32 bytes; di is that plus 8.
type sample struct {
	code  string // hexadecimal
	flags uint32 // defined after it
}

// both are samples for both processors: the 32-bit forms.
var both = []sample{
	{"01c8", all}, {"11c8", all}, {"29c8", all}, {"19c8", all}, {"39c8", all},
	{"21c8", all &^ fA}, {"09c8", all &^ fA}, {"31c8", all &^ fA}, {"85c8", all &^ fA}, {"31c0", all &^ fA}, {"85c0", all &^ fA},
	{"00c8", all}, {"10c8", all}, {"28e8", all}, {"18cc", all}, {"38e1", all}, {"20c8", all &^ fA}, {"08e5", all &^ fA}, {"30c0", all &^ fA},
	{"6601c8", all}, {"6611c8", all}, {"6629c8", all}, {"6619c8", all}, {"6639c8", all}, {"6621c8", all &^ fA},
	{"0306", all}, {"1306", all}, {"2b06", all}, {"1b06", all}, {"3b06", all}, {"0106", all}, {"1147f8", all}, {"0206", all}, {"3806", all},
	{"0505000080", all}, {"2d01000000", all}, {"83c0ff", all}, {"83e87f", all}, {"83f880", all}, {"83d000", all}, {"83d8ff", all},
	{"81f9ffffff7f", all}, {"04f0", all}, {"3c80", all}, {"80fb41", all}, {"807e0441", all}, {"83e00f", all &^ fA}, {"2580000080", all &^ fA},
	{"a880", all &^ fA}, {"a900000080", all &^ fA}, {"f6060f", all &^ fA}, {"f7c180000000", all &^ fA},
	{"f7d0", all}, {"f7d8", all}, {"f6d9", all}, {"66f7da", all}, {"f616", all}, {"f71e", all},
	{"fec0", all}, {"fec9", all}, {"ff06", all}, {"ff0e", all}, {"fe06", all},
	{"f7e1", fC | fO}, {"f6e1", fC | fO}, {"66f7e3", fC | fO}, {"f7e9", fC | fO}, {"f6eb", fC | fO}, {"66f7ea", fC | fO}, {"f726", fC | fO},
	{"0fafc1", fC | fO}, {"660fafc1", fC | fO}, {"0faf06", fC | fO}, {"69c0e8030000", fC | fO}, {"6bc8f9", fC | fO}, {"666bc8f9", fC | fO},
	{"31d2f7f3", 0}, {"99f7fb", 0}, {"0fb6c0f6f3", 0}, {"660fbec066f6fb", 0}, {"6631d266f7f3", 0}, {"669966f7fb", 0},
	{"d1e0", all &^ fA}, {"d1e8", all &^ fA}, {"d1f8", all &^ fA}, {"d0e0", all &^ fA}, {"d0e9", all &^ fA}, {"d0fa", all &^ fA}, {"66d1e0", all &^ fA},
	{"d3e0", all &^ (fA | fO)}, {"d3e8", all &^ (fA | fO)}, {"d3f8", all &^ (fA | fO)}, {"d3e3", all &^ (fA | fO)},
	{"c1e005", all &^ (fA | fO)}, {"c1e81f", all &^ (fA | fO)}, {"c1f807", all &^ (fA | fO)}, {"c0e003", all &^ (fA | fO)}, {"c0f807", all &^ (fA | fO)},
	{"c1e020", all}, {"d1c0", all}, {"d1c8", all}, {"d1d0", all}, {"d1d8", all}, {"d3c0", all &^ fO}, {"d3c8", all &^ fO}, {"d3d0", all &^ fO}, {"d3d8", all &^ fO},
	{"d2c0", all &^ fO}, {"d2c8", all &^ fO}, {"d2d0", all &^ fO}, {"d2d8", all &^ fO}, {"66d3c0", all &^ fO}, {"66d3d0", all &^ fO}, {"66d3d8", all &^ fO},
	{"89c8", all}, {"88e1", all}, {"6689d8", all}, {"8b06", all}, {"8a06", all}, {"8a26", all}, {"668b06", all}, {"8906", all}, {"8806", all}, {"8826", all}, {"668906", all},
	{"c60641", all}, {"c70678563412", all}, {"66c7063412", all}, {"b041", all}, {"b441", all}, {"66b83412", all}, {"b878563412", all}, {"bbffffffff", all},
	{"0fb6c1", all}, {"0fb6c4", all}, {"0fb7c1", all}, {"0fbec1", all}, {"0fbec5", all}, {"0fbfc1", all}, {"660fb6c1", all}, {"660fbec1", all}, {"0fb606", all}, {"0fbe06", all}, {"0fb706", all}, {"0fbf06", all},
	{"98", all}, {"6698", all}, {"99", all}, {"6699", all}, {"90", all}, {"91", all}, {"93", all}, {"86c4", all}, {"87c1", all}, {"8706", all}, {"8606", all}, {"6687c1", all},
	{"0fc8", all}, {"0fcb", all}, {"f8", all}, {"f9", all}, {"f5", all}, {"0f1f4000", all},
	{"8d440801", all}, {"8d044b", all}, {"8d84cb00010080", all}, {"8d1d44332211", all}, {"668d4301", all}, {"8d0cc500000001", all}, {"8b44260c", all}, {"8b4604", all},
	{"39c80f94c00fb6c0", all}, {"39c80f94c00fb6c085c0", all &^ fA}, {"39c87401f9", all}, {"39c8751e" + "31c0" + strings.Repeat("90", 28), all &^ fA}, {"85c07401f9", all &^ fA},
	{"83f8057501f9", all}, {"3c057401f9", all}, {"39c87201f9", all}, {"39c87601f9", all}, {"39c87c01f9", all}, {"39c87e01f9", all}, {"39c87f01f9", all}, {"83f80a7d01f9", all}, {"83f8ff7701f9", all},
	{"eb01f9f5", all}, {"e900000000", all}, {"e80300000090eb0389c8c3", all},
	{"5053585b", all}, {"6a85", all}, {"6878563412", all},
}

// only32 are samples for x86, only64 for amd64.
var only32 = []sample{
	{"40", all}, {"4b", all}, {"6640", all}, {"6649", all}, {"505b", all}, {"50ff36ff3424585958", all}, {"508f0650", all}, {"6650665a", all},
	{"9c9d", all}, {"bd000000009c5d", all}, {"505389c8595a", all}, {"505b39c30f94c00fb6c0", all}, {"505b01d8", all}, {"ff7424fc", all}, {"9c58", all},
	{"39c80f42c1", all},
}

var only64 = []sample{
	{"4801c8", all}, {"4811c8", all}, {"4829c8", all}, {"4819c8", all}, {"4839c8", all}, {"4821c8", all &^ fA}, {"4809c8", all &^ fA}, {"4831c8", all &^ fA}, {"4885c0", all &^ fA}, {"4885c8", all &^ fA},
	{"480506000080", all}, {"4883c0ff", all}, {"4881e900000080", all}, {"483dffffff7f", all}, {"4883e0f0", all &^ fA}, {"4825ffff0080", all &^ fA},
	{"480306", all}, {"482b4608", all}, {"480106", all}, {"48ffc0", all}, {"48ffcb", all}, {"48ff06", all}, {"48f7d0", all}, {"48f7d8", all},
	{"48f7e1", fC | fO}, {"48f7e9", fC | fO}, {"480fafc1", fC | fO}, {"4869c0e8030000", fC | fO}, {"486bc0f9", fC | fO}, {"31d248f7f3", 0}, {"489948f7fb", 0},
	{"48d1e0", all &^ fA}, {"48d1e8", all &^ fA}, {"48d1f8", all &^ fA}, {"48d3e0", all &^ (fA | fO)}, {"48d3e8", all &^ (fA | fO)}, {"48d3f8", all &^ (fA | fO)}, {"48c1e03f", all &^ (fA | fO)}, {"48c1e821", all &^ (fA | fO)},
	{"48d3c0", all &^ fO}, {"48d3c8", all &^ fO}, {"48d3d0", all &^ fO}, {"48d3d8", all &^ fO}, {"48d1d0", all}, {"48c1e040", all},
	{"4889c8", all}, {"488b06", all}, {"488906", all}, {"48c70678563492", all}, {"48b8efcdab8967452301", all}, {"48c7c0785634f2", all}, {"480fb6c1", all}, {"480fbec1", all}, {"480fb7c1", all}, {"480fbfc1", all},
	{"4863c1", all}, {"486306", all}, {"480fb606", all}, {"480fbe06", all}, {"4898", all}, {"4899", all}, {"4893", all}, {"4887c1", all}, {"480fc8", all}, {"4090", all}, {"4890", all},
	{"40b641", all}, {"4088f0", all}, {"400fb6c6", all}, {"400fb6cf", all}, {"488d440801", all}, {"488d84cb00010080", all}, {"488d0500000000" + "4829c0", all}, {"8d44d801", all},
	{"4989c0" + "4c01c1", all}, {"4989c4" + "498d442410", all}, {"4989f5" + "498b450049894d08", all}, {"4989f4" + "498b0424", all}, {"4989f4498b44240849891c24", all},
	{"5053585b", all}, {"505b4801d8", all}, {"505b4839c30f94c0480fb6c0", all}, {"505b4839c30f9fc0480fb6c04885c07401f9", all &^ fA}, {"5639c8" + "5b" + "488903", all}, {"9c58", all},
	{"480fb6c04885c0740148" + "90", all &^ fA}, {"4839c80f42c1", all}, {"39c80f42c1", all}, {"39c80f4dc1", all}, {"4839c80f9ec10fb6c9", all}, {"4939c0" + "39c0", all},
	{"49c7c6100000004c01f0", all}, {"488d06488b00", all}, {"488d06488b0050", all}, {"488d4608488b0050", all}, {"ff3424" + "58", all}, {"ff36588f4608", all}, {"48c7c078000000505b", all}, {"6a805b", all}, {"68000000805b", all}, {"6650665a", all},
	{"488d05090000004889c3ffd0eb0190c3", all}, {"e80300000090eb0389c8c3", all},
}

// values are operands that are used besides random ones.
var values = []uint64{0, 1, 2, 5, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000,
	0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF}

// A writer assembles a program.
type writer struct {
	code []byte
	is64 bool
}

func (w *writer) hex(s string) {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	w.code = append(w.code, b...)
}

func (w *writer) word() int {
	if w.is64 {
		return 8
	}
	return 4
}

// number appends a word to the data.
func (w *writer) number(v uint64) {
	if w.is64 {
		w.code = binary.LittleEndian.AppendUint64(w.code, v)
	} else {
		w.code = binary.LittleEndian.AppendUint32(w.code, uint32(v))
	}
}

// set sets a register to v.
func (w *writer) set(r byte, v uint64) {
	if w.is64 {
		w.code = append(w.code, 0x48)
	}
	w.code = append(w.code, 0xB8|r)
	w.number(v)
}

// Addresses of a program's data. slots holds the results of a trial: ax, cx, dx, bx,
// the flags, and two words of memory.
const (
	space  = emutest.Base + 1<<16 // address in si
	stack  = space + 64           // the stack pointer, while a sample may change it
	source = stack + 8            // address of the next trial's operands
	target = source + 8           // and of its results
	slots  = target + 8
	inputs = space + 1<<12
)

// Numbers of words in the operands and results of a trial.
const (
	operands = 7
	results  = 7
)

// program returns a program that runs each sample trials times and writes the results
// of each trial.
func program(samples []sample, is64 bool, trials int, rnd *rand.Rand) []byte {
	w := &writer{is64: is64}
	data := &writer{is64: is64}
	word := w.word()
	output := uint64(inputs + len(samples)*trials*operands*word)
	w.set(0, inputs)
	w.store(source, 0)
	w.set(0, output)
	w.store(target, 0)
	end := uint64(inputs)
	for _, s := range samples {
		for range trials {
			s.operands(data, rnd)
		}
		end += uint64(trials * operands * word)
		loop := len(w.code)
		w.trial(s.code)
		w.set(1, end)
		w.register(0x3B, 0, 1) // cmp ax, cx
		w.hex("0f82")          // to the loop
		w.code = binary.LittleEndian.AppendUint32(w.code, uint32(loop-len(w.code)-4))
	}
	w.write(output, uint64(len(samples)*trials*results*word))
	code := append(w.code, make([]byte, inputs-emutest.Entry-len(w.code))...)
	machine, bits := uint16(machine32), 32
	if is64 {
		machine, bits = machine64, 64
	}
	return emutest.ELF(machine, bits, append(code, data.code...), int(output)-emutest.Base+len(samples)*trials*results*word)
}

// operands appends the operands of a trial: two words of memory, the flags, and ax,
// cx, dx and bx.
func (s sample) operands(data *writer, rnd *rand.Rand) {
	value := func() uint64 {
		if rnd.IntN(3) == 0 {
			return rnd.Uint64()
		}
		return values[rnd.IntN(len(values))]
	}
	data.number(value())
	data.number(value())
	data.number(uint64(rnd.IntN(1<<12))&all | 2)
	a, b := value(), value()
	if strings.Contains(s.code, "f7f") || strings.Contains(s.code, "f6f") {
		b = 3 + 2*uint64(rnd.IntN(60)) // the quotient fits
	}
	if strings.HasSuffix(s.code, "f6f3") || strings.HasSuffix(s.code, "f6fb") {
		a &= 0x7F
	}
	data.number(a)
	data.number(value())
	data.number(value())
	data.number(b)
}

// trial appends the instructions of a trial. They leave the address of the next
// operands in ax.
func (w *writer) trial(code string) {
	word := w.word()
	w.load(source, 6)
	for i := range 2 {
		w.indirect(0x8B, 0, 6, i*word)
		w.store(uint64(space+8*i), 0)
	}
	w.hex("ff76") // push the flags
	w.code = append(w.code, byte(2*word))
	w.hex("9d") // popf
	for i, r := range []byte{0, 1, 2, 3} {
		w.indirect(0x8B, r, 6, (3+i)*word)
	}
	w.set(6, space)
	w.set(7, space+8)
	w.store(stack, 4)
	w.hex(code)
	w.hex("9c") // pushf
	w.absolute(0x8F, 0, uint64(slots+4*word))
	w.load(stack, 4)
	for i, r := range []byte{0, 1, 2, 3} {
		w.store(uint64(slots+i*word), r)
	}
	for i := range 2 {
		w.load(uint64(space+8*i), 0)
		w.store(uint64(slots+(5+i)*word), 0)
	}
	w.load(target, 7)
	for i := range results {
		w.load(uint64(slots+i*word), 0)
		w.indirect(0x89, 0, 7, i*word)
	}
	w.advance(target, results*word)
	w.advance(source, operands*word)
}

// write appends instructions that write a range of memory to standard output, and
// exit.
func (w *writer) write(a, size uint64) {
	if w.is64 {
		w.set(0, 1)
		w.set(7, 1)
		w.set(6, a)
		w.set(2, size)
		w.hex("0f05")
		w.set(0, 60)
		w.set(7, 0)
		w.hex("0f05")
		return
	}
	w.set(0, 4)
	w.set(3, 1)
	w.set(1, a)
	w.set(2, size)
	w.hex("cd80")
	w.set(0, 1)
	w.set(3, 0)
	w.hex("cd80")
}

// register appends an instruction with two register operands.
func (w *writer) register(opcode, r, m byte) {
	if w.is64 {
		w.code = append(w.code, 0x48)
	}
	w.code = append(w.code, opcode, 0xC0|r<<3|m)
}

// indirect appends an instruction with a register, and memory at base+disp.
func (w *writer) indirect(opcode, r, base byte, disp int) {
	if w.is64 {
		w.code = append(w.code, 0x48)
	}
	w.code = append(w.code, opcode, 0x40|r<<3|base, byte(disp))
}

// absolute appends an instruction with a register, and memory at a.
func (w *writer) absolute(opcode, r byte, a uint64) {
	if w.is64 {
		w.code = append(w.code, 0x48, opcode, r<<3|4, 0x25)
	} else {
		w.code = append(w.code, opcode, r<<3|5)
	}
	w.code = binary.LittleEndian.AppendUint32(w.code, uint32(a))
}

func (w *writer) store(a uint64, r byte) { w.absolute(0x89, r, a) }
func (w *writer) load(a uint64, r byte)  { w.absolute(0x8B, r, a) }

// advance appends instructions that add n to the word at a and leave the sum in ax.
func (w *writer) advance(a uint64, n int) {
	w.load(a, 0)
	w.set(1, uint64(n))
	w.register(0x03, 0, 1)
	w.store(a, 0)
}

// TestProcessor compares every sample with the host's processor.
func TestProcessor(t *testing.T) {
	rnd, trials := rand.New(rand.NewPCG(1, 2)), microtest.Trials(1000)
	for _, test := range []struct {
		name    string
		machine uint16
		only    []sample
	}{
		{"amd64", machine64, only64},
		{"x86", machine32, only32},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !emutest.Native(t, test.machine) {
				t.Skip("the host runs no programs for this processor")
			}
			is64 := test.machine == machine64
			for samples := range slices.Chunk(slices.Concat(both, test.only, families(is64)), 40) {
				file := program(samples, is64, trials, rnd)
				compare(t, samples, is64, trials, file, "whole", nil)
				file = program(samples, is64, trials/20, rnd) // single steps are slow
				compare(t, samples, is64, trials/20, file, "steps", func(c *emu.Config) { c.Trace = func(emu.Event) {} })
			}
		})
	}
}

// TestRecorded compares with recorded results of a host processor, as a reference for
// other hosts.
func TestRecorded(t *testing.T) {
	for _, test := range []struct {
		is64 bool
		only []sample
		want string
	}{
		{true, slices.Concat(only64, narrow()), "bd29a5ac4914b233c8cb682a686fda6ba3e3a8aae5227312a0ea53e3198b051b"},
		{false, only32, "effdca0eb06f8725140bd66bc1240b20e60946f34ad312d7e76bc9f15cf1a9c6"},
	} {
		h := sha256.New()
		rnd := rand.New(rand.NewPCG(3, 4))
		for _, s := range append(append([]sample(nil), both...), test.only...) {
			run, err := emutest.Run(program([]sample{s}, test.is64, 60, rnd), nil, nil)
			if err != nil {
				t.Fatalf("%s: %v", s.code, err)
			}
			h.Write(defined(run.Stdout, s, test.is64))
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != test.want {
			t.Errorf("64=%v: digest %s, want %s", test.is64, got, test.want)
		}
	}
}

// defined returns the results of a sample's trials, without undefined flags.
func defined(records string, s sample, is64 bool) []byte {
	word := 4
	if is64 {
		word = 8
	}
	b := []byte(records)
	for at := 4 * word; at < len(b); at += results * word {
		f := b[at:]
		binary.LittleEndian.PutUint32(f, binary.LittleEndian.Uint32(f)&s.flags)
	}
	return b
}

// TestModifiedCode runs a loop that modifies the next instruction.
func TestModifiedCode(t *testing.T) {
	w := &writer{is64: true}
	w.hex("31db")       // xor ebx,ebx
	w.hex("b900000000") // mov ecx,0: its immediate is at Entry+3
	w.hex("01cb")       // add ebx,ecx
	w.hex("ffc0")       // inc eax
	w.hex("890425")     // mov [Entry+3],eax
	w.code = binary.LittleEndian.AppendUint32(w.code, emutest.Entry+3)
	w.hex("83f80a75eb")         // cmp eax,10; jne to mov ecx
	w.hex("89dfb83c0000000f05") // exit(ebx)
	run, err := emutest.Run(emutest.ELF(machine64, 64, w.code, 0), nil, nil)
	require.NoError(t, err)
	assert.Equal(t, 45, run.Status)
}

// TestFaults tests instructions that cannot be executed.
func TestFaults(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"678b04254c000000", "0x600100: 67 8b 04 25 4c 00 00 00: load from 0x4c is not allowed"},
		{"48c7c1ffffffff678901", "0x600107: 67 89 01: store to 0xffffffff is not allowed"},
		{"67676767676767676767676767676790", "0x600100: 67 67 67 67 67 67 67 67 67 67 67 67 67 67 67: unknown instruction"},
		{"0f0b", "0x600100: 0f 0b 00 00"},
		{"f3a4", "0x600100: f3 a4 00 00"},
		{"31c9f7f1", "0x600102: f7 f1: division by zero or overflow"},
		{"cc", "0x600100: cc: breakpoint"},
		{"488b042500000000", "0x600100: 48 8b 04 25 00 00 00 00: load from 0x0 is not allowed"},
		{"31e450", "0x600102: 50: store to 0xfffffffffffffff8 is not allowed"},
		{"31c0ffe0", "0x0: jump to an address without code"},
		{"31e4c3", "0x600102: c3: load from 0x0 is not allowed"},
	} {
		w := &writer{is64: true}
		w.hex(test.code)
		for _, trace := range []func(emu.Event){nil, func(emu.Event) {}} {
			_, err := emutest.Run(emutest.ELF(machine64, 64, w.code, 0), nil, func(c *emu.Config) { c.Trace = trace })
			assert.ErrorContains(t, err, "process 1, amd64: "+test.want, test.code)
		}
	}
	const want = "process 1, x86: 0x600100: 67 8b 06 00 00 00 00 00 00 00 00 00 00 00 00: unknown instruction" // 16-bit addresses
	_, err := emutest.Run(emutest.ELF(machine32, 32, []byte{0x67, 0x8B, 0x06}, 0), nil, nil)
	assert.EqualError(t, err, want)
}

// compare compares a program's output with the host processor's.
func compare(t *testing.T, samples []sample, is64 bool, trials int, file []byte, how string, change func(*emu.Config)) {
	t.Helper()
	want := emutest.Reference(t, "", file)
	run, err := emutest.Run(file, nil, change)
	require.NoError(t, err, how)
	size := results * map[bool]int{true: 8, false: 4}[is64]
	require.Len(t, want, len(samples)*trials*size)
	require.Equal(t, len(want), len(run.Stdout), how)
	for i, s := range samples {
		for trial := range trials {
			at := (i*trials + trial) * size
			got, exp := defined(run.Stdout[at:at+size], s, is64), defined(want[at:at+size], s, is64)
			if string(got) != string(exp) {
				t.Errorf("%s, 64=%v: %s, trial %d:\n got %x\nwant %x", how, is64, s.code, trial, got, exp)
				break
			}
		}
	}
}
