package arm

import "stage0/internal/emu/micro"

// condition returns the condition of a number. There is none for AL, and for NV,
// which is the same: they always hold.
func condition(number uint8) (c micro.Cond, ok bool) {
	if int(number) >= len(micro.ArmConditions) {
		return 0, false
	}
	return micro.ArmConditions[number], true
}
