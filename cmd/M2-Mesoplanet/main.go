// M2-Mesoplanet compiles C programs to ELF programs, as M2-Mesoplanet does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/mesoplanet"
)

func main() { os.Exit(tool.Main("M2-Mesoplanet", mesoplanet.Run)) }
