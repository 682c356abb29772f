package bootstrap_test

import (
	"context"
	"fmt"
	"log"

	"stage0/bootstrap"
	"stage0/bootstrap/sample"
)

// Replay the sample's ladder of x86, and compare it with what is known of it.
func Example() {
	tree := bootstrap.NewTree(sample.Tree())
	ladders, err := bootstrap.Find(tree, []string{"x86"})
	if err != nil {
		log.Fatal(err)
	}
	known, err := bootstrap.LoadReference("the sample", sample.Known(), ".")
	if err != nil {
		log.Fatal(err)
	}
	run := bootstrap.Replay(context.Background(), tree, ladders, bootstrap.Options{ByPath: sample.Programs()})
	bootstrap.Compare([]*bootstrap.Run{run}, []*bootstrap.Reference{known}, false)
	for _, ladder := range run.Ledgers {
		for _, a := range ladder.Artefacts[:3] {
			fmt.Println(a.Path, a.Size, a.Verdict())
		}
	}
	// Output:
	// x86/out/hello-M0 174 matches
	// x86/out/hello-M0-elf.hex2 2811 matches
	// x86/out/hello-M0.M1 2280 matches
}
