package bootstrap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"stage0/tool"
)

// CheckOutput reports why WriteFiles could not write to dir: it must be an
// empty directory, or not be there.
func CheckOutput(dir string) error {
	f, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		clean := filepath.Clean(dir) // without a slash at the end
		if _, err := os.Lstat(clean); err == nil {
			return fmt.Errorf("%s: is a dangling link", dir)
		}
		if err := tryWriting(filepath.Dir(clean)); err != nil {
			return fmt.Errorf("%s: cannot make directory: %w", dir, tool.Cause(err))
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", dir, tool.Cause(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.IsDir() {
		return fmt.Errorf("%s: is not a directory", dir)
	}
	switch _, err := f.Readdirnames(1); {
	case err == io.EOF:
		if err := tryWriting(dir); err != nil {
			return fmt.Errorf("%s: cannot write in it: %w", dir, tool.Cause(err))
		}
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", dir, tool.Cause(err))
	}
	return fmt.Errorf("%s: is not empty", dir)
}

// tryWriting returns an error if files cannot be created in a directory.
func tryWriting(dir string) error {
	tmp, err := os.MkdirTemp(dir, ".stage0-")
	if err != nil {
		return err
	}
	return os.Remove(tmp)
}

// WriteFiles writes the files that the ladders made to dir, which is created if
// necessary. After an error it leaves nothing there.
func (run *Run) WriteFiles(dir string) error {
	made, err := run.made()
	if err != nil {
		return err
	}
	return fill(dir, func(tmp string) error {
		root, err := os.OpenRoot(tmp)
		if err != nil {
			return err
		}
		defer root.Close()
		for name, v := range made {
			if err := v.write(root, name); err != nil {
				return fmt.Errorf("%s: cannot write: %w", filepath.Join(dir, name), tool.Cause(err))
			}
		}
		return nil
	})
}

// write writes the file called name below root.
func (v *version) write(root *os.Root, name string) error {
	err := root.MkdirAll(path.Dir(name), 0o777)
	if err == nil {
		err = root.WriteFile(name, v.data, 0o600)
	}
	if err == nil {
		err = root.Chmod(name, v.perm&fs.ModePerm) // no setuid, whoever asks for it
	}
	return err
}

// fill has make write to a directory, all of which is then moved to dir, which
// is made if need be. After an error nothing of it is left there.
func fill(dir string, make func(tmp string) error) (err error) {
	if err := CheckOutput(dir); err != nil {
		return err
	}
	switch e := os.Mkdir(dir, 0o777); {
	case e == nil:
		defer func() {
			if err != nil {
				os.Remove(dir)
			}
		}()
	case !errors.Is(e, os.ErrExist):
		return e
	}
	tmp, err := os.MkdirTemp(dir, ".stage0-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := make(tmp); err != nil {
		return err
	}
	return moveUp(tmp, dir)
}

// moveUp moves everything in the directory tmp to its parent dir.
func moveUp(tmp, dir string) error {
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if err = os.Rename(filepath.Join(tmp, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			for _, moved := range entries[:i] {
				os.RemoveAll(filepath.Join(dir, moved.Name()))
			}
			break
		}
	}
	return err
}

// made returns the files that the ladders made. It fails if two of them made
// different files at the same path.
func (run *Run) made() (map[string]*version, error) {
	all := map[string]*version{}
	for i, files := range run.files {
		for _, name := range slices.Sorted(maps.Keys(files.made)) {
			v := files.made[name]
			if v.step < 0 {
				continue
			}
			if other := all[name]; other != nil && (other.perm != v.perm || !bytes.Equal(other.data, v.data)) {
				return nil, fmt.Errorf("%s: the ladder of %s makes other bytes than an earlier ladder", name, run.Ledgers[i].Arch.Name)
			}
			all[name] = v
		}
	}
	return all, nil
}
