package kaem

import (
	"strings"

	"stage0/source"
)

// When a builtin returns, in.next must point where upstream's pointer to the
// current word would, because "if" looks there for "else" and "fi". So "cd fi"
// ends an if.

// assignment sets a variable.
//
// upstream: add_envar
func (in *interpreter) assignment(text string) error {
	name, value, _ := strings.Cut(text, "=")
	if name == "PATH" {
		in.path = value
	}
	in.env = assign(in.env, name, value)
	if len(in.env) > maxVariables {
		return in.src.Errorf(in.at, "more than %d variables", maxVariables)
	}
	return in.nothingFollows("an assignment")
}

// cd changes the working directory.
func (in *interpreter) cd() error {
	in.next++
	name, ok := in.current()
	if !ok {
		return in.failure("cd: no directory")
	}
	dir, err := in.opt.Chdir(in.dir, name)
	if err != nil {
		return in.failure("cd %s: %v", shown(name), err)
	}
	in.dir = dir
	return nil
}

// failure reports that a builtin failed, which ends the script unless it runs
// with --non-strict.
func (in *interpreter) failure(format string, args ...any) error {
	if in.strict {
		return in.src.Errorf(in.at, format, args...)
	}
	return in.warn(in.at, format+"; the script goes on", args...)
}

// set sets options of the interpreter. The first character of its word, a dash,
// is ignored.
func (in *interpreter) set() error {
	in.next++
	word, ok := in.current()
	switch {
	case !ok:
		return in.failure("set: no options")
	case word == "":
		return nil
	}
	if word[0] != '-' {
		if err := in.warn(in.words[in.next].at, "set: the first character of %s is not looked at", shown(word)); err != nil {
			return err
		}
	}
	for _, c := range []byte(word[1:]) {
		var err error
		switch c {
		case 'a':
			if in.opt.Warn {
				err = in.print("set -a is on by default and cannot be disabled\n")
			}
		case 'e':
			in.strict = true
		case 'x':
			in.verbose = true
			err = in.print(" +> set -" + word[1:] + "\n")
		default:
			err = in.src.Errorf(in.words[in.next].at, "set: no option %s, expected a, e or x", source.Char(c))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// echo prints its arguments.
func (in *interpreter) echo() error {
	if len(in.words) == in.next+1 {
		return in.print("\n")
	}
	return in.print(strings.TrimSuffix(join(in.words[in.next+1:]), " \n") + "\n")
}

// unset removes variables. It cannot remove the first variable of the
// environment.
func (in *interpreter) unset() error {
	for _, w := range in.words[in.next+1:] {
		if in.env[0].name == w.text {
			if err := in.warn(w.at, "unset: %s is the first variable and stays", shown(w.text)); err != nil {
				return err
			}
		}
		for i := 1; i < len(in.env); i++ {
			if in.env[i].name == w.text {
				in.env = append(in.env[:i], in.env[i+1:]...)
				break
			}
		}
	}
	return nil
}

// alias defines an alias, lists all aliases, or prints its arguments.
//
// upstream: add_alias
func (in *interpreter) alias() error {
	in.next++
	text, ok := in.current()
	if !ok {
		if len(in.aliases) > maxArgs {
			return in.src.Errorf(in.at, "alias: more than %d to list", maxArgs)
		}
		for _, a := range in.aliases {
			if err := in.print(a.name + "=" + a.value + "\n"); err != nil {
				return err
			}
		}
		return nil
	}
	name, value, ok := strings.Cut(text, "=")
	switch {
	case !ok && len(in.words)-in.next > maxArgs:
		return in.src.Errorf(in.words[in.next+maxArgs].at, "alias: more than %d words", maxArgs)
	case !ok:
		return in.print(join(in.words[in.next:]))
	case value == "":
		return in.src.Errorf(in.words[in.next].at, "alias: %s has no value", shown(name))
	}
	in.aliases = assign(in.aliases, name, value)
	if len(in.aliases) > maxVariables {
		return in.src.Errorf(in.at, "more than %d aliases", maxVariables)
	}
	return in.nothingFollows("an alias")
}
