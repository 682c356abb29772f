// M0 assembles macros, strings and numbers to hex2, as M0 of stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/m1"
)

func main() { os.Exit(tool.Main("M0", m1.RunM0)) }
