// Blood-elf writes the ELF sections and symbols for the labels of M1 texts, as
// blood-elf of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/bloodelf"
)

func main() { os.Exit(tool.Main("blood-elf", bloodelf.Run)) }
