package ccseed

import (
	"fmt"
	"strings"
)

// A dialect is the language that the compilers of some releases read, and the
// code that they write. Its name is the number of the first of these releases.
type dialect struct {
	name         string
	releases     []string // of stage0-posix
	lineComments bool     // // starts a comment; otherwise only the two slashes are dropped
	enums        bool     // enum defines constants; otherwise CONSTANT NAME VALUE does
	unions       bool     // a structure may have unions
	targets      []*target
}

// dialects lists the dialects. The last is the default.
var dialects = []*dialect{
	{
		name:     "1.5",
		releases: []string{"1.5.0"},
		unions:   true,
		targets:  []*target{&x86v15, &amd64v15, &aarch64v16, &riscv32v15, &riscv64v15},
	},
	{
		name:     "1.6",
		releases: []string{"1.6.0", "1.7.0", "1.8.0", "1.8.1"},
		unions:   true,
		targets:  []*target{&x86v16, &amd64v16, &aarch64v16, &riscv32v16, &riscv64v16},
	},
	{
		name:         "1.9",
		releases:     []string{"1.9.0", "1.9.1"},
		lineComments: true,
		enums:        true,
		targets:      []*target{&x86, &amd64, &aarch64, &riscv32, &riscv64},
	},
}

// findDialect returns the dialect called name; an empty name is the newest's.
func findDialect(name string) (*dialect, error) {
	var known []string
	for _, d := range dialects {
		if d.name == name {
			return d, nil
		}
		known = append(known, d.name)
	}
	if name == "" {
		return dialects[len(dialects)-1], nil
	}
	return nil, fmt.Errorf("unknown dialect %q; known are %s", name, strings.Join(known, ", "))
}

// lookup returns the target for the architecture called name, or nil.
func (d *dialect) lookup(name string) *target {
	for _, t := range d.targets {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Differences between the targets of dialects 1.6 and 1.9: in 1.6 the operator
// ! flips the lowest bit of its operand.
var (
	x86v16 = changed(x86, func(t *target) {
		t.Not = "xor_eax,ebx\n"
		// The macro for cmp_ebx,eax has a shorter name there.
		t.Less = "cmp\nsetl_al\nmovzx_eax,al\n"
		t.LessEqual = "cmp\nsetle_al\nmovzx_eax,al\n"
		t.GreaterEqual = "cmp\nsetge_al\nmovzx_eax,al\n"
		t.Greater = "cmp\nsetg_al\nmovzx_eax,al\n"
		t.Equal = "cmp\nsete_al\nmovzx_eax,al\n"
		t.NotEqual = "cmp\nsetne_al\nmovzx_eax,al\n"
	})
	amd64v16 = changed(amd64, func(t *target) {
		t.Not = "xor_rax,rbx\n"
	})
	aarch64v16 = changed(aarch64, func(t *target) {
		t.Not = "XOR_X0_X1_X0\n"
	})
	riscv32v16 = changed(riscv32, func(t *target) {
		t.NotFirst = "rd_a0 !1 addi\n"
		t.Not = "rd_a0 rs1_a1 rs2_a0 xor\n"
	})
	riscv64v16 = changed(riscv64, func(t *target) {
		t.NotFirst = "rd_a0 !1 addi\n"
		t.Not = "rd_a0 rs1_a1 rs2_a0 xor\n"
	})
)

// changed returns t with change applied.
func changed(t target, change func(*target)) target {
	change(&t)
	return t
}
