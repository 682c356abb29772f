package tool

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"stage0/arch"
	"stage0/source"
)

// An option is one that a program accepts.
type Option struct {
	Names string // all its spellings, separated by spaces; none: arguments that no other option is
	Arg   bool   // whether it takes the next argument
	Any   bool   // without names: whether those that begin with a dash are such arguments too
	Set   func(value string) error
}

// ErrDone ends a run with success; options like --version return it.
var ErrDone = errors.New("done")

// ErrEnd ends the options, and what follows is not looked at; the option --
// returns it.
var ErrEnd = errors.New("end of options")

// parse acts on args, in order, up to the first that no option is. An option
// without names is all that the others are not.
func parse(args []string, options []Option) (err error) {
	operand := slices.IndexFunc(options, func(o Option) bool { return o.Names == "" })
	for i := 0; i < len(args); i++ {
		opt := findOption(options, args[i])
		switch {
		case opt != nil && opt.Arg:
			if i+1 == len(args) {
				return fmt.Errorf("option %s needs an argument", args[i])
			}
			i++
			err = opt.Set(args[i])
		case opt != nil:
			err = opt.Set("")
		case operand < 0 || strings.HasPrefix(args[i], "-") && !options[operand].Any:
			return fmt.Errorf("unknown option %s", args[i])
		default:
			err = options[operand].Set(args[i])
		}
		if err == ErrEnd {
			break
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func findOption(options []Option, name string) *Option {
	for i := range options {
		for spelling := range strings.FieldsSeq(options[i].Names) {
			if spelling == name {
				return &options[i]
			}
		}
	}
	return nil
}

// Flag returns an option that sets p to value.
func Flag[T any](names string, p *T, value T) Option {
	return Option{Names: names, Set: func(string) error { *p = value; return nil }}
}

// Text returns an option that sets p to its argument.
func Text(names string, p *string) Option {
	return Option{Names: names, Arg: true, Set: func(v string) error { *p = v; return nil }}
}

// List returns an option that appends its argument to p.
func List(names string, p *[]string) Option {
	return Option{Names: names, Arg: true, Set: func(v string) error { *p = append(*p, v); return nil }}
}

// Operands returns the option that is all arguments which no other option is;
// each goes to do.
func Operands(do func(arg string) error) Option { return Option{Any: true, Set: do} }

// Names returns the option that is all arguments which no other option is, and
// appends them to p.
func Names(p *[]string) Option {
	return Operands(func(arg string) error { *p = append(*p, arg); return nil })
}

// Architecture returns an option that sets p to the architecture it names.
func Architecture(names string, p *arch.Arch) Option {
	return Option{Names: names, Arg: true, Set: func(v string) error {
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

// Version returns the option that prints a version, as upstream words it.
func (env *Env) Version(words string) Option {
	return Option{Names: "-V --version", Set: func(string) error {
		io.WriteString(env.Stdout, words)
		return ErrDone
	}}
}

// help returns the option that prints usage.
func (env *Env) help(usage string) Option {
	return Option{Names: "-h --help", Set: func(string) error {
		io.WriteString(env.Stdout, usage)
		return ErrDone
	}}
}

// Limit returns the option that sets how much may be written, in bytes.
func Limit(p *int64) Option {
	return Option{Names: "--limit", Arg: true, Set: func(v string) error {
		n, err := strconv.ParseInt(v, 0, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("limit %q is not a number of bytes", v)
		}
		*p = n
		return nil
	}}
}

// An Exit is an error that ends a program with a status of its own. Nothing is
// said if Err is nil.
type Exit struct {
	Status int
	Err    error
}

func (e Exit) Error() string { return fmt.Sprintf("exit status %d: %v", e.Status, e.Err) }

// Run runs a program: it parses args, to which --help is an option too, and calls
// do unless one of them is wrong, or ends the run. It prints the error of either
// and returns the exit status.
func (env *Env) Run(name, usage string, args []string, options []Option, do func() error) int {
	err := parse(args[1:], append(options, env.help(usage)))
	if err == nil {
		err = do()
	}
	exit, ok := err.(Exit)
	switch {
	case err == nil, errors.Is(err, ErrDone):
		return 0
	case !ok:
		exit = Exit{1, err}
	}
	if exit.Err != nil {
		env.Fail(name, exit.Err)
	}
	return exit.Status
}

// Convert makes output, or prints if that is empty, from the files called inputs.
func (env *Env) Convert(inputs []string, output string, perm Perm, do func(w io.Writer, srcs []source.Source) error) error {
	srcs, err := env.ReadInputs(inputs, output)
	if err != nil {
		return err
	}
	return env.WriteOrPrint(output, perm, func(w io.Writer) error { return do(w, srcs) })
}
