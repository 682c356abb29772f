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

// limitFlags maps the fields of emu.Limits to flags.
var limitFlags = map[string]string{
	"Steps":     "max-steps",
	"Memory":    "max-memory",
	"Stack":     "max-stack",
	"Output":    "max-output",
	"Processes": "max-processes",
	"Files":     "max-files",
}

func addLimits(flags *pflag.FlagSet, l *emu.Limits) {
	flags.Uint64Var(&l.Steps, limitFlags["Steps"], l.Steps, "end the run after this many instructions")
	flags.Var((*size)(&l.Memory), limitFlags["Memory"], "limit the memory of all running programs together")
	flags.Var((*size)(&l.Stack), limitFlags["Stack"], "limit the size of a program's stack")
	flags.Var((*size)(&l.Output), limitFlags["Output"], "limit what the programs write, to files and streams")
	flags.IntVar(&l.Processes, limitFlags["Processes"], l.Processes, "limit the number of processes at a time")
	flags.IntVar(&l.Files, limitFlags["Files"], l.Files, "limit the number of files that a process has open")
}

// maxStack is the maximum size of a stack, in bytes. It fits in the address space of
// 32-bit processors.
const maxStack = 1 << 30

// checkLimits checks that a program can start with the limits.
func checkLimits(l *emu.Limits) error {
	switch {
	case l.Steps == 0:
		return errors.New("--max-steps is 0, expected at least 1")
	case l.Processes < 1:
		return fmt.Errorf("--max-processes is %d, expected at least 1", l.Processes)
	case l.Files < 0:
		return fmt.Errorf("--max-files is %d, expected at least 0", l.Files)
	case l.Stack < cpu.PageSize || l.Stack > maxStack || l.Stack%cpu.PageSize != 0:
		return fmt.Errorf("--max-stack is %v, expected a multiple of 4K, up to 1G", (*size)(&l.Stack))
	}
	return nil
}

// limitFlag adds to err the flag that raises the limit, if err is about a limit that
// has a flag.
func limitFlag(err error) error {
	var limit *emu.LimitError
	if errors.As(err, &limit) && limitFlags[limit.Limit] != "" {
		return fmt.Errorf("%w (--%s)", err, limitFlags[limit.Limit])
	}
	return err
}

// A size is a number of bytes as the value of a flag, with K, M or G for powers of
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

// Set implements pflag.Value.
func (s *size) Set(text string) error {
	digits := strings.TrimRight(text, sizeUnits)
	shift := 0
	if len(digits) < len(text) {
		shift = 10 * (1 + strings.Index(sizeUnits, text[len(digits):]))
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || shift == 0 && len(digits) < len(text) || n > math.MaxInt64>>shift {
		return errors.New("expected a number of bytes, optionally with K, M or G")
	}
	*s = size(n << shift)
	return nil
}
