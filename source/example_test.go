package source_test

import (
	"fmt"

	"stage0/source"
)

func ExampleSource_Errorf() {
	text := source.String("loop.hex0", "EB # jmp\nFG\n")
	fmt.Println(text.Errorf(10, "%v is not a hex digit", source.Char('G')))
	// Output: loop.hex0:2:2: 'G' is not a hex digit
}

func ExampleDiagnostics() {
	text := source.String("odd.hex0", "00 1")
	lax := source.Diagnostics{Warn: func(w *source.Error) { fmt.Println("warning:", w) }}
	fmt.Println(lax.Report(text, 3, "the last digit has no partner; dropped"))
	fmt.Println(source.Diagnostics{Strict: true}.Report(text, 3, "the last digit has no partner; dropped"))
	// Output:
	// warning: odd.hex0:1:4: the last digit has no partner; dropped
	// <nil>
	// odd.hex0:1:4: the last digit has no partner; dropped
}
