// Hex0 assembles hex digits, as the hex0-seed of stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/hex0"
)

func main() { os.Exit(tool.Main("hex0", hex0.Run)) }
