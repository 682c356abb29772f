package arm_test

// Words of the test programs, besides those under test.
const (
	svc      = 0xD4000001
	cmpX3X2  = 0xEB02007F
	addX21   = 0x91000442 // add x2, x2, 1
	countX22 = 0xF10006D6 // subs x22, x22, 1
)

// movz, movk and so on encode an instruction.
func movz(rd, v, shift uint32) uint32  { return 0xD2800000 | shift/16<<21 | v<<5 | rd }
func movk(rd, v, shift uint32) uint32  { return 0xF2800000 | shift/16<<21 | v<<5 | rd }
func move(rd, rm uint32) uint32        { return 0xAA0003E0 | rm<<16 | rd }
func loadNext(rt, rn uint32) uint32    { return 0xF8408400 | rn<<5 | rt } // ldr rt, [rn], 8
func storeNext(rt, rn uint32) uint32   { return 0xF8008400 | rn<<5 | rt } // str rt, [rn], 8
func addImm(rd, rn, v uint32) uint32   { return 0x91000000 | v<<10 | rn<<5 | rd }
func branchIf(cond, off uint32) uint32 { return 0x54000000 | off>>2&0x7FFFF<<5 | cond }
