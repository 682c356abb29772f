package extra_test

import (
	"fmt"
	"os"

	"stage0/extra"
	"stage0/source"
)

func ExampleSHA256() {
	fmt.Println(extra.SHA256(nil))
	// Output: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
}

func ExampleReplace() {
	err := extra.Replace(os.Stdout, source.String("config.h", "#define PREFIX \"@prefix@\"\n"), "@prefix@", "/usr")
	fmt.Println(err)
	// Output:
	// #define PREFIX "/usr"
	// <nil>
}
