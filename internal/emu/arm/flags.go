package arm

import "stage0/internal/emu/micro"

// condition returns the condition with a number. ok is false for AL and for NV, which
// are always true.
func condition(number uint8) (c micro.Cond, ok bool) {
	if int(number) >= len(micro.ArmConditions) {
		return 0, false
	}
	return micro.ArmConditions[number], true
}
