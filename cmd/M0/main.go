// M0 assembles macros, strings and numbers to hex2, as M0 of stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("M0")) }
