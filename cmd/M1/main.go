// M1 assembles macros, labels and numbers to hex2, as M1 of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/m1"
)

func main() { os.Exit(tool.Main("M1", m1.RunM1)) }
