package bounded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/emu"
	stage0 "stage0/tool"
	"stage0/tool/registry"
)

// A tool is a program of this project, which is run on one input after the other.
type tool struct {
	args    []string
	program stage0.Program
}

func newTool(p bootstrap.Program, args []string) *tool {
	program, _ := registry.Lookup(p.Name)
	return &tool{program: program, args: slices.Concat([]string{p.Name}, p.Args, args)}
}

// A verdict is what a tool does with an input.
type verdict struct {
	status   int
	message  string // the first error, without its position
	output   []byte
	commands []command
}

func (v verdict) String() string {
	if v.message != "" {
		return fmt.Sprintf("exits with %d: %s", v.status, v.message)
	}
	return fmt.Sprintf("exits with %d", v.status)
}

// run runs the tool.
func (t *tool) run(input []byte) verdict {
	files := files{input: input}
	var v verdict
	var messages strings.Builder
	env := &stage0.Env{
		FS: &files, Dir: "/", Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &messages,
		Exec: func(_ context.Context, _ *stage0.Env, cmd stage0.Command) (int, error) {
			c := command{cmd.Args, statusOf(cmd.Args)}
			v.commands = append(v.commands, c)
			return c.status, nil
		},
	}
	v.status, v.output = t.program.Run(context.Background(), env, t.args), files.output
	for line := range strings.Lines(messages.String()) {
		if !strings.Contains(line, ": warning: ") {
			v.message = strings.TrimSuffix(line, "\n")
			if at, message, ok := strings.Cut(v.message, " "); ok && strings.HasSuffix(at, ":") {
				v.message = message
			}
			break
		}
	}
	return v
}

// files has the input, and the output once it is committed.
type files struct{ input, output []byte }

func (f *files) ReadFile(name string) ([]byte, error) {
	if name != "/"+inName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return f.input, nil
}

func (f *files) Create(string, stage0.Perm) (stage0.Output, error) { return &output{files: f}, nil }

func (f *files) Stat(name string) (fs.FileInfo, error) {
	if name == "/"+inName {
		return emu.FileInfo(name, int64(len(f.input)), 0o644), nil
	}
	return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
}

var errReadOnly = errors.New("read-only file system")

func (f *files) Chmod(string, stage0.Perm) error { return nil }
func (f *files) Remove(string) error             { return errReadOnly }
func (f *files) Mkdir(string, stage0.Perm) error { return errReadOnly }
func (f *files) Symlink(string, string) error    { return errReadOnly }

// An output is an unfinished output.
type output struct {
	bytes.Buffer
	files *files
}

func (o *output) Commit() error {
	o.files.output = o.Bytes()
	return nil
}

func (o *output) Discard() {}
