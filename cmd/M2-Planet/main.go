// M2-Planet compiles a subset of C to M1 text, as M2-Planet does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("M2-Planet")) }
