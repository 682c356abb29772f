// Hex1 assembles hex digits with labels of one character, as hex1 of
// stage0-posix does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/hex2"
)

func main() { os.Exit(tool.Main("hex1", hex2.RunHex1)) }
