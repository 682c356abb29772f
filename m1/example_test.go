package m1_test

import (
	"fmt"
	"os"

	"stage0/m1"
	"stage0/source"
)

func ExampleAssemble() {
	err := m1.Assemble(os.Stdout, []source.Source{
		source.String("amd64_defs.M1", "DEFINE mov_rax, 48C7C0\nDEFINE ret C3\n"),
		source.String("main.M1", ":FUNCTION_main\n\tmov_rax, %42\n\tret\n"),
	}, m1.Options{Arch: "amd64"})
	fmt.Println(err)
	// Output:
	// :FUNCTION_main
	// 48C7C0 2A000000
	// C3
	// <nil>
}
