package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"stage0/internal/clean"
	"stage0/mesoplanet"
	"stage0/source"
)

const mesoplanetUsage = `usage: M2-Mesoplanet [OPTION]... [FILE]...

Compiles C programs to ELF programs, with M2-Planet, blood-elf, M1, hex2 and
M2libc. FILE.o is an object file; without a FILE it reads the standard input.

  -f, --file FILE            an input; a FILE alone is one too
  -o, --output FILE          the program; a.out if not given
  -c                         make an object file, by default FILE.o here
  -A, --architecture ARCH    knight-native, knight-posix, x86, amd64, armv7l,
                             aarch64, riscv32, riscv64; this machine's if not
                             given, nor ARCHITECTURE_OVERRIDE set
      --os, --operating-system SYSTEM
                             Linux or UEFI; Linux if not given, nor OS_OVERRIDE
                             set
  -D NAME[=VALUE]            define a macro
  -I DIR                     look in DIR for files that are included in quotes;
                             M2libc is in M2LIBC_PATH, or else in ./M2libc
      --no-includes          do not include files
  -E, --preprocess-only      write the preprocessed program
      --dump-mode            write the program before it is preprocessed
      --no-debug             make a program without symbols
      --max-string N         no token may have N bytes; 65536 if not given
      --temp-directory DIR   for temporary files; TMPDIR, or else /tmp, if not
                             given
      --dirty-mode           keep the temporary files
      --exec                 run the programs that are in PATH, not those of
                             this process
      --fuzz                 run no programs, and fail
      --debug-mode N         say what is chosen if N is above 0
      --built-by COMPILER    do as the M2-Mesoplanet built by it does: m2-planet
                             (the default) or gcc; so does M2-Planet
      --host ARCH            the architecture that this M2-Mesoplanet runs on:
                             amd64 (the default), aarch64, riscv64, x86, riscv32
      --strict               refuse what upstream drops or mangles in silence;
                             so does M2-Planet
  -V, --version
  -h, --help
`

// A mesoplanetRun is a run of M2-Mesoplanet.
type mesoplanetRun struct {
	env *Env
	opt mesoplanet.Options

	files       []string
	output      string
	compileOnly bool
	textOnly    bool // write the program, not what is made of it
	noDebug     bool
	tempDir     string
	dirty       bool
	useExec     bool
	fuzz        bool
	debugMode   int64
	strict      bool

	temps []string // names of temporary files that were made
}

func runMesoplanet(ctx context.Context, env *Env, args []string) int {
	run := &mesoplanetRun{env: env}
	err := parse(args[1:], run.options())
	if errors.Is(err, errDone) {
		return 0
	}
	status := 1
	if err == nil {
		status, err = run.run(ctx)
	}
	if err != nil {
		env.fail("M2-Mesoplanet", err)
	}
	return status
}

func (run *mesoplanetRun) options() []option {
	opt := &run.opt
	return []option{
		list("-f --file", &run.files),
		list("", &run.files),
		{names: "-", set: func(string) error {
			return errors.New("option -: the standard input is read if no file is named; upstream never ends")
		}},
		text("-o --output", &run.output),
		flag("-c", &run.compileOnly, true),
		text("-A --architecture", &opt.Architecture),
		text("--os --operating-system", &opt.System),
		{names: "-D", arg: true, set: func(v string) error {
			name, value, _ := strings.Cut(v, "=")
			opt.Defines = append(opt.Defines, mesoplanet.Define{Name: name, Value: value})
			return nil
		}},
		list("-I", &opt.IncludeDirs),
		flag("--no-includes", &opt.NoIncludes, true),
		flag("-E --preprocess-only", &run.textOnly, true),
		{names: "--dump-mode", set: func(string) error {
			run.textOnly, opt.NoDirective = true, true
			return nil
		}},
		flag("--no-debug", &run.noDebug, true),
		{names: "--max-string", arg: true, set: func(v string) error {
			n, err := strconv.ParseInt(v, 0, 32)
			if err != nil || n <= 0 {
				return fmt.Errorf("--max-string is %q, want the size of a token", v)
			}
			opt.MaxString = int(n)
			return nil
		}},
		text("--temp-directory", &run.tempDir),
		flag("--dirty-mode", &run.dirty, true),
		flag("--exec", &run.useExec, true),
		flag("--fuzz", &run.fuzz, true),
		{names: "--debug-mode", arg: true, set: func(v string) error {
			n, err := strconv.ParseInt(v, 0, 32)
			if err != nil {
				return fmt.Errorf("--debug-mode is %q, want a number", v)
			}
			run.debugMode = n
			return nil
		}},
		text("--built-by", &opt.BuiltBy),
		text("--host", &opt.Host),
		flag("--strict", &run.strict, true),
		{names: "-V --version", set: func(string) error {
			io.WriteString(run.env.Stderr, "M2-Mesoplanet "+mesoplanet.Version+"\n")
			return errDone
		}},
		run.env.help(mesoplanetUsage),
	}
}

