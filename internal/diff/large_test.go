package diff_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/internal/diff"
)

// large returns a ledger of so many steps, each of which reads two files of the
// tree and makes one; the first step makes that many more.
func large(steps int, what string) *bootstrap.Ledger {
	return ladder(func(l *bootstrap.Ledger) {
		l.Steps, l.Sources = l.Steps[:1], nil
		l.Steps[0].Dir = "."
		for i := range steps {
			path := fmt.Sprintf("x86/%d", i)
			source := as(path+".c", what)
			l.Sources = append(l.Sources, source)
			l.Steps[0].Outputs = append(l.Steps[0].Outputs, as(path+".h", "made at once"))
			l.Steps = append(l.Steps, &bootstrap.Step{Dir: ".", Args: []string{"make", path}, Engine: "go", Program: "make",
				Inputs: []bootstrap.File{source, as(path+".h", "made at once")}, Outputs: []bootstrap.File{as(path, "program")}})
		}
	})
}

// Ledgers of many steps are compared in a time that grows as they do; when it grew
// as their square, each of these took 20 seconds.
func TestLargeLedgers(t *testing.T) {
	const steps = 10_000
	for _, test := range []struct {
		name  string
		other string // what the sources of B hold
		want  int    // how many of them changed
	}{
		{"the same", "source", 0},
		{"other sources", "another source", steps},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := large(steps, "source"), large(steps, test.other)
			start := time.Now()
			d := diff.CompareLedgers(a, b)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it takes %v", took)
			}
			assert.True(t, d.Same())
			assert.Equal(t, 2*steps, d.Artefacts)
			assert.Len(t, d.Sources, test.want)
		})
	}
}

func BenchmarkLedgers(b *testing.B) {
	for _, steps := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(steps), func(b *testing.B) {
			one, other := large(steps, "source"), large(steps, "another source")
			for b.Loop() {
				diff.CompareLedgers(one, other)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*steps), "ns/step")
		})
	}
}

// crowded returns a program for x86 of three instructions, of which the second is
// code, with so many labels before it.
func crowded(labels int, prefix string, code byte) []byte {
	const base, headers = 0x08048000, 84
	text := []byte{0x90, code, 0x90}
	texts, symbols := []byte{0}, make([]byte, 16)
	for i := range labels {
		symbols = binary.LittleEndian.AppendUint32(symbols, uint32(len(texts)))
		symbols = binary.LittleEndian.AppendUint32(symbols, base+headers+1)
		symbols = append(symbols, make([]byte, 8)...)
		texts = fmt.Appendf(texts, "%s%d\x00", prefix, i)
	}
	at := uint32(headers + len(text))
	sections := at + uint32(len(symbols)+len(texts))
	var b bytes.Buffer
	for _, v := range []any{
		elf.Header32{Ident: [16]byte{0x7F, 'E', 'L', 'F', 1, 1, 1}, Type: 2, Machine: 3, Version: 1, Entry: base + headers, Phoff: 52,
			Shoff: sections, Ehsize: 52, Phentsize: 32, Phnum: 1, Shentsize: 40, Shnum: 3},
		elf.Prog32{Type: 1, Vaddr: base, Paddr: base, Filesz: sections, Memsz: sections, Flags: 5, Align: 1},
		text, symbols, texts,
		elf.Section32{},
		elf.Section32{Type: uint32(elf.SHT_SYMTAB), Off: at, Size: uint32(len(symbols)), Link: 2, Entsize: 16},
		elf.Section32{Type: uint32(elf.SHT_STRTAB), Off: at + uint32(len(symbols)), Size: uint32(len(texts))},
	} {
		binary.Write(&b, binary.LittleEndian, v)
	}
	return b.Bytes()
}

// Labels in one place are compared in memory that grows as their number does; when
// it grew as the square, 20,000 took 3.2 GB.
func TestManyLabelsInOnePlace(t *testing.T) {
	a := diff.Side{Name: "a", Data: crowded(20_000, "a", 0x90)}
	b := diff.Side{Name: "b", Data: crowded(20_000, "b", 0xCC)}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d := diff.CompareBinaries(a, b, nil)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20), "bytes")
	var out strings.Builder
	require.NoError(t, d.Print(&out))
	assert.Contains(t, out.String(), "- a8:\n- a9:\n+ b0:\n")
}
