//go:build unix

package bootstrap

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// checkPrivate reports who but its owner can change what is in the cache in the
// directory dir, which root has open. Nobody else may write to it, or to a
// directory in it; all of these belong to the user, or to root, who can do
// anything as it is. The directories above may not let everybody rename what is
// in them, as those with the sticky bit do not.
//
// Access control lists are not looked at.
func checkPrivate(dir string, root *os.Root) error {
	if err := checkAbove(dir); err != nil {
		return err
	}
	return checkBelow(dir, root)
}

// checkAbove checks the directories that dir is in, all links followed.
func checkAbove(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	for err == nil {
		above := filepath.Dir(real)
		if above == real {
			break
		}
		real = above
		var info fs.FileInfo
		if info, err = os.Stat(real); err != nil {
			break
		}
		if mode := unixMode(info); mode&0o1002 == 0o002 {
			return fmt.Errorf("%s: others can put another in its place: %s has mode %04o", dir, real, mode)
		}
	}
	return err
}

// checkBelow checks a cache's own directory, and those in it.
func checkBelow(dir string, root *os.Root) error {
	check := func(name string) error {
		info, err := root.Lstat(name)
		if err != nil {
			return ignoreGone(err)
		}
		name = filepath.Join(dir, name)
		switch mode := unixMode(info); {
		case !ownedByUser(info):
			return fmt.Errorf("%s: belongs to user %d: a cache must be its user's own", name, info.Sys().(*syscall.Stat_t).Uid)
		case mode&0o022 != 0:
			return fmt.Errorf("%s: others can write to it (mode %04o): a cache must be writable by its owner alone", name, mode)
		}
		return nil
	}
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if name == "." || err == nil && d.IsDir() {
			if e := check(name); e != nil {
				return e
			}
		}
		return ignoreGone(err)
	})
}

// ownedByUser reports whether a file belongs to the user, or to root.
func ownedByUser(info fs.FileInfo) bool {
	uid := int(info.Sys().(*syscall.Stat_t).Uid)
	return uid == 0 || uid == os.Geteuid()
}

// unixMode returns permissions as chmod takes them.
func unixMode(info fs.FileInfo) uint32 {
	return uint32(info.Sys().(*syscall.Stat_t).Mode) & 0o7777
}
