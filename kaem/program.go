package kaem

import (
	"context"
	"fmt"
	"strings"

	"stage0/source"
)

// program runs the program that the current word names. If replace is set, the
// program replaces the script.
func (in *interpreter) program(ctx context.Context, replace bool) (result, error) {
	name, ok := in.current()
	if !ok {
		return result{}, in.src.Errorf(in.at, "exec without a command")
	}
	path, err := in.find(name)
	if err != nil {
		return result{}, err
	}
	if path == "" {
		if in.strict {
			return result{}, in.src.Errorf(in.words[in.next].at, "%s: not found in PATH", shown(name))
		}
		return result{reason: shown(name) + ": not found in PATH", notRun: true}, nil
	}
	cmd, err := in.command(path)
	status := 1
	if err == nil && !in.opt.Fuzz {
		status, err = in.opt.Exec(ctx, cmd)
	}
	switch {
	case ctx.Err() != nil:
		return result{}, canceled(ctx, cmd.At)
	case replace && err != nil:
		return result{}, in.src.Errorf(in.words[in.next].at, "%s: cannot be run: %v", shown(name), err)
	case replace:
		if in.status = status; status < 0 {
			in.status = 128 + signal(status) // as in a shell
		}
		return result{}, errReplaced
	case err != nil:
		in.report(path, 1)
		return result{1, fmt.Sprintf("%s: cannot be run: %v", shown(name), err), true}, nil
	}
	in.report(path, status)
	res := result{status: status, reason: shown(name) + ": " + how(status)}
	if status < 0 {
		res.status = signal(status)
	}
	return res, nil
}

// find returns the path of the program called name, or "" if it is not in PATH.
// An empty element of PATH is the root directory. A colon at the end of PATH is
// not followed by an empty element.
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
			return "", in.src.Errorf(in.words[in.next].at, "an element of PATH makes a path longer than %d bytes", maxText)
		}
		if in.opt.Exists(in.dir, path) {
			return path, nil
		}
	}
	return "", nil
}

// command returns the rest of the current command as a Command for the program
// at path. Upstream builds it in the child, where an error is only a failure.
//
// upstream: list_to_array
func (in *interpreter) command(path string) (Command, error) {
	words := in.words[in.next:]
	cmd := Command{Path: path, Dir: in.dir, At: in.src.At(words[0].at)}
	if len(words) > maxArgs {
		return cmd, fmt.Errorf("more than %d words for a program", maxArgs)
	}
	if len(in.env) > maxEnv {
		return cmd, fmt.Errorf("more than %d environment variables for a program", maxEnv)
	}
	for _, w := range words {
		cmd.Args = append(cmd.Args, w.text)
	}
	for _, v := range in.env {
		cmd.Env = append(cmd.Env, v.name+"="+v.value)
	}
	return cmd, nil
}

// report prints to standard error how the program at path ended, if a signal
// ended it or the user asked for it.
//
// upstream: what_exit
func (in *interpreter) report(path string, status int) {
	switch {
	case status < 0:
		fmt.Fprintf(in.opt.Stderr, "\n%s abnormal termination, signal number = %d\n", path, signal(status))
		if -status&0x80 != 0 {
			fmt.Fprint(in.opt.Stderr, "core dumped\n")
		}
	case in.opt.ShowExitCodes:
		fmt.Fprintf(in.opt.Stderr, "\n%s normal termination, exit status = %d\n\n\n", path, status)
	}
}

// signal returns the signal encoded in a negative status of a Handler.
func signal(status int) int { return -status & 0x7F }

// how describes a Handler's status.
func how(status int) string {
	if status < 0 {
		return fmt.Sprintf("ended by signal %d", signal(status))
	}
	return fmt.Sprintf("exit status %d", status)
}

// canceled returns the error for a script whose context has ended.
func canceled(ctx context.Context, at source.Place) error {
	return fmt.Errorf("%s: %w", at.Position(), ctx.Err())
}
