package main

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"stage0/internal/emu"
	"stage0/internal/emu/cpu"
)

// limitFlags are the flags of limits, by the names of the fields of emu.Limits.
var limitFlags = map[string]string{
	"Steps":     "max-steps",
	"Memory":    "max-memory",
	"Stack":     "max-stack",
	"Output":    "max-output",
	"Processes": "max-processes",
	"Files":     "max-files",
}

func addLimits(flags *pflag.FlagSet, l *emu.Limits) {
	flags.Uint64Var(&l.Steps, limitFlags["Steps"], l.Steps, "end the run after so many instructions")
	flags.Var((*size)(&l.Memory), limitFlags["Memory"], "how much memory the programs that run at a time may take")
	flags.Var((*size)(&l.Stack), limitFlags["Stack"], "how large a program's stack may get")
	flags.Var((*size)(&l.Output), limitFlags["Output"], "how much the programs may write, to files and streams")
	flags.IntVar(&l.Processes, limitFlags["Processes"], l.Processes, "how many processes there may be at a time")
	flags.IntVar(&l.Files, limitFlags["Files"], l.Files, "how many files a process may have open")
}

// maxStack is how large a stack may be, in bytes: the processors of 32 bits have
// room for it.
const maxStack = 1 << 30

// checkLimits looks whether a program could begin.
func checkLimits(l *emu.Limits) error {
	switch {
	case l.Steps == 0:
		return errors.New("--max-steps is 0, want at least 1")
	case l.Processes < 1:
		return fmt.Errorf("--max-processes is %d, want at least 1", l.Processes)
	case l.Files < 0:
		return fmt.Errorf("--max-files is %d, want at least 0", l.Files)
	case l.Stack < cpu.PageSize || l.Stack > maxStack || l.Stack%cpu.PageSize != 0:
		return fmt.Errorf("--max-stack is %v, want a multiple of 4K, up to 1G", (*size)(&l.Stack))
	}
	return nil
}

// limitFlag names the flag that raises the limit that err is of, if it is one
// and there is a flag.
func limitFlag(err error) error {
	var limit *emu.LimitError
	if errors.As(err, &limit) && limitFlags[limit.Limit] != "" {
		return fmt.Errorf("%w (--%s)", err, limitFlags[limit.Limit])
	}
	return err
}

// A size is a number of bytes, as a flag has it: with K, M or G for the powers of
// 1024.
type size uint64

const sizeUnits = "KMG"

func (s *size) Type() string { return "size" }

func (s *size) String() string {
	n, unit := uint64(*s), ""
	for i := range sizeUnits {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, unit = n/1024, sizeUnits[i:i+1]
	}
	return fmt.Sprint(n, unit)
}

// Set parses text.
func (s *size) Set(text string) error {
	digits := strings.TrimRight(text, sizeUnits)
	shift := 0
	if len(digits) < len(text) {
		shift = 10 * (1 + strings.Index(sizeUnits, text[len(digits):]))
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || shift == 0 && len(digits) < len(text) || n > math.MaxInt64>>shift {
		return errors.New("want a number of bytes, or one with K, M or G")
	}
	*s = size(n << shift)
	return nil
}
