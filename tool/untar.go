package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"stage0/extra"
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
	*Env    // confined to the working directory
	verbose bool
	lenient bool // --non-strict
	nothing bool // --fuzz-mode
	strict  bool
	left    int64 // how many bytes may still be unpacked
}

// runUntar is untar of mescc-tools-extra. Of permissions it keeps those of
// directories. Nothing is made outside of the working directory: a member whose
// name is not below it, or leads out of it by a link, is an error and the end.
// A link that leads outside is made, with a warning; a link that is in the
// place of a file is replaced, where upstream writes to what it leads to.
//
// A fault of an archive is the end of it, but, as upstream's, no exit status.
func runUntar(ctx context.Context, env *Env, args []string) int {
	u := untar{left: extra.DefaultLimit}
	var names []string
	err := parse(args[1:], []option{
		list("-f --file", &names),
		flag("-v --verbose", &u.verbose, true),
		flag("--non-strict --bad-decisions-mode --drunk-mode", &u.lenient, true),
		flag("--fuzz-mode --fuzzing --chaos", &u.nothing, true),
		flag("--strict", &u.strict, true),
		limit(&u.left),
		env.help(untarUsage),
	})
	if errors.Is(err, errDone) {
		return 0
	}
	if err == nil {
		err = u.unpackAll(env, names)
	}
	if err != nil {
		return env.fail("untar", err)
	}
	return 0
}

// unpackAll unpacks the archives called names.
func (u *untar) unpackAll(env *Env, names []string) error {
	inside, closeRoot, err := env.confine()
	if err != nil {
		return err
	}
	defer closeRoot()
	u.Env = inside
	var archives []*extra.Tar
	var paths []string
	for _, name := range names {
		src, closer, err := env.open(name)
		if err != nil {
			if err := u.doubt("untar", !u.lenient, err); err != nil {
				return err
			}
			continue
		}
		defer closer.Close()
		archives, paths = append(archives, extra.NewTar(src)), append(paths, name)
	}
	for i := len(archives) - 1; i >= 0; i-- {
		err := u.unpack(archives[i], paths[i])
		if fault := new(extra.Error); errors.As(err, &fault) && fault.Code == 0 {
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
		u.fail("untar", err)
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
func (u *untar) unpack(t *extra.Tar, name string) error {
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
			if err := u.doubt("untar", u.strict, fmt.Errorf("%s: byte %d: %q: %s", name, m.Offset, m.Name, m.Doubt)); err != nil {
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
	extra.HardLink:    "hardlink",
	extra.CharDevice:  "character device",
	extra.BlockDevice: "block device",
	extra.Pipe:        "FIFO",
}

// member unpacks a member.
func (u *untar) member(t *extra.Tar, m *extra.Member) error {
	kind, skip := kinds[m.Type]
	switch {
	case skip && !u.lenient:
		return fmt.Errorf("%q is a %s, which untar does not make; --non-strict leaves it out", m.Name, kind)
	case skip:
		fmt.Fprintf(u.Stdout, " Ignoring %s %s\n", kind, m.Name)
	case m.Name != "" && !local(m.Name):
		return fmt.Errorf("%q is not below the working directory", m.Name)
	case m.Type == extra.Directory:
		u.say(" Extracting dir %s", m.Name)
		return u.make(m, func() error { return u.mkdirAll(m.Name, permOf(m.Mode), 0o755) })
	case m.Type == extra.SymLink:
		u.say(" Extracting file %s", m.Name)
		return u.link(m)
	default:
		u.say(" Extracting file %s", m.Name)
		return u.file(t, m)
	}
	_, err := t.Data(m)
	return err
}

// errEscapes is the text of the error of an os.Root for what is outside.
const errEscapes = "path escapes from parent"

// outside returns err, or, if it says that a link leads out of the working
// directory, an error that is the end of the run.
func outside(m *extra.Member, err error) (_ error, end bool) {
	if err != nil && strings.HasSuffix(err.Error(), errEscapes) {
		return fmt.Errorf("%q is not below the working directory: a link leads out of it", m.Name), true
	}
	return err, false
}

// make calls do. Its error, as upstream's, is not the end.
func (u *untar) make(m *extra.Member, do func() error) error {
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
	return u.doubt("untar", u.strict, err)
}

var errNoName = errors.New("a member has no name")

// link makes a symbolic link.
func (u *untar) link(m *extra.Member) error {
	if target := m.Link; path.IsAbs(target) || !local(path.Join(path.Dir(m.Name), target)) {
		if err := u.doubt("untar", u.strict, fmt.Errorf("the link %q leads to %q, outside of the working directory", m.Name, target)); err != nil {
			return err
		}
	}
	if u.nothing {
		return nil
	}
	var err error
	switch name := u.path(m.Name); {
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
	return u.doubt("untar", !u.lenient || u.strict, fmt.Errorf("%s: cannot make link: %w", m.Name, Cause(err)))
}

var errLimit = errors.New("the archives unpack to more than the limit; raise that with --limit if they are meant to")

// file makes a file, and the directory that it is in.
func (u *untar) file(t *extra.Tar, m *extra.Member) error {
	if u.left -= m.Size; u.left < 0 {
		return errLimit
	}
	data, err := t.Data(m)
	if err != nil {
		return err
	}
	return u.make(m, func() error {
		if strings.HasSuffix(m.Name, "/") {
			if err := u.mkdirAll(m.Name, 0o755, 0o755); err != nil {
				return err
			}
			return fmt.Errorf("%s: is made as a directory, though the archive has it as a file", m.Name)
		}
		write := func() error {
			return u.write(m.Name, 0o666, func(w io.Writer) error {
				_, err := io.Copy(w, data)
				return err
			})
		}
		err := write()
		if errors.Is(err, fs.ErrNotExist) {
			if err := u.mkdirAll(path.Dir(m.Name), 0o755, 0o755); err != nil {
				return err
			}
			return write()
		}
		return err
	})
}