// run returns the exit status, and the error that is to be printed.
func (run *mesoplanetRun) run(ctx context.Context) (status int, err error) {
	if err := run.discover(); err != nil {
		return 1, err
	}
	objects, program, err := run.read()
	if err != nil {
		return 1, err
	}
	if run.textOnly {
		return exitStatus(run.env.writeOrPrint(run.output, 0o666, func(w io.Writer) error {
			if !run.opt.NoDirective {
				if _, err := io.WriteString(w, mesoplanet.Header); err != nil {
					return err
				}
			}
			return program.Write(w)
		}))
	}
	link := mesoplanet.Link{
		Target:      run.opt.Target,
		Stdio:       program.Stdio,
		Objects:     objects,
		Output:      run.output,
		CompileOnly: run.compileOnly,
		Debug:       !run.noDebug,
	}
	if err := run.nameOutput(&link); err != nil {
		return 1, err
	}
	defer run.removeTemporaries()
	if _, err := run.env.FS.Stat(run.env.path(run.tempDir)); err != nil {
		return 1, fmt.Errorf("%s: no directory for temporary files: %w; name one with --temp-directory, or TMPDIR", run.tempDir, Cause(err))
	}
	text, err := run.temporary("M2-Mesoplanet")
	if err == nil {
		err = run.env.write(text, 0o600, program.Write)
	}
	if err != nil {
		return 1, err
	}
	if len(objects) < len(run.files) || len(run.files) == 0 {
		link.Program = text
	}
	temps := map[string]string{}
	for _, stem := range link.Temporaries() {
		if temps[stem], err = run.temporary(stem); err != nil {
			return 1, err
		}
	}
	if link.Program == "" {
		if err := run.env.write(temps[mesoplanet.Compiled], 0o600, func(io.Writer) error { return nil }); err != nil {
			return 1, err
		}
	}
	for _, cmd := range link.Commands(temps) {
		if status, err := run.command(ctx, cmd, text, program); status != 0 || err != nil {
			return max(status, 1), err
		}
	}
	return 0, nil
}

func exitStatus(err error) (int, error) {
	if err != nil {
		return 1, err
	}
	return 0, nil
}

// discover completes the options from the environment.
func (run *mesoplanetRun) discover() error {
	env := run.env
	target, err := run.opt.Target.Discover(env.Machine.Name, env.lookup)
	if err != nil {
		return err
	}
	run.opt.Target = target
	if run.tempDir == "" {
		run.tempDir = "/tmp"
		if dir, ok := env.lookup("TMPDIR"); ok {
			run.tempDir = dir
		}
	}
	if run.debugMode > 0 {
		fmt.Fprintf(clean.Writer{W: env.Stderr}, "M2LIBC_PATH set to %s\nTEMPDIR set to %s\nArchitecture selected: %s\nOperating System selected: %s\n",
			target.Libc, run.tempDir, target.Architecture, target.System)
	}
	run.opt.Stdout, run.opt.Stderr = env.Stdout, clean.Writer{W: env.Stderr}
	run.opt.Diagnostics = env.diagnostics(run.strict)
	run.opt.Open = func(path string) (source.Source, error) {
		src, closer, err := env.open(path)
		if err != nil {
			return source.Source{}, errors.Unwrap(err) // the path is said already
		}
		defer closer.Close()
		text, err := src.ReadAll()
		return source.Bytes(path, text), err
	}
	return nil
}

// lookup returns a variable of the environment; of several the last one.
func (env *Env) lookup(name string) (value string, ok bool) {
	for _, v := range env.Vars {
		if n, x, isVar := strings.Cut(v, "="); isVar && n == name {
			value, ok = x, true
		}
	}
	return value, ok
}

// read reads the object files and the program.
func (run *mesoplanetRun) read() (objects []mesoplanet.Object, program *mesoplanet.Program, err error) {
	srcs, closeAll, err := run.env.openAll(run.files, run.output)
	if err != nil {
		return nil, nil, err
	}
	defer closeAll()
	var texts []source.Source
	for _, src := range srcs {
		if !strings.HasSuffix(src.Name, ".o") {
			texts = append(texts, src)
			continue
		}
		object, err := mesoplanet.NewObject(src)
		if err != nil {
			return nil, nil, err
		}
		objects = append(objects, object)
	}
	if len(run.files) == 0 {
		if _, ok := run.env.lookup("M2MESOPLANET_NEW_ARGUMENTLESS_BEHAVIOR"); ok {
			return nil, nil, errors.New("there are no input files")
		}
		text, err := io.ReadAll(io.LimitReader(run.env.Stdin, maxStandardInput))
		if err != nil {
			return nil, nil, err
		}
		texts = []source.Source{source.Bytes("STDIN", text)}
	}
	program, err = mesoplanet.Preprocess(texts, run.opt)
	return objects, program, err
}

// nameOutput fills in link.Output if no name was given.
func (run *mesoplanetRun) nameOutput(link *mesoplanet.Link) error {
	switch {
	case link.Output != "":
	case !link.CompileOnly:
		link.Output = "a.out"
	case len(run.files) == 0:
		return errors.New("-c of the standard input needs --output")
	default:
		link.Output = mesoplanet.ObjectName(run.files[0])
	}
	return nil
}

