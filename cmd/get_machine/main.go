// Get_machine prints which machine this is, as get_machine of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
)

func main() { os.Exit(tool.Main("get_machine")) }
