package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"stage0/internal/emu"
	"strings"
)

// runFiles is the file system of a program: the files of a directory, overlaid in
// memory by the program's changes.
type runFiles struct {
	root    *os.Root
	made    map[string]*runFile
	removed map[string]bool
	dirs    map[string]fs.FileMode
}

type runFile struct {
	data []byte
	perm fs.FileMode
}

func newRunFiles(dir string) (*runFiles, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &runFiles{root, map[string]*runFile{}, map[string]bool{}, map[string]fs.FileMode{}}, nil
}

// below converts an absolute name to one relative to root.
func below(name string) string {
	if name = strings.TrimPrefix(name, "/"); name == "" {
		return "."
	}
	return name
}

// maxLinks is the maximum number of links followed for a name.
const maxLinks = 40

// real converts an absolute name to one relative to root, and resolves links. A link
// that is dangling, or that os.Root refuses to follow, is kept.
func (f *runFiles) real(name string) string {
	name = below(name)
	for range maxLinks {
		to, ok := f.follow(name)
		if !ok {
			break
		}
		name = to
	}
	return name
}

// entry is like real, but does not follow a link in the last element.
func (f *runFiles) entry(name string) string {
	return path.Join(f.real(path.Dir(name)), path.Base(name))
}

// follow resolves the first link in name. It reports whether there is one.
func (f *runFiles) follow(name string) (string, bool) {
	for end := 1; end <= len(name); end++ {
		if end < len(name) && name[end] != '/' {
			continue
		}
		link := name[:end]
		if f.made[link] != nil || f.removed[link] {
			continue
		}
		if to, err := f.root.Readlink(link); err == nil && !path.IsAbs(to) {
			return path.Join(path.Dir(link), to, name[end:]), true
		}
	}
	return "", false
}

func (f *runFiles) ReadFile(name string) ([]byte, error) {
	name = f.real(name)
	if file := f.made[name]; file != nil {
		return file.data, nil
	}
	if f.removed[name] {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	info, err := f.root.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	if err != nil {
		return nil, err
	}
	return f.root.ReadFile(name)
}

func (f *runFiles) WriteFile(name string, data []byte, perm fs.FileMode) error {
	name = f.real(name)
	info, err := f.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrPermission}
	case err == nil:
		perm = info.Mode().Perm()
	default:
		_, notLink := f.root.Readlink(name)
		if dir, err := f.Stat(path.Dir(name)); err != nil || !dir.IsDir() || notLink == nil && !f.removed[name] {
			return &fs.PathError{Op: "create", Path: name, Err: fs.ErrNotExist}
		}
	}
	f.made[name] = &runFile{data, perm}
	return nil
}

func (f *runFiles) Stat(name string) (fs.FileInfo, error) {
	name = f.real(name)
	if file := f.made[name]; file != nil {
		return emu.FileInfo(name, int64(len(file.data)), file.perm), nil
	}
	if mode, ok := f.dirs[name]; ok {
		return emu.FileInfo(name, 0, fs.ModeDir|mode), nil
	}
	if f.removed[name] {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrNotExist}
	}
	return f.root.Stat(name)
}

func (f *runFiles) Chmod(name string, perm fs.FileMode) error {
	data, err := f.ReadFile(name)
	if err == nil {
		f.made[f.real(name)] = &runFile{data, perm}
	}
	return err
}

func (f *runFiles) Remove(name string) error {
	if info, err := f.Stat(name); err != nil || info.IsDir() {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	name = f.entry(name)
	delete(f.made, name)
	f.removed[name] = true
	return nil
}

func (f *runFiles) Mkdir(name string, perm fs.FileMode) error {
	if _, err := f.Stat(name); err == nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrExist}
	}
	if dir, err := f.Stat(path.Dir(name)); err != nil || !dir.IsDir() {
		return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrNotExist}
	}
	f.dirs[f.entry(name)] = perm
	return nil
}

// commit applies the program's changes to the directory.
func (f *runFiles) commit() error {
	for _, name := range slices.Sorted(maps.Keys(f.dirs)) {
		if err := f.root.Mkdir(name, f.dirs[name]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.removed)) {
		if f.made[name] != nil {
			continue
		}
		if _, err := f.root.Lstat(name); err != nil { // created and removed by the program
			continue
		}
		if err := f.root.Remove(name); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.made)) {
		if err := f.write(name, f.made[name]); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file under a temporary name, and renames it to name.
func (f *runFiles) write(name string, file *runFile) error {
	temporary := fmt.Sprintf("%s.%d.tmp", name, os.Getpid())
	err := f.root.WriteFile(temporary, file.data, file.perm)
	if err == nil {
		err = f.root.Chmod(temporary, file.perm&fs.ModePerm)
	}
	if err == nil {
		err = f.root.Rename(temporary, name)
	}
	if err != nil {
		f.root.Remove(temporary)
	}
	return err
}
