package kaem

import (
	"context"
	"io"
	"strings"
)

// A result is the outcome of a command.
type result struct {
	status int    // 0 is success; builtins always have 0
	reason string // "exit status 1", or why the program was not run
	notRun bool
}

// execute runs the current command. If it fails, it may end the script.
//
// upstream: execute
func (in *interpreter) execute(ctx context.Context) error {
	res, err := in.run(ctx)
	if err != nil {
		return err
	}
	if res.status != 0 && in.strict {
		return in.src.Errorf(in.at, "%s", res.reason)
	}
	return in.warnNotRun(res)
}

func (in *interpreter) warnNotRun(res result) error {
	if res.notRun {
		return in.warn(in.at, "%s; the script goes on", res.reason)
	}
	return nil
}

// run runs the current command from the current word on: all of it, or what
// follows "if".
//
// upstream: _execute
func (in *interpreter) run(ctx context.Context) (result, error) {
	if ctx.Err() != nil {
		return result{}, canceled(ctx, in.src.At(in.at))
	}
	name, ok := in.current()
	if !ok {
		return result{}, in.src.Errorf(in.at, "no command")
	}
	if strings.Contains(name, "=") {
		return result{}, in.assignment(name)
	}
	switch name {
	case "cd":
		return result{}, in.cd()
	case "set":
		return result{}, in.set()
	case "alias":
		return result{}, in.alias()
	case "pwd":
		return result{}, in.print(in.dir + "\n")
	case "echo":
		return result{}, in.echo()
	case "unset":
		return result{}, in.unset()
	case "exec":
		in.next++
		return in.program(ctx, true)
	case "if":
		return result{}, in.ifCommand(ctx)
	case "then", "else", "fi":
		return result{}, in.nothingFollows(name)
	}
	return in.program(ctx, false)
}

// nothingFollows warns if words follow the current one.
func (in *interpreter) nothingFollows(what string) error {
	if in.next+1 < len(in.words) {
		return in.warn(in.words[in.next+1].at, "what follows %s is ignored", what)
	}
	return nil
}

// ifCommand runs the command after the word "if", and then the script up to
// "fi". Any command that leaves "fi" as the current word ends the if, so the fi
// that ends a nested if also ends this one.
//
// upstream: if_cmd
func (in *interpreter) ifCommand(ctx context.Context) error {
	at := in.at
	if in.ifs == maxIfs {
		return in.src.Errorf(at, "more than %d ifs inside each other", maxIfs)
	}
	in.ifs++
	defer func() { in.ifs-- }()

	in.next++
	res, err := in.run(ctx)
	if err == nil {
		err = in.warnNotRun(res)
	}
	holds := res.status == 0
	verbose := in.verbose
	in.verbose = verbose && holds
	for err == nil {
		var run bool
		if run, err = in.read(); err != nil {
			break
		}
		if run {
			if in.is("if") {
				err = in.warn(in.at, "an if inside an if: the first fi ends both")
			}
			if holds && err == nil {
				err = in.execute(ctx)
			}
			if in.is("else") {
				holds = !holds
			}
		}
		if in.is("fi") {
			break
		}
	}
	if err == io.EOF {
		err = in.src.Errorf(at, "if has no fi")
	}
	in.verbose = verbose
	return err
}
