// Hex2 assembles and links hex digits with labels, as mescc-tools' hex2 does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("hex2")) }
