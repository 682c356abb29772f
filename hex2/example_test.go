package hex2_test

import (
	"bytes"
	"fmt"

	"stage0/hex2"
	"stage0/source"
)

func ExampleLink() {
	var out bytes.Buffer
	err := hex2.Link(&out, []source.Source{
		source.String("one.hex2", ":start E8 %end # call end\n"),
		source.String("two.hex2", "C3 :end &start\n"),
	}, hex2.Options{Arch: "amd64", Base: 0x600000})
	fmt.Printf("% X %v\n", out.Bytes(), err)
	// Output: E8 01 00 00 00 C3 00 00 60 00 <nil>
}
