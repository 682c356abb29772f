package translate

import "stage0/internal/emu/micro"

// LostIn returns the register that lost flags were copied to, or micro.None.
func (g *Guest) LostIn() micro.Reg { return g.lostIn }
