package extra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"stage0/extra"
	"stage0/source"
	"stage0/tool"
)

const cpUsage = `usage: cp [-v] [--strict] SOURCE DESTINATION

Copies a file, to another name or into a directory.

  -v, --verbose   say what is copied
      --strict    accepted; there is nothing to be strict about
  -V, --version
  -h, --help
`

// RunCp is cp 1.4.0 of mescc-tools-extra. Of several sources it copies the
// first, and then takes that copy for the directory that the others are to go
// to: so does upstream. The permissions are those of a new file.
//
// Upstream crashes when the destination cannot be made, and when it or the
// source is a directory that it cannot tell from a file.
func RunCp(ctx context.Context, env *tool.Env, args []string) int {
	var verbose, strict bool
	var files []string
	return env.Run("cp", cpUsage, args, []tool.Option{
		tool.Flag("-v --verbose", &verbose, true),
		tool.Flag("--strict", &strict, true),
		env.Version("cp version 1.4.0\n"),
		tool.List("", &files),
	}, func() error {
		switch {
		case len(files) < 2 || files[0] == "":
			return errors.New("expected a source and a destination")
		case files[len(files)-1] == "":
			return errors.New("the destination has no name")
		}
		sources, to := files[:len(files)-1], files[len(files)-1]
		for i, name := range sources {
			isDir := strings.HasSuffix(to, "/") || env.IsDir(to)
			switch {
			case isDir:
				to = strings.TrimSuffix(to, "/") + "/" + name[strings.LastIndexByte(name, '/')+1:]
			case i > 0:
				return fmt.Errorf("%s: is not copied; only the first of several sources is", name)
			case len(sources) > 1:
				return fmt.Errorf("%s: is not a directory, so several files cannot be copied to it", to)
			}
			if err := copyFile(env, name, to, verbose); err != nil {
				return err
			}
		}
		return nil
	})
}

func copyFile(env *tool.Env, from, to string, verbose bool) error {
	src, err := env.Read(from)
	if err != nil {
		return err
	}
	if verbose {
		fmt.Fprintf(env.Stdout, "'%s' -> '%s'\n", from, to)
	}
	srcs := []source.Source{src}
	if env.Located(func(offset int64) (source.Position, error) { return extra.Locate(srcs, offset) }) {
		return nil
	}
	return env.Write(to, 0o666, func(w io.Writer) error { return extra.Catm(w, srcs) })
}