// maxTemporaries is how many names upstream's mkstemp tries.
const maxTemporaries = 9002

// temporary makes an empty file in the directory for temporary files, and
// returns its name, which starts with stem. A file system that only this
// process sees need not hold it before there is something in it.
// upstream: mkstemp of M2libc
func (run *mesoplanetRun) temporary(stem string) (string, error) {
	fsys := run.env.FS
	create := func(name string) error {
		_, err := fsys.Stat(name)
		switch {
		case err == nil:
			return fs.ErrExist
		case errors.Is(err, fs.ErrNotExist):
			return nil
		}
		return err
	}
	if host, ok := fsys.(interface{ CreateNew(string, Perm) error }); ok {
		create = func(name string) error { return host.CreateNew(name, 0o600) }
	}
	for i := range maxTemporaries {
		name := fmt.Sprintf("%s/%s-%06d", run.tempDir, stem, i)
		err := create(run.env.path(name))
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("%s: cannot create: %w", name, Cause(err))
		}
		run.temps = append(run.temps, name)
		return name, nil
	}
	return "", fmt.Errorf("%s/%s-: there are %d such files; remove some", run.tempDir, stem, maxTemporaries)
}

func (run *mesoplanetRun) removeTemporaries() {
	if run.dirty {
		return
	}
	for _, name := range run.temps {
		run.env.FS.Remove(run.env.path(name)) // who made it can remove it; if it is gone, all the better
	}
}

// command runs a command, of which upstream says what it is. text is the file
// that holds program.
// upstream: _execute
func (run *mesoplanetRun) command(ctx context.Context, cmd mesoplanet.Command, text string, program *mesoplanet.Program) (status int, err error) {
	env, name := run.env, cmd.Args[0]
	io.WriteString(env.Stdout, cmd.Note)
	messages := clean.Writer{W: env.Stderr}
	io.WriteString(messages, cmd.Message)
	path := name
	if run.useExec {
		var ok bool
		if path, ok = env.search(name); !ok {
			return 1, fmt.Errorf("%s: not found in PATH", name)
		}
	}
	io.WriteString(messages, strings.Join(cmd.Args, " ")+" \n")
	switch {
	case run.fuzz:
		return 1, fmt.Errorf("%s: not run, because of --fuzz", name)
	case run.useExec:
		status, err = env.exec(ctx, env, Command{Path: path, Args: cmd.Args})
	default:
		status, err = run.inside(ctx, cmd.Args, text, program)
	}
	switch {
	case err != nil:
		return 1, fmt.Errorf("%s: cannot run: %w", path, err)
	case status < 0:
		signal := -status % 128
		return signal, fmt.Errorf("%s: ended by signal %d", path, signal)
	case status > 0 && !run.dirty:
		return status, fmt.Errorf("%s: exit status %d; --dirty-mode keeps what it was given", path, status)
	case status > 0:
		return status, fmt.Errorf("%s: exit status %d", path, status)
	}
	return 0, nil
}

// search returns where in PATH the program called name is.
// upstream: find_executable
func (env *Env) search(name string) (path string, ok bool) {
	dirs, _ := env.lookup("PATH")
	for dirs != "" {
		var dir string
		dir, dirs, _ = strings.Cut(dirs, ":")
		if path = dir + "/" + name; env.exists(env.Dir, path) {
			return path, true
		}
	}
	return "", false
}

// inside runs a program of this process.
func (run *mesoplanetRun) inside(ctx context.Context, args []string, text string, program *mesoplanet.Program) (status int, err error) {
	p, ok := Lookup(args[0])
	if !ok {
		return 1, errors.New("there is no such program here")
	}
	child := *run.env
	if args[0] == mesoplanet.Compiled {
		child.Stderr = &relocator{child.Stderr, regexp.MustCompile(regexp.QuoteMeta(text) + `:(\d+):(\d+)`), program}
		if run.opt.BuiltBy != "" {
			args = append(args, "--built-by", run.opt.BuiltBy)
		}
		if run.opt.Host != "" {
			args = append(args, "--host", run.opt.Host)
		}
		if run.strict {
			args = append(args, "--strict")
		}
	}
	return p.Run(ctx, &child, args), nil
}

// A relocator replaces positions in the text of a program by those in the
// files that it was made of. Each message is written at once.
type relocator struct {
	w        io.Writer
	position *regexp.Regexp
	program  *mesoplanet.Program
}

func (r *relocator) Write(p []byte) (int, error) {
	message := r.position.ReplaceAllStringFunc(string(p), func(at string) string {
		groups := r.position.FindStringSubmatch(at)
		line, _ := strconv.Atoi(groups[1])
		col, _ := strconv.Atoi(groups[2])
		if origin, ok := r.program.Position(line, col); ok {
			return origin.String()
		}
		return at
	})
	if _, err := io.WriteString(r.w, message); err != nil {
		return 0, err
	}
	return len(p), nil
}
