package extra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"stage0/extra"
	"stage0/source"
	"stage0/tool"
)

const sha256sumUsage = `usage: sha256sum [-o FILE] [--strict] FILE...
       sha256sum -c [--strict] LIST...

Prints the SHA-256 of files, or checks the files in lists of them.

  -c, --check         check
  -o, --output FILE   what to write digests to; standard output if not given
      --strict        refuse a list that ends without a line end
  -h, --help
`

// RunSHA256Sum is sha256sum of mescc-tools-extra. What it has found is on
// standard output, even where that is a failure; why a list is not one is said
// on standard error besides. Other options are taken for files.
func RunSHA256Sum(ctx context.Context, env *tool.Env, args []string) int {
	var (
		check, strict bool
		output        string
		files         []string
	)
	return env.Run("sha256sum", sha256sumUsage, args, []tool.Option{
		tool.Flag("-c --check", &check, true),
		tool.Text("-o --output", &output),
		tool.Flag("--strict", &strict, true),
		tool.Names(&files),
	}, func() error {
		if check {
			return checkLists(env, files, env.Diagnostics(strict))
		}
		if err := env.NotInput(output, files...); err != nil {
			return err
		}
		return env.WriteOrPrint(output, 0o666, func(w io.Writer) error {
			for _, name := range files {
				sum, err := digest(env, w, name)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "%s  %s\n", sum, name)
			}
			return nil
		})
	})
}

// errSaid is that of what has been reported, as upstream words it.
var errSaid = tool.Exit{Status: 1}

// checkLists checks the files in lists.
func checkLists(env *tool.Env, lists []string, diag source.Diagnostics) error {
	good := true
	for _, name := range lists {
		ok, err := checkList(env, name, diag)
		if err != nil {
			return err
		}
		good = good && ok
	}
	if !good {
		return errSaid
	}
	return nil
}

// digest returns the digest of a file. That there is none is said on w.
func digest(env *tool.Env, w io.Writer, name string) (string, error) {
	src, err := env.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "%s: No such file or directory\n", name)
		return "", errSaid
	}
	if err != nil {
		return "", err
	}
	return extra.SHA256(src.Text), nil
}

// checkList checks the files in a list. ok reports that they all are as they
// should be.
func checkList(env *tool.Env, name string, diag source.Diagnostics) (ok bool, err error) {
	src, err := env.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(env.Stdout, "%s: No such file or directory\n", name)
		return false, errSaid
	}
	if err != nil {
		return false, err
	}
	list := extra.NewChecksumList(src, diag)
	ok = true
	for {
		want, err := list.Next()
		if err == io.EOF {
			return ok, nil
		}
		if fault := new(source.Error); errors.As(err, &fault) {
			fmt.Fprintf(env.Stdout, "%s: no properly formatted SHA256 checksum lines found\n", name)
		}
		if err != nil {
			return false, err
		}
		have, err := digest(env, env.Stdout, want.Name)
		switch {
		case err != nil:
			return false, err
		case have == want.Digest:
			fmt.Fprintf(env.Stdout, "%s: OK\n", want.Name)
		default:
			fmt.Fprintf(env.Stdout, "%s: FAILED\nWanted:   %s\nReceived: %s\n", want.Name, want.Digest, have)
			ok = false
		}
	}
}
