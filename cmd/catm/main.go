// Catm writes files one after the other, as catm of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/extra"
)

func main() { os.Exit(tool.Main("catm", extra.RunCatm)) }
