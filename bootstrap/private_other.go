//go:build !unix

package bootstrap

import (
	"io/fs"
	"os"
)

// checkPrivate is for Unix: elsewhere, permissions do not say who can write to
// a cache.
func checkPrivate(string, *os.Root) error { return nil }

func ownedByUser(fs.FileInfo) bool { return true }
