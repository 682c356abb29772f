// Kaem runs scripts, as mescc-tools' kaem does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/kaem"
)

func main() { os.Exit(tool.Main("kaem", kaem.RunKaem)) }
