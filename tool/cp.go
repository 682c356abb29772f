package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"stage0/extra"
	"stage0/source"
)

const cpUsage = `usage: cp [-v] [--strict] SOURCE DESTINATION

Copies a file, to another name or into a directory.

  -v, --verbose   say what is copied
      --strict    accepted; there is nothing to be strict about
  -V, --version
  -h, --help
`

// runCp is cp 1.4.0 of mescc-tools-extra. Of several sources it copies the
// first, and then takes that copy for the directory that the others are to go
// to: so does upstream. The permissions are those of a new file.
//
// Upstream crashes when the destination cannot be made, and when it or the
// source is a directory that it cannot tell from a file.
func runCp(ctx context.Context, env *Env, args []string) int {
	var verbose, strict bool
	var files []string
	err := parse(args[1:], []option{
		flag("-v --verbose", &verbose, true),
		flag("--strict", &strict, true),
		env.version("cp version 1.4.0\n"),
		env.help(cpUsage),
		list("", &files),
	})
	switch {
	case errors.Is(err, errDone):
		return 0
	case err != nil:
	case len(files) < 2 || files[0] == "":
		err = errors.New("want a source and a destination")
	case files[len(files)-1] == "":
		err = errors.New("the destination has no name")
	default:
		sources, to := files[:len(files)-1], files[len(files)-1]
		for i, name := range sources {
			isDir := strings.HasSuffix(to, "/") || env.isDir(to)
			if len(sources) > 1 && !isDir {
				err = fmt.Errorf("%s: is no directory to copy several files to", to)
				if i > 0 {
					err = fmt.Errorf("%s: is not copied; only the first of several sources is", name)
				}
				break
			}
			if isDir {
				to = strings.TrimSuffix(to, "/") + "/" + name[strings.LastIndexByte(name, '/')+1:]
			}
			if err = env.copyFile(name, to, verbose); err != nil {
				break
			}
		}
	}
	if err != nil {
		return env.fail("cp", err)
	}
	return 0
}

// isDir reports whether name is a directory.
func (env *Env) isDir(name string) bool {
	info, err := env.FS.Stat(env.path(name))
	return err == nil && info.IsDir()
}

func (env *Env) copyFile(from, to string, verbose bool) error {
	src, closer, err := env.open(from)
	if err != nil {
		return err
	}
	defer closer.Close()
	if verbose {
		fmt.Fprintf(env.Stdout, "'%s' -> '%s'\n", from, to)
	}
	srcs := []source.Source{src}
	if env.located(func(offset int64) (source.Position, error) { return extra.Locate(srcs, offset) }) {
		return nil
	}
	return env.write(to, 0o666, func(w io.Writer) error { return extra.Catm(w, srcs) })
}
