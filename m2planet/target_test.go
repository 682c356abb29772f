package m2planet

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/arch"
)

// What an architecture does without, and so has no text for.
var unsupported = map[string][]string{
	"knight-native": {"Registers[4]", "FirstArgument", "Load64", "Store64"},
	"knight-posix":  {"Registers[4]", "FirstArgument", "Load64", "Store64", "EndOfCore", "EndOfFileElf"},
	"x86":           {"Registers[4]", "Load64", "Store64", "EndOfCore", "EndOfFileElf"},
	"amd64":         {"Registers[4]", "EndOfCore", "EndOfFileElf"},
	"armv7l":        {"Load64", "Store64", "EndOfCore", "EndOfFileElf"},
	"aarch64":       {"EndOfCore", "EndOfFileElf"},
	"riscv32":       {"Load64", "Store64", "EndOfCore", "EndOfFileElf"},
	"riscv64":       {"EndOfCore", "EndOfFileElf"},
}

var placeholder = regexp.MustCompile(`\((reg|other|bare|label|name|value|note)\)`)

// Every field of every target is filled in, but those above, and its templates
// are lines.
func TestTargets(t *testing.T) {
	for _, target := range targets {
		var empty []string
		v := reflect.ValueOf(*target)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			switch field := v.Field(i).Interface().(type) {
			case bool, linkStyle: // each value means something
			case [registers]string:
				for r, text := range field {
					if text == "" {
						empty = append(empty, name+"["+string(rune('0'+r))+"]")
					}
				}
			case op:
				checkTemplate(t, target, name, field.Signed)
				checkTemplate(t, target, name, field.Unsigned)
				if field.Signed == "" || field.Unsigned == "" {
					empty = append(empty, name)
				}
			case string:
				if name != "Name" {
					checkTemplate(t, target, name, field)
				}
				if field == "" {
					empty = append(empty, name)
				}
			default:
				if v.Field(i).IsZero() {
					empty = append(empty, name)
				}
			}
		}
		want := slices.Clone(unsupported[target.Name])
		slices.Sort(want)
		slices.Sort(empty)
		if !slices.Equal(empty, want) {
			t.Errorf("%s: the empty fields are %v, want %v", target.Name, empty, want)
		}
		a, ok := arch.Lookup(target.Name)
		assert.True(t, ok, target.Name)
		assert.Equal(t, target.WordSize, int64(a.WordSize), target.Name)
	}
}

func checkTemplate(t *testing.T, target *target, name, template string) {
	if template != "" && !strings.HasSuffix(template, "\n") && !strings.HasSuffix(template, "(note)") {
		t.Errorf("%s: %s does not end its line: %q", target.Name, name, template)
	}
	if rest := placeholder.ReplaceAllString(template, ""); strings.ContainsAny(rest, "()") {
		t.Errorf("%s: %s has an unknown placeholder: %q", target.Name, name, template)
	}
}

// The constants at which a target chooses another form, and their neighbours.
func TestImmediates(t *testing.T) {
	short := lookup(t, ByGCC, "amd64")
	for _, test := range []struct {
		target *target
		value  int64
		want   string
	}{
		{&knightPosix, 32766, "LOADI R0 32766\n"},
		{&knightPosix, 32767, "LOADR R0 4\nJUMP 4\n%32767\n"},
		{&knightPosix, -32767, "LOADI R0 -32767\n"},
		{&knightPosix, -32768, "LOADR R0 4\nJUMP 4\n%-32768\n"},
		{&x86, 0, "xor_eax,eax\n"},
		{&x86, 1, "mov_eax, %1\n"},
		{&amd64, 0, "xor_eax,eax\n"},
		{&armv7l, 127, "!127 R0 LOADI8_ALWAYS\n"},
		{&armv7l, 128, "!0 R0 LOAD32 R15 MEMORY\n~0 JUMP_ALWAYS\n%128\n"},
		{&armv7l, -1, "!0 R0 LOAD32 R15 MEMORY\n~0 JUMP_ALWAYS\n%-1\n"},
		{&aarch64, 0, "SET_X0_TO_0\n"},
		{&aarch64, 1, "SET_X0_TO_1\n"},
		{&aarch64, 2, "LOAD_W0_AHEAD\nSKIP_32_DATA\n%2\n"},
		{&riscv32, 2047, "rd_a0 !2047 addi\n"},
		{&riscv32, 2048, "rd_a0 ~2048 lui\nrd_a0 rs1_a0 !2048 addi\n"},
		{&riscv64, -2048, "rd_a0 !-2048 addi\n"},
		{&riscv64, -2049, "rd_a0 ~-1 lui\nrd_a0 rs1_a0 !-1 addi\nrd_a0 rs1_a0 rs2_x30 slli\nrd_t1 ~1073739775 lui\nrd_t1 rs1_t1 !1073739775 addi\nrd_a0 rs1_a0 rs2_t1 or\n"},
		{&riscv64, 1<<30 - 1, "rd_a0 ~1073741823 lui\nrd_a0 rs1_a0 !1073741823 addi\n"},
		{&riscv64, 1 << 30, "rd_a0 ~1 lui\nrd_a0 rs1_a0 !1 addi\nrd_a0 rs1_a0 rs2_x30 slli\nrd_t1 ~0 lui\nrd_t1 rs1_t1 !0 addi\nrd_a0 rs1_a0 rs2_t1 or\n"},
	} {
		e := &emitter{target: test.target, build: short}
		e.loadImmediate(regZero, test.value, "")
		if got := string(e.body); got != test.want {
			t.Errorf("%s: %d: got %q, want %q", test.target.Name, test.value, got, test.want)
		}
	}
}
