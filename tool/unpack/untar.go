package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"stage0/extra/unpack"
	"stage0/tool"
)

const untarUsage = `usage: untar -f FILE... [-v] [--non-strict] [--fuzz-mode] [--limit BYTES] [--strict]

Unpacks tar archives into the working directory, the last one first.

  -f, --file FILE     an archive
  -v, --verbose       say what is unpacked
      --non-strict    leave out hard links, devices and pipes, links that cannot
                      be made, and archives that cannot be opened
      --fuzz-mode     make nothing
      --limit BYTES   how much may be unpacked (2147483647)
      --strict        exit with 1 if an archive has a fault, and stop at what
                      upstream lets pass
  -h, --help
`

// An untar is a run of untar.
type untar struct {
	*tool.Env // confined to the working directory
	verbose   bool
	lenient   bool // --non-strict
	nothing   bool // --fuzz-mode
	strict    bool
	left      int64 // how many bytes may still be unpacked
}

// RunUntar is untar of mescc-tools-extra. Of permissions it keeps those of
// directories. Nothing is made outside of the working directory: a member whose
// name is not below it, or leads out of it by a link, is an error and the end.
// A link that leads outside is made, with a warning; a link that is in the
// place of a file is replaced, where upstream writes to what it leads to.
//
// A fault of an archive is the end of it, but, as upstream's, no exit status.
func RunUntar(ctx context.Context, env *tool.Env, args []string) int {
	u := untar{left: unpack.DefaultLimit}
	var names []string
	return env.Run("untar", untarUsage, args, []tool.Option{
		tool.List("-f --file", &names),
		tool.Flag("-v --verbose", &u.verbose, true),
		tool.Flag("--non-strict --bad-decisions-mode --drunk-mode", &u.lenient, true),
		tool.Flag("--fuzz-mode --fuzzing --chaos", &u.nothing, true),
		tool.Flag("--strict", &u.strict, true),
		tool.Limit(&u.left),
	}, func() error { return u.unpackAll(env, names) })
}

// unpackAll unpacks the archives called names.
func (u *untar) unpackAll(env *tool.Env, names []string) error {
	inside, closeRoot, err := env.Confine()
	if err != nil {
		return err
	}
	defer closeRoot()
	u.Env = inside
	var archives []*unpack.Tar
	var paths []string
	for _, name := range names {
		src, err := env.Read(name)
		if err != nil {
			if err := u.Doubt("untar", !u.lenient, err); err != nil {
				return err
			}
			continue
		}
		archives, paths = append(archives, unpack.NewTar(src)), append(paths, name)
	}
	for i := len(archives) - 1; i >= 0; i-- {
		err := u.unpack(archives[i], paths[i])
		if fault := new(unpack.Error); errors.As(err, &fault) && fault.Code == 0 {
			err = u.fault(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fault reports what upstream reports and then exits with 0.
func (u *untar) fault(err error) error {
	if !u.strict {
		u.Fail("untar", err)
		return nil
	}
	return err
}

// say prints a line on standard output if it is to be verbose.
func (u *untar) say(format string, args ...any) {
	if u.verbose {
		fmt.Fprintf(u.Stdout, format+"\n", args...)
	}
}

// unpack unpacks one archive.
func (u *untar) unpack(t *unpack.Tar, name string) error {
	u.say("Extracting from %s", name)
	for {
		m, err := t.Next()
		if err == io.EOF {
			u.say("End of %s", name)
			return nil
		}
		if err != nil {
			return err
		}
		if m.Doubt != "" {
			if err := u.Doubt("untar", u.strict, fmt.Errorf("%s: byte %d: %q: %s", name, m.Offset, m.Name, m.Doubt)); err != nil {
				return err
			}
		}
		if err := u.member(t, m); err != nil {
			return err
		}
	}
}

// kinds is what upstream calls the members that it makes nothing of.
var kinds = map[byte]string{
	unpack.HardLink:    "hardlink",
	unpack.CharDevice:  "character device",
	unpack.BlockDevice: "block device",
	unpack.Pipe:        "FIFO",
}

// member unpacks a member.
func (u *untar) member(t *unpack.Tar, m *unpack.Member) error {
	kind, skip := kinds[m.Type]
	switch {
	case skip && !u.lenient:
		return fmt.Errorf("%q is a %s, which untar does not make; --non-strict leaves it out", m.Name, kind)
	case skip:
		fmt.Fprintf(u.Stdout, " Ignoring %s %s\n", kind, m.Name)
	case m.Name != "" && !tool.Local(m.Name):
		return fmt.Errorf("%q is not below the working directory", m.Name)
	case m.Type == unpack.Directory:
		u.say(" Extracting dir %s", m.Name)
		return u.make(m, func() error { return u.MkdirAll(m.Name, tool.PermOf(m.Mode), 0o755) })
	case m.Type == unpack.SymLink:
		u.say(" Extracting file %s", m.Name)
		return u.link(m)
	default:
		u.say(" Extracting file %s", m.Name)
		return u.file(t, m)
	}
	_, err := t.Data(m)
	return err
}

// outside returns err, or, if it says that a link leads out of the working
// directory, an error that is the end of the run.
func outside(m *unpack.Member, err error) (_ error, end bool) {
	if tool.Escapes(err) {
		return fmt.Errorf("%q is not below the working directory: a link leads out of it", m.Name), true
	}
	return err, false
}

// make calls do. Its error, as upstream's, is not the end.
func (u *untar) make(m *unpack.Member, do func() error) error {
	if u.nothing {
		return nil
	}
	err := errNoName
	if m.Name != "" {
		err = do()
	}
	err, end := outside(m, err)
	if err == nil || end {
		return err
	}
	return u.Doubt("untar", u.strict, err)
}

var errNoName = errors.New("a member has no name")

// link makes a symbolic link.
func (u *untar) link(m *unpack.Member) error {
	if target := m.Link; path.IsAbs(target) || !tool.Local(path.Join(path.Dir(m.Name), target)) {
		if err := u.Doubt("untar", u.strict, fmt.Errorf("the link %q leads to %q, outside of the working directory", m.Name, target)); err != nil {
			return err
		}
	}
	if u.nothing {
		return nil
	}
	var err error
	switch name := u.Path(m.Name); {
	case m.Name == "":
		err = errNoName
	case name == "":
		err = syscall.ENOENT
	default:
		err = u.FS.Symlink(m.Link, name)
	}
	err, end := outside(m, err)
	if err == nil || end {
		return err
	}
	return u.Doubt("untar", !u.lenient || u.strict, fmt.Errorf("%s: cannot make link: %w", m.Name, tool.Cause(err)))
}

var errLimit = errors.New("the archives unpack to more than the limit; raise that with --limit if they are meant to")

// file makes a file, and the directory that it is in.
func (u *untar) file(t *unpack.Tar, m *unpack.Member) error {
	if u.left -= m.Size; u.left < 0 {
		return errLimit
	}
	data, err := t.Data(m)
	if err != nil {
		return err
	}
	return u.make(m, func() error {
		if strings.HasSuffix(m.Name, "/") {
			if err := u.MkdirAll(m.Name, 0o755, 0o755); err != nil {
				return err
			}
			return fmt.Errorf("%s: is made as a directory, though the archive has it as a file", m.Name)
		}
		write := func() error {
			return u.Write(m.Name, 0o666, func(w io.Writer) error {
				_, err := w.Write(data)
				return err
			})
		}
		err := write()
		if errors.Is(err, fs.ErrNotExist) {
			if err := u.MkdirAll(path.Dir(m.Name), 0o755, 0o755); err != nil {
				return err
			}
			return write()
		}
		return err
	})
}
