// Get_machine prints which machine this is, as get_machine of mescc-tools does.
package main

import (
	"os"

	"stage0/tool"
	"stage0/tool/getmachine"
)

func main() { os.Exit(tool.Main("get_machine", getmachine.Run)) }
