package arch_test

import (
	"fmt"

	"stage0/arch"
)

func ExampleLookup() {
	a, ok := arch.Lookup("riscv64")
	fmt.Println(a.Name, a.Dir, a.WordSize, a.Machine, ok)
	// Output: riscv64 riscv64 8 243 true
}

func ExampleLadders() {
	for _, a := range arch.Ladders() {
		fmt.Println(a.Name)
	}
	// Output:
	// x86
	// amd64
	// aarch64
	// riscv32
	// riscv64
}
