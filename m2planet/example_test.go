package m2planet_test

import (
	"fmt"
	"strings"

	"stage0/m2planet"
	"stage0/source"
)

func ExampleCompile() {
	var out strings.Builder
	err := m2planet.Compile(&out, []source.Source{
		source.String("exit.c", "int main() { return 42; }\n"),
	}, m2planet.Options{Arch: "riscv64"})
	program, _, _ := strings.Cut(out.String(), "\n\n")
	fmt.Println(program)
	fmt.Println(err)
	// Output:
	// # Core program
	// # Defining function main
	// :FUNCTION_main
	// rd_a0 !42 addi # primary expr number
	// ret
	// <nil>
}
