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

// A hint collects what may explain why a program did not do what was wanted of
// it.
type hint struct {
	stderr io.Writer
	file   func(name string) ([]byte, error)
	path   string // of the first program's file
	wrote  bool   // a program has written something to a stream
	first  string // the first system call that failed
	last   string // the last one, if it is another one
	failed string // the name of the last one
}

// newHint makes a hint of a run.
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

// call is emu.Config.Call. One call after the other that fails alike is taken
// for one.
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

// seedArguments are those of the programs that are written by hand, by their
// names in package tool. The others say it themselves.
var seedArguments = map[string]string{
	"hex0":   "INPUT OUTPUT",
	"hex1":   "INPUT OUTPUT",
	"hex2-0": "INPUT OUTPUT",
	"catm-0": "OUTPUT INPUT...",
	"M0":     "INPUT OUTPUT",
	"cc-0":   "INPUT OUTPUT",
	"kaem-0": "SCRIPT (if there is none, kaem.ARCHITECTURE)",
}

// explain says more of a run that has ended with an error, or with a status that
// is not 0 and no word. It returns the error.
func (h *hint) explain(args []string, status int, err error) error {
	if h.path == "" || err == nil && (status == 0 || h.wrote) {
		return err
	}
	var text strings.Builder
	if h.first != "" {
		fmt.Fprintf(&text, "\nthe first system call that failed: %s", h.first)
		if h.last != "" {
			fmt.Fprintf(&text, "\nthe last one: %s", h.last)
		}
	}
	if len(args) == 1 {
		if usage := h.usage(args[0]); usage != "" {
			fmt.Fprintf(&text, "\nit was run without arguments; usage: %s", usage)
		} else if h.first != "" {
			fmt.Fprint(&text, "\nit was run without arguments: does it need some?")
		}
	}
	switch {
	case text.Len() == 0:
		return err
	case err != nil:
		return fmt.Errorf("%w%s", err, text.String())
	}
	fmt.Fprintf(clean.Writer{W: h.stderr}, "stage0 run: exit status %d, without a word%s\n", status, text.String())
	return nil
}

// usage returns how a program is called, if its bytes are those of one of a
// release that does not say so.
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
