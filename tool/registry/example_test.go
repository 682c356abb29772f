package registry_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"stage0/tool"
	"stage0/tool/registry"
)

// Run a program as its command does, with the host's files.
func ExampleLookup() {
	dir, err := os.MkdirTemp("", "stage0-*")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "in.hex0"), []byte("48 69 0A # Hi"), 0o666); err != nil {
		log.Fatal(err)
	}
	env, flush, err := tool.HostEnv()
	if err != nil {
		log.Fatal(err)
	}
	env.Dir = dir
	hex0, ok := registry.Lookup("hex0")
	fmt.Println(ok, hex0.Run(context.Background(), env, []string{"hex0", "in.hex0", "out"}))
	if err := flush(); err != nil {
		log.Fatal(err)
	}
	out, err := os.ReadFile(filepath.Join(dir, "out"))
	fmt.Printf("%q %v\n", out, err)
	// Output:
	// true 0
	// "Hi\n" <nil>
}
