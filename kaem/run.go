package kaem

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// A result is what came of a command.
type result struct {
	status int    // 0 is success, and what builtins have
	reason string // "exit status 1", or why the program was not run
	notRun bool
}

// execute runs the command at hand, whose failure may end the script.
//
// upstream: execute
func (in *interpreter) execute(ctx context.Context) error {
	res, err := in.run(ctx)
	if err != nil {
		return err
	}
	if res.status != 0 && in.strict {
		return errorf(in.at, "%s", res.reason)
	}
	return in.warnNotRun(res)
}

func (in *interpreter) warnNotRun(res result) error {
	if res.notRun {
		return in.warn(in.at, "%s; the script goes on", res.reason)
	}
	return nil
}

// run runs the command at hand from its next word on: the whole of it, or
// what follows "if".
//
// upstream: _execute
func (in *interpreter) run(ctx context.Context) (result, error) {
	name, ok := in.current()
	if !ok {
		return result{}, errorf(in.at, "no command")
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

// nothingFollows warns of words after the one at hand.
func (in *interpreter) nothingFollows(what string) error {
	if in.next+1 < len(in.words) {
		return in.warn(in.words[in.next+1].at, "what follows %s is ignored", what)
	}
	return nil
}

// ifCommand runs the command that follows the word "if", and then the script
// up to "fi", which is any command that leaves that word behind: one that was
// the end of an if in between is also the end of this one.
//
// upstream: if_cmd
func (in *interpreter) ifCommand(ctx context.Context) error {
	at := in.at
	if in.ifs == maxIfs {
		return errorf(at, "more than %d ifs inside each other", maxIfs)
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
		err = errorf(at, "if has no fi")
	}
	in.verbose = verbose
	return err
}

// program runs a program, which takes the script's place if replace is set.
func (in *interpreter) program(ctx context.Context, replace bool) (result, error) {
	name, ok := in.current()
	if !ok {
		return result{}, errorf(in.at, "exec without a command")
	}
	args := in.words[in.next:]
	path, err := in.find(name)
	if err != nil {
		return result{}, err
	}
	if path == "" {
		if in.strict {
			return result{}, errorf(args[0].at, "%s: not found in PATH", name)
		}
		return result{reason: name + ": not found in PATH", notRun: true}, nil
	}
	if len(args) > maxArgs {
		return result{}, errorf(args[maxArgs].at, "more than %d words for a program", maxArgs)
	}
	if len(in.env) > maxEnv {
		return result{}, errorf(in.at, "more than %d environment variables for a program", maxEnv)
	}
	cmd := Command{Path: path, Dir: in.dir, At: args[0].at}
	for _, w := range args {
		cmd.Args = append(cmd.Args, w.text)
	}
	for _, v := range in.env {
		cmd.Env = append(cmd.Env, v.name+"="+v.value)
	}
	status := 1
	if !in.opt.Fuzz {
		status, err = in.opt.Exec(ctx, cmd)
	}
	if ctx.Err() != nil {
		return result{}, fmt.Errorf("%s: %w", cmd.At, ctx.Err())
	}
	if replace {
		return in.replaced(cmd, status, err)
	}
	res := in.ended(path, status)
	if err != nil {
		res = result{status: 1, reason: fmt.Sprintf("%s: cannot be run: %v", name, err), notRun: true}
	} else if res.status != 0 {
		res.reason = name + ": " + res.reason
	}
	return res, nil
}

// replaced ends the script as a program ended that took its place.
func (in *interpreter) replaced(cmd Command, status int, err error) (result, error) {
	if err != nil {
		return result{}, errorf(cmd.At, "%s: cannot be run: %v", cmd.Args[0], err)
	}
	if status < 0 {
		status = 128 + -status&0x7F // as a shell reports it
	}
	in.status = status
	return result{}, errReplaced
}

// ended says how a program ended, on standard error if that is not by an
// exit, or asked for.
//
// upstream: what_exit
func (in *interpreter) ended(path string, status int) result {
	if status >= 0 {
		if in.opt.ShowExitCodes {
			fmt.Fprintf(in.opt.Stderr, "\n%s normal termination, exit status = %d\n\n\n", path, status)
		}
		return result{status: status, reason: fmt.Sprintf("exit status %d", status)}
	}
	signal := -status & 0x7F
	fmt.Fprintf(in.opt.Stderr, "\n%s abnormal termination, signal number = %d\n", path, signal)
	if -status&0x80 != 0 {
		fmt.Fprint(in.opt.Stderr, "core dumped\n")
	}
	return result{status: signal, reason: fmt.Sprintf("ended by signal %d", signal)}
}

// find returns the path of the program called name, or "" if there is none in
// PATH. An empty element of PATH is the root directory; what comes after a
// colon at its end is none.
//
// upstream: find_executable
func (in *interpreter) find(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	if name[0] == '.' || name[0] == '/' {
		return name, nil
	}
	for rest := in.path; rest != ""; {
		var dir string
		dir, rest, _ = strings.Cut(rest, ":")
		path := dir + "/" + name
		if len(path) > maxText {
			return "", errorf(in.at, "a path is longer than %d bytes: an element of PATH with %s", maxText, name)
		}
		if in.opt.Exists(in.dir, path) {
			return path, nil
		}
	}
	return "", nil
}
