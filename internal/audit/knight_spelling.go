package audit

import (
	"fmt"
	"maps"
	"sync"

	"stage0/internal/emu/knight"
)

// knight32 is a Knight with 32 bits, in native and in POSIX mode.
var knight32 = machine{align: 1, digits: sync.OnceValue(knightDigits)}

// knightDigits has the digits of registers, instructions and HALCODEs.
func knightDigits() map[string]string {
	digits := maps.Collect(knight.Digits())
	for i := range 16 {
		digits[fmt.Sprintf("R%d", i)] = fmt.Sprintf("%X", i)
	}
	for name, number := range halcodes {
		digits[name] = fmt.Sprintf("42%06X", number)
	}
	return digits
}

// halcodes has the HALCODEs of POSIX mode, which are the numbers of Linux's
// system calls on amd64, and those of native mode (vm_decode.c of stage0).
var halcodes = map[string]uint32{
	"SYS_READ": 0, "SYS_WRITE": 1, "SYS_OPEN": 2, "SYS_CLOSE": 3, "SYS_LSEEK": 8, "SYS_ACCESS": 21,
	"SYS_FORK": 57, "SYS_EXECVE": 59, "SYS_EXIT": 60, "SYS_WAIT4": 61, "SYS_UNAME": 63, "SYS_GETCWD": 79,
	"SYS_CHDIR": 80, "SYS_FCHDIR": 81, "SYS_MKDIR": 83, "SYS_UNLINK": 87, "SYS_CHMOD": 90, "SYS_FCHMOD": 91,
	"SYS_UMASK": 95, "SYS_MKNOD": 133,

	"FOPEN_READ": 0x100000, "FOPEN_WRITE": 0x100001, "FCLOSE": 0x100002, "REWIND": 0x100003, "FSEEK": 0x100004,
	"FGETC": 0x100100, "FPUTC": 0x100200, "HAL_MEM": 0x110000,
}
