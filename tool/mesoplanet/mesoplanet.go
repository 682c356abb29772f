// Package mesoplanet is the command M2-Mesoplanet. It also runs the commands
// M2-Planet, catm, blood-elf, M1 and hex2, and so imports them.
package mesoplanet

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
	"stage0/strtoint"
	"stage0/tool"
	"stage0/tool/bloodelf"
	"stage0/tool/extra"
	"stage0/tool/hex2"
	"stage0/tool/m1"
	"stage0/tool/m2planet"
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
	env *tool.Env
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
	debugMode   int32
	strict      bool

	temps []string // names of temporary files that were made
}

// Run runs M2-Mesoplanet.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	run := &mesoplanetRun{env: env}
	return env.Run("M2-Mesoplanet", mesoplanetUsage, args, run.options(), func() error {
		status, err := run.run(ctx)
		return tool.Exit{Status: status, Err: err}
	})
}

func (run *mesoplanetRun) options() []tool.Option {
	opt := &run.opt
	return []tool.Option{
		tool.List("-f --file", &run.files),
		tool.List("", &run.files),
		{Names: "-", Set: func(string) error {
			return errors.New("option -: the standard input is read if no file is named; upstream never ends")
		}},
		tool.Text("-o --output", &run.output),
		tool.Flag("-c", &run.compileOnly, true),
		tool.Text("-A --architecture", &opt.Arch),
		tool.Text("--os --operating-system", &opt.System),
		{Names: "-D", Arg: true, Set: func(v string) error {
			name, value, _ := strings.Cut(v, "=")
			opt.Defines = append(opt.Defines, mesoplanet.Define{Name: name, Value: value})
			return nil
		}},
		tool.List("-I", &opt.IncludeDirs),
		tool.Flag("--no-includes", &opt.NoIncludes, true),
		tool.Flag("-E --preprocess-only", &run.textOnly, true),
		{Names: "--dump-mode", Set: func(string) error {
			run.textOnly, opt.NoDirective = true, true
			return nil
		}},
		tool.Flag("--no-debug", &run.noDebug, true),
		{Names: "--max-string", Arg: true, Set: func(v string) error {
			n, problem := strtoint.Parse(v)
			if problem != strtoint.None || n <= 0 {
				return fmt.Errorf("--max-string is %q, expected the size of a token", v)
			}
			opt.MaxString = int(n)
			return nil
		}},
		tool.Text("--temp-directory", &run.tempDir),
		tool.Flag("--dirty-mode", &run.dirty, true),
		tool.Flag("--exec", &run.useExec, true),
		tool.Flag("--fuzz", &run.fuzz, true),
		{Names: "--debug-mode", Arg: true, Set: func(v string) error {
			n, problem := strtoint.Parse(v)
			if problem != strtoint.None {
				return fmt.Errorf("--debug-mode is %q, expected a number", v)
			}
			run.debugMode = n
			return nil
		}},
		tool.Text("--built-by", &opt.BuiltBy),
		tool.Text("--host", &opt.Host),
		tool.Flag("--strict", &run.strict, true),
		{Names: "-V --version", Set: func(string) error {
			io.WriteString(run.env.Stderr, "M2-Mesoplanet "+mesoplanet.Version+"\n")
			return tool.ErrDone
		}},
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
		return exitStatus(run.env.WriteOrPrint(run.output, 0o666, func(w io.Writer) error {
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
	if _, err := run.env.FS.Stat(run.env.Path(run.tempDir)); err != nil {
		return 1, fmt.Errorf("%s: no directory for temporary files: %w; name one with --temp-directory, or TMPDIR", run.tempDir, tool.Cause(err))
	}
	text, err := run.temporary("M2-Mesoplanet")
	if err == nil {
		err = run.env.Write(text, 0o600, program.Write)
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
		if err := run.env.Write(temps[mesoplanet.Compiled], 0o600, func(io.Writer) error { return nil }); err != nil {
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
	target, err := run.opt.Target.Discover(env.Machine.Name, env.Lookup)
	if err != nil {
		return err
	}
	run.opt.Target = target
	if run.tempDir == "" {
		run.tempDir = "/tmp"
		if dir, ok := env.Lookup("TMPDIR"); ok {
			run.tempDir = dir
		}
	}
	if run.debugMode > 0 {
		fmt.Fprintf(clean.Writer{W: env.Stderr}, "M2LIBC_PATH set to %s\nTEMPDIR set to %s\nArchitecture selected: %s\nOperating System selected: %s\n",
			target.Libc, run.tempDir, target.Arch, target.System)
	}
	run.opt.Stdout, run.opt.Stderr = env.Stdout, clean.Writer{W: env.Stderr}
	run.opt.Diagnostics = env.Diagnostics(run.strict)
	run.opt.Open = func(path string) (source.Source, error) {
		src, err := env.Read(path)
		if err != nil {
			return source.Source{}, errors.Unwrap(err) // the path is said already
		}
		return src, nil
	}
	return nil
}

// read reads the object files and the program.
func (run *mesoplanetRun) read() (objects []mesoplanet.Object, program *mesoplanet.Program, err error) {
	srcs, err := run.env.ReadInputs(run.files, run.output)
	if err != nil {
		return nil, nil, err
	}
	var texts []source.Source
	for _, src := range srcs {
		if !strings.HasSuffix(src.Name, ".o") {
			texts = append(texts, src)
			continue
		}
		objects = append(objects, mesoplanet.NewObject(src))
	}
	if len(run.files) == 0 {
		if _, ok := run.env.Lookup("M2MESOPLANET_NEW_ARGUMENTLESS_BEHAVIOR"); ok {
			return nil, nil, errors.New("there are no input files")
		}
		text, err := io.ReadAll(io.LimitReader(run.env.Stdin, m2planet.MaxStandardInput))
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
	if host, ok := fsys.(interface{ CreateNew(string, tool.Perm) error }); ok {
		create = func(name string) error { return host.CreateNew(name, 0o600) }
	}
	for i := range maxTemporaries {
		name := fmt.Sprintf("%s/%s-%06d", run.tempDir, stem, i)
		err := create(run.env.Path(name))
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("%s: cannot create: %w", name, tool.Cause(err))
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
		run.env.FS.Remove(run.env.Path(name)) // who made it can remove it; if it is gone, all the better
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
		if path, ok = search(env, name); !ok {
			return 1, fmt.Errorf("%s: not found in PATH", name)
		}
	}
	io.WriteString(messages, strings.Join(cmd.Args, " ")+" \n")
	switch {
	case run.fuzz:
		return 1, fmt.Errorf("%s: not run, because of --fuzz", name)
	case run.useExec:
		status, err = env.RunChild(ctx, env, tool.Command{Path: path, Args: cmd.Args})
	default:
		status = run.inside(ctx, cmd.Args, text, program)
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
func search(env *tool.Env, name string) (path string, ok bool) {
	dirs, _ := env.Lookup("PATH")
	for dirs != "" {
		var dir string
		dir, dirs, _ = strings.Cut(dirs, ":")
		if path = dir + "/" + name; env.Exists(env.Dir, path) {
			return path, true
		}
	}
	return "", false
}

// programCalled returns a program that M2-Mesoplanet runs.
func programCalled(name string) tool.Func {
	switch name {
	case "M2-Planet":
		return m2planet.Run
	case "catm":
		return extra.RunCatm
	case "blood-elf":
		return bloodelf.Run
	case "M1":
		return m1.RunM1
	case "hex2":
		return hex2.RunHex2
	}
	panic("mesoplanet: no program " + name)
}

// inside runs a program of this process.
func (run *mesoplanetRun) inside(ctx context.Context, args []string, text string, program *mesoplanet.Program) (status int) {
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
	return programCalled(args[0])(ctx, &child, args)
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
