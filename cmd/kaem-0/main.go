// Kaem-0 runs scripts, as the kaem-optional-seed of stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/kaem"
)

func main() { os.Exit(tool.Main("kaem-0", kaem.RunKaem0)) }
