package extra

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"stage0/tool"
)

// A wrapMount is something of the host's that the program sees. A source that
// is a directory has a directory for its place.
type wrapMount struct {
	source, target string
	kind           string // of a file system that is made
	flags          uintptr
	dir            bool
}

// wrapMounts is in the order in which they are made. upstream: main, wrap.c
var wrapMounts = []wrapMount{
	{"/dev/null", "dev/null", "", syscall.MS_BIND, false},
	{"/dev/zero", "dev/zero", "", syscall.MS_BIND, false},
	{"/dev/random", "dev/random", "", syscall.MS_BIND, false},
	{"/dev/urandom", "dev/urandom", "", syscall.MS_BIND, false},
	{"/dev/ptmx", "dev/ptmx", "", syscall.MS_BIND, false},
	{"/dev/pts", "dev/pts", "", syscall.MS_BIND, true},
	{"/dev/tty", "dev/tty", "", syscall.MS_BIND, false},
	{"tmpfs", "dev/shm", "tmpfs", 0, true},
	{"/proc", "proc", "", syscall.MS_BIND | syscall.MS_REC, true},
	{"/sys", "sys", "", syscall.MS_BIND | syscall.MS_REC, true},
	{"tmpfs", "tmp", "tmpfs", 0, true},
}

// wrap runs args[1] with the working directory as its root. It returns only if
// that fails, or if it is another process that is root in its namespace.
func wrap(env *tool.Env, ctx context.Context, args, vars []string) (status int, err error) {
	if env.Dir != "/" {
		if syscall.Geteuid() != 0 {
			return wrapAsRoot(env, ctx, args)
		}
		if err := mountAll(env); err != nil {
			return 1, err
		}
		if err := syscall.Chroot(env.Dir); err != nil {
			return 1, fmt.Errorf("cannot make %s the root directory: %w", env.Dir, err)
		}
		if err := os.Chdir("/"); err != nil {
			return 1, err
		}
	}
	if out, ok := env.Stdout.(interface{ Flush() error }); ok {
		out.Flush()
	}
	return 255, fmt.Errorf("%s: cannot run: %w", args[1], syscall.Exec(args[1], args[1:], vars))
}

// wrapAsRoot runs this very program again, as the root of a namespace of its
// own. Like upstream, it prints what it maps to root.
func wrapAsRoot(env *tool.Env, ctx context.Context, args []string) (int, error) {
	uid, gid := syscall.Geteuid(), syscall.Getegid()
	fmt.Fprintf(env.Stdout, "0 %d 10 %d 1", uid, gid)
	if out, ok := env.Stdout.(interface{ Flush() error }); ok {
		out.Flush()
	}
	process := exec.CommandContext(ctx, "/proc/self/exe")
	process.Args = append([]string{"wrap"}, args[1:]...)
	process.Dir, process.Env = env.Dir, env.Vars
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, os.Stdout, os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}},
	}
	if err := process.Run(); process.ProcessState == nil {
		return 1, fmt.Errorf("cannot make namespaces: %w", tool.Cause(err))
	}
	return tool.WaitStatus(process.ProcessState), nil
}

// mountAll makes wrapMounts below the working directory. Nothing is followed
// out of it.
func mountAll(env *tool.Env) error {
	root, err := os.OpenRoot(env.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Mkdir("dev", 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	for _, m := range wrapMounts {
		if m.dir {
			err = root.Mkdir(m.target, 0o755)
		} else {
			var f *os.File
			if f, err = root.OpenFile(m.target, os.O_CREATE, 0o777); err == nil {
				err = f.Close()
			}
		}
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if _, err := root.Stat(m.target); err != nil { // as a link that leads outside
			return err
		}
		if err := syscall.Mount(m.source, filepath.Join(env.Dir, m.target), m.kind, m.flags, ""); err != nil {
			return fmt.Errorf("%s: cannot mount: %w", m.target, err)
		}
	}
	return nil
}
