// Kaem-0 runs scripts, as the kaem-optional-seed of stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("kaem-0")) }
