package strtoint_test

import (
	"fmt"

	"stage0/strtoint"
)

func ExampleParse() {
	for _, text := range []string{"0x600000", "0-10", "0X10", "99999999999"} {
		value, problem := strtoint.Parse(text)
		fmt.Println(text, "is", value, problem == strtoint.None)
	}
	// Output:
	// 0x600000 is 6291456 true
	// 0-10 is -8 true
	// 0X10 is 0 false
	// 99999999999 is 1215752191 false
}
