package tool_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"stage0/tool"
	"stage0/tool/registry"
)

// What upstream's program answers, under qemu-user and setarch where the
// processor is another one; ppc64le, armv7l and sparc64 are from its source.
func TestGetMachine(t *testing.T) {
	program, _ := registry.Lookup("get_machine")
	for _, test := range []struct{ machine, plain, blood, endian, hex2 string }{
		{"x86_64", "amd64", "--64", "--little-endian", "0x600000"},
		{"i386", "x86", "", "--little-endian", "0x08048000"},
		{"i486", "x86", "", "--little-endian", "0x08048000"},
		{"i586", "x86", "", "--little-endian", "0x08048000"},
		{"i686", "x86", "", "--little-endian", "0x08048000"},
		{"i686-pae", "x86", "", "--little-endian", "0x08048000"},
		{"amd64", "amd64", "--64", "--little-endian", "0x600000"},
		{"aarch64", "aarch64", "--64", "--little-endian", "0x400000"},
		{"riscv32", "riscv32", "", "--big-endian", "0x0"},
		{"riscv64", "riscv64", "--64", "--little-endian", "0x600000"},
		{"armv7l", "armv7l", "", "--big-endian", "0x10000"},
		{"ppc64le", "ppc64le", "--64", "--little-endian", "0x10000"},
		{"sparc64", "sparc64", "", "--big-endian", "0x0"},
		{"", "", "", "--big-endian", "0x0"},
	} {
		for flags, want := range map[string]string{
			"":         test.plain,
			"--exact":  test.machine,
			"--blood":  test.blood,
			"--endian": test.endian,
			"--hex2":   test.hex2,
		} {
			var stdout, stderr strings.Builder
			env := &tool.Env{Machine: tool.Machine{Name: test.machine}, Stdout: &stdout, Stderr: &stderr}
			args := append([]string{"get_machine"}, strings.Fields(flags)...)
			exit := program.Run(context.Background(), env, args)
			if got := fmt.Sprint(exit, " ", stdout.String(), stderr.String()); got != "0 "+want+"\n" {
				t.Errorf("%s on %s: %q, want %q", args, test.machine, got, want)
			}
		}
	}
}
