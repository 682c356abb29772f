package mesoplanet_test

import (
	"fmt"
	"os"

	"stage0/mesoplanet"
	"stage0/source"
)

func ExamplePreprocess() {
	program, err := mesoplanet.Preprocess([]source.Source{
		source.String("exit.c", "#define STATUS 42\nint main() { return STATUS; }\n"),
	}, mesoplanet.Options{Target: mesoplanet.Target{Arch: "amd64"}})
	if err == nil {
		err = program.Write(os.Stdout)
	}
	fmt.Println(err)
	// Output:
	// // #FILENAME exit.c 1
	//
	// int main() { return 42; }
	// <nil>
}
