// M2-Planet compiles a subset of C to M1 text, as M2-Planet does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/m2planet"
)

func main() { os.Exit(tool.Main("M2-Planet", m2planet.Run)) }
