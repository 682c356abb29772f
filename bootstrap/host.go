package bootstrap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"stage0/tool"
)

// hostTimeout is the maximum duration of a ladder on the host's processor.
const hostTimeout = 3 * time.Hour

// host runs the ladder on the host's processor, or in what the host runs such
// programs with, such as qemu-user. The seeds and the programs that they build run
// with all rights of the user. This takes minutes.
//
// The ladder is run in a temporary directory, which is removed, with a copy of
// the tree's files that concern it. The programs are not observed: the ledger
// has a single step, which made everything; and since the files that the ladder
// reads are unknown, the files that it should read are compared with a release.
func (r *replay) host(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "stage0-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeoutCause(ctx, hostTimeout, fmt.Errorf("not done after %v", hostTimeout))
	defer cancel()
	tree := filepath.Join(dir, "tree")
	if err := r.copyTree(tree); err != nil {
		return err
	}
	if err := r.probe(ctx, dir, tree); err != nil {
		return err
	}
	defer r.tick()()
	seed := seeds(r.arch) + "/kaem-optional-seed"
	step, err := r.begin(nil, command{path: seed, args: []string{"./" + seed, script(r.arch)}, dir: mount})
	if err != nil {
		return err
	}
	cmd := hostCommand(ctx, tree, step.Args...)
	cmd.Stdout, cmd.Stderr = &step.messages, &step.messages
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &exit) && exit.Exited():
	case err != nil:
		return err
	}
	if err := r.collect(tree, step.files); err != nil {
		return err
	}
	r.end(step, cmd.ProcessState.ExitCode())
	return nil
}

// hostCommand is a program that is run in dir without an environment. When ctx
// is done, it is killed with all that it has started.
func hostCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, []string{}
	cmd.WaitDelay = 10 * time.Second
	inGroup(cmd)
	return cmd
}

// copyTree copies the tree's files that the ladder may see to dir. All are made
// executable: not every archive keeps permissions.
func (r *replay) copyTree(dir string) error {
	return fs.WalkDir(r.files.tree.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		in := name
		if d.IsDir() {
			in += "/"
		}
		switch {
		case d.Name() == ".git" || !concerns(r.arch, in) || r.files.hides(name):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return os.Mkdir(to, 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		v, err := r.files.tree.read(name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, v.data, 0o700)
	})
}

// probe runs hex0-seed, to find out whether the host runs such programs.
func (r *replay) probe(ctx context.Context, dir, tree string) error {
	in, out := filepath.Join(dir, "probe.hex0"), filepath.Join(dir, "probe")
	if err := os.WriteFile(in, []byte("53 30 # two bytes\n"), 0o600); err != nil {
		return err
	}
	if output, err := hostCommand(ctx, tree, "./"+seeds(r.arch)+"/hex0-seed", in, out).CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(output) > 0 {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(output))
		}
		return fmt.Errorf("this machine does not run programs for %s: hex0-seed: %w", r.arch.Name, tool.Cause(err))
	}
	if data, err := os.ReadFile(out); err != nil || string(data) != "S0" {
		return fmt.Errorf("this machine does not run programs for %s: hex0-seed makes %q of 53 30", r.arch.Name, data)
	}
	return nil
}

// tick reports progress every second until the returned function is called.
func (r *replay) tick() (stop func()) {
	if r.Progress == nil {
		return func() {}
	}
	ticker, done, gone := time.NewTicker(time.Second), make(chan bool), make(chan bool)
	go func() {
		defer close(gone)
		for {
			select {
			case <-ticker.C:
				r.Progress(Progress{Arch: r.arch})
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-gone
	}
}

// collect records the files below dir that are not as in the tree as outputs of a
// step.
func (r *replay) collect(dir string, files *stepFiles) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if err := r.files.spend(name, info.Size()); err != nil {
			return err
		}
		data, err := root.ReadFile(name)
		if err != nil {
			return err
		}
		if was, err := r.files.peek(name); err == nil && bytes.Equal(was.data, data) {
			return nil
		}
		return files.wrote(name, newVersion(slices.Clip(data), info.Mode().Perm(), files.step))
	})
}
