package kaem_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"stage0/kaem"
	"stage0/source"
)

func ExampleRun() {
	script := source.String("build.kaem", "tool=hex0\n${tool} hello.hex0 hello # assembles\n")
	status, err := kaem.Run(context.Background(), script, kaem.Options{
		Args:   []string{"kaem"},
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Exists: func(dir, name string) bool { return true },
		Exec: func(ctx context.Context, cmd kaem.Command) (int, error) {
			fmt.Println(strings.Join(cmd.Args, " "))
			return 0, nil
		},
	})
	fmt.Println(status, err)
	// Output:
	// hex0 hello.hex0 hello
	// 0 <nil>
}
