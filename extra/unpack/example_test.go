package unpack_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log"
	"os"

	"stage0/extra/unpack"
	"stage0/source"
)

func ExampleOpenGzip() {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Name = "hello"
	fmt.Fprintln(w, "Hello, world!")
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	z, err := unpack.OpenGzip(source.Bytes("hello.gz", packed.Bytes()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(z.Name)
	rest, err := z.Unpack(os.Stdout, unpack.DefaultLimit)
	fmt.Println(rest, err)
	// Output:
	// hello
	// Hello, world!
	// 0 <nil>
}
