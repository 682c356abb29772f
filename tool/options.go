package tool

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"stage0/arch"
)

// An option is one that a program accepts.
type option struct {
	names string // all its spellings, separated by spaces; none: arguments that no other option is
	arg   bool   // whether it takes the next argument
	any   bool   // without names: whether those that begin with a dash are such arguments too
	set   func(value string) error
}

// errDone ends a run with success; options like --version return it.
var errDone = errors.New("done")

// errEnd ends the options, and what follows is not looked at; the option --
// returns it.
var errEnd = errors.New("end of options")

// parse acts on args, in order, up to the first that no option is. An option
// without names is all that the others are not.
func parse(args []string, options []option) (err error) {
	operand := slices.IndexFunc(options, func(o option) bool { return o.names == "" })
	for i := 0; i < len(args); i++ {
		opt := findOption(options, args[i])
		switch {
		case opt != nil && opt.arg:
			if i+1 == len(args) {
				return fmt.Errorf("option %s needs an argument", args[i])
			}
			i++
			err = opt.set(args[i])
		case opt != nil:
			err = opt.set("")
		case operand < 0 || strings.HasPrefix(args[i], "-") && !options[operand].any:
			return fmt.Errorf("unknown option %s", args[i])
		default:
			err = options[operand].set(args[i])
		}
		if err == errEnd {
			break
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func findOption(options []option, name string) *option {
	for i := range options {
		for spelling := range strings.FieldsSeq(options[i].names) {
			if spelling == name {
				return &options[i]
			}
		}
	}
	return nil
}

// flag returns an option that sets p to value.
func flag[T any](names string, p *T, value T) option {
	return option{names: names, set: func(string) error { *p = value; return nil }}
}

// text returns an option that sets p to its argument.
func text(names string, p *string) option {
	return option{names: names, arg: true, set: func(v string) error { *p = v; return nil }}
}

// list returns an option that appends its argument to p.
func list(names string, p *[]string) option {
	return option{names: names, arg: true, set: func(v string) error { *p = append(*p, v); return nil }}
}

// operands returns the option that is all arguments which no other option is;
// each goes to do.
func operands(do func(arg string) error) option { return option{any: true, set: do} }

// names returns the option that is all arguments which no other option is, and
// appends them to p.
func names(p *[]string) option {
	return operands(func(arg string) error { *p = append(*p, arg); return nil })
}

// architecture returns an option that sets p to the architecture it names.
func architecture(names string, p *arch.Arch) option {
	return option{names: names, arg: true, set: func(v string) error {
		a, ok := arch.Lookup(v)
		if !ok {
			return fmt.Errorf("unknown architecture %q; known are %s", v, architectureNames())
		}
		*p = a
		return nil
	}}
}

func architectureNames() string {
	names := make([]string, len(arch.All))
	for i, a := range arch.All {
		names[i] = a.Name
	}
	return strings.Join(names, ", ")
}

// version returns the option that prints a version, as upstream words it.
func (env *Env) version(words string) option {
	return option{names: "-V --version", set: func(string) error {
		io.WriteString(env.Stdout, words)
		return errDone
	}}
}

// help returns the option that prints usage.
func (env *Env) help(usage string) option {
	return option{names: "-h --help", set: func(string) error {
		io.WriteString(env.Stdout, usage)
		return errDone
	}}
}
