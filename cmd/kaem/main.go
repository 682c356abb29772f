// Kaem runs scripts, as mescc-tools' kaem does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("kaem")) }
