package readme

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/hex2"
	"stage0/source"
)

// The table of sigils in docs/first-program.md is what the assemblers do.
func TestSigils(t *testing.T) {
	text, err := os.ReadFile("../../docs/first-program.md")
	require.NoError(t, err)
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| hex") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	var want []string
	for _, a := range arch.Ladders() {
		for _, mode := range []hex2.Mode{hex2.SeedHex1, hex2.SeedHex2, hex2.Hex2} {
			row := fmt.Sprintf("| %v | %s |", mode, a.Name)
			for _, sigil := range "!@~%$&" {
				row += " " + sigilOf(t, mode, a.Name, sigil) + " |"
			}
			want = append(want, row)
		}
	}
	assert.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"))
}

// sigilOf says what a sigil makes of the label at the end of the program, 16 bytes away.
func sigilOf(t *testing.T, mode hex2.Mode, name string, sigil rune) string {
	opt := hex2.Options{Mode: mode, Arch: name, Base: 0x10}
	var known bool
	link := func(format string) []byte {
		known = true
		opt.Warn = func(*source.Error) { known = false }
		var out bytes.Buffer
		text := fmt.Sprintf(format, sigil)
		if err := hex2.Link(&out, []source.Source{source.String("a", text)}, opt); err != nil {
			known = false
		}
		return out.Bytes()
	}
	pad := strings.Repeat("00 ", 16)
	alone := len(link("%ca\n"+pad+":a\n")) - 16
	if alone > 0 && known {
		at := link("%ca\n" + pad + ":a\n")[0]
		shifted := link("00 00 00 00\n%ca\n" + pad + ":a\n")[4]
		if at == shifted {
			return fmt.Sprintf("distance, %d", alone)
		}
		return fmt.Sprintf("address, %d", alone)
	}
	if link("%ca\n13000000\n" + pad + ":a\n"); known {
		return "bits"
	}
	return ""
}
