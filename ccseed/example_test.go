package ccseed_test

import (
	"fmt"
	"os"

	"stage0/ccseed"
	"stage0/source"
)

func ExampleCompile() {
	err := ccseed.Compile(os.Stdout, source.String("exit.c", "int main() { return 42; }\n"), ccseed.Options{Arch: "amd64"})
	fmt.Println(err)
	// Output:
	// # Core program
	// # Defining function main
	// :FUNCTION_main
	// mov_rax, %42
	// ret
	//
	// # Program global variables
	//
	// # Program strings
	//
	// :ELF_end
	// <nil>
}
