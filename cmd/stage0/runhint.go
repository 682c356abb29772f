package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/internal/emu"
	"stage0/internal/emu/trace"
)

// A hint collects possible reasons why a program failed.
type hint struct {
	stderr io.Writer
	file   func(name string) ([]byte, error)
	path   string // of the first program's file
	wrote  bool   // a program has written to standard output or standard error
	first  string // the first system call that failed
	last   string // the last one, if different
	failed string // the name of the last one
}

// newHint returns a hint that observes the run of cfg.
func newHint(cfg *emu.Config) *hint {
	h := &hint{stderr: cfg.Stderr, file: cfg.FS.ReadFile}
	call, exec := cfg.Call, cfg.Exec
	cfg.Call = func(e emu.Event) {
		h.call(e)
		if call != nil {
			call(e)
		}
	}
	cfg.Exec = func(x emu.Exec) (emu.FS, error) {
		if x.Program == 1 {
			h.path = x.Path
		}
		if exec != nil {
			return exec(x)
		}
		return cfg.FS, nil
	}
	return h
}

// call is called from emu.Config.Call. Repeated failures of the same call count as
// one.
func (h *hint) call(e emu.Event) {
	if e.Kind != emu.CallEnd {
		return
	}
	h.wrote = h.wrote || e.Call == "write" && (e.Args[0] == 1 || e.Args[0] == 2)
	if emu.ErrorName(e.Result) == "" || e.Call == h.failed {
		return
	}
	h.failed = e.Call
	if h.last = trace.CallText(e); h.first == "" {
		h.first, h.last = h.last, ""
	}
}

// seedArguments are the arguments of the hand-written programs, by their names in
// tool/registry. Other programs print their own usage.
var seedArguments = map[string]string{
	"hex0":   "INPUT OUTPUT",
	"hex1":   "INPUT OUTPUT",
	"hex2-0": "INPUT OUTPUT",
	"catm-0": "OUTPUT INPUT...",
	"M0":     "INPUT OUTPUT",
	"cc-0":   "INPUT OUTPUT",
	"kaem-0": "[SCRIPT] (default: kaem.ARCHITECTURE)",
}

// explain adds possible reasons to the error of a run. If there is no error, but the
// status is not 0 and nothing was printed, it prints them.
func (h *hint) explain(args []string, status int, err error) error {
	if h.path == "" || err == nil && (status == 0 || h.wrote) {
		return err
	}
	var text strings.Builder
	if h.first != "" {
		fmt.Fprintf(&text, "\nfirst failed system call: %s", h.first)
		if h.last != "" {
			fmt.Fprintf(&text, "\nlast failed system call: %s", h.last)
		}
	}
	if len(args) == 1 {
		if usage := h.usage(args[0]); usage != "" {
			fmt.Fprintf(&text, "\nthe program was run without arguments; usage: %s", usage)
		} else if h.first != "" {
			fmt.Fprint(&text, "\nthe program was run without arguments; it may need some")
		}
	}
	switch {
	case text.Len() == 0:
		return err
	case err != nil:
		return fmt.Errorf("%w%s", err, text.String())
	}
	fmt.Fprintf(clean.Writer{W: h.stderr}, "stage0 run: exit status %d and no output%s\n", status, text.String())
	return nil
}

// usage returns the usage of a program, if it is known by its bytes and does not print
// its usage itself.
func (h *hint) usage(name string) string {
	known, err := bootstrap.LoadPrograms()
	if err != nil {
		return ""
	}
	file, err := h.file(h.path)
	if err != nil {
		return ""
	}
	arguments := seedArguments[known[bootstrap.Digest(sha256.Sum256(file))].Name]
	if arguments == "" {
		return ""
	}
	return name + " " + arguments
}
