// Hex2 assembles and links hex digits with labels, as mescc-tools' hex2 does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/hex2"
)

func main() { os.Exit(tool.Main("hex2", hex2.RunHex2)) }
