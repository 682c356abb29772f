package main

import (
	"errors"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"stage0/tool/registry"
)

func TestMain(m *testing.M) {
	commands := map[string]func(){"stage0": main}
	for _, p := range registry.Programs() {
		commands[p.Name] = main // through a link
	}
	testscript.Main(m, commands)
}

// TestScripts types the commands of testdata. Beside those that testscript
// has there is
//
//	status N COMMAND [ARGUMENT]...    run it, and expect exit status N
//	copier [-say TEXT] FILE NAME...   make a program for x86: see copier
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": expectStatus,
			"copier": writeCopier,
		},
	})
}

func expectStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND [ARGUMENT]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err = ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
