// Catm writes files one after the other, as catm of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("catm")) }
