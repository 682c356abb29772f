//go:build !linux || !amd64

package recheck

import (
	"errors"
	"io"
)

// Check returns a *MachineError.
func Check([]byte, io.Reader) (*Result, error) {
	return nil, &MachineError{errors.New("a proof can be checked on Linux on amd64 only")}
}
