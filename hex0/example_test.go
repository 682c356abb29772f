package hex0_test

import (
	"bytes"
	"fmt"

	"stage0/hex0"
	"stage0/source"
)

func ExampleAssemble() {
	var out bytes.Buffer
	err := hex0.Assemble(&out, source.String("exit.hex0", "48C7C0 3C000000 # mov rax, 60"), hex0.ForArch("amd64"))
	fmt.Printf("% X %v\n", out.Bytes(), err)
	// Output: 48 C7 C0 3C 00 00 00 <nil>
}
