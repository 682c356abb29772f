package bootstrap

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// A Cache keeps what programs did when they were emulated, so that they need
// not be again. It is a directory:
//
//	blob/DD/DIGEST    a file that a program wrote
//	run/KEY/DIGEST    what a program did, as JSON
//
// DIGEST is the SHA-256 of the file, in hex, DD its first two digits; a file
// that is not what its name says is removed, and never used. KEY is the
// SHA-256 of what is known of a program before it runs. Files are renamed into
// place, so that several programs may use a cache at a time.
//
// All the same, a cache is to be trusted as much as who can write to it: one
// that has been given the results of other programs than its owner's gives
// them back. Its directories can be written, and read, by their owner alone,
// and on Unix OpenCache refuses one to which others can write.
type Cache struct {
	root     *os.Root
	emulator string
	max      int64

	mu   sync.Mutex
	warn error // the first error that kept something from being kept
}

const (
	// maxCache is how large a Cache may get, in bytes: several times what the
	// five ladders make of one release.
	maxCache = 2 << 30

	// maxRecords is how many of what a program did are kept of each key, and
	// maxRecord is how large each may be, in bytes.
	maxRecords = 64 // M2-Mesoplanet runs M2-Planet 13 times, with the same names of temporary files
	maxRecord  = 16 << 20

	blobs = "blob"
	runs  = "run"
)

// OpenCache returns the cache in the directory dir, which is made if need be.
// emulator is what executes the programs, and how, say a digest of it: what another
// one keeps there is not used.
func OpenCache(dir, emulator string) (*Cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := checkPrivate(dir, root); err != nil {
		root.Close()
		return nil, err
	}
	return &Cache{root: root, emulator: emulator, max: maxCache}, nil
}

// Close makes the cache smaller if it has grown too large: what has not been
// used for the longest time is removed. It returns the first error that kept
// something from being kept, which harms nothing else.
func (c *Cache) Close() error {
	c.failed(c.prune())
	c.root.Close()
	return c.warn
}

// failed notes an error of keeping something.
func (c *Cache) failed(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.warn == nil {
		c.warn = err
	}
}

// blobName returns where a blob is.
func blobName(d Digest) string {
	name := d.String()
	return filepath.Join(blobs, name[:2], name)
}

// blob returns the file with a digest, if it is there.
func (c *Cache) blob(d Digest) ([]byte, bool) { return c.read(blobName(d), d, maxWritten) }

// keepBlob keeps a file.
func (c *Cache) keepBlob(d Digest, data []byte) error {
	if _, err := c.root.Stat(blobName(d)); err == nil {
		return nil
	}
	return c.write(blobName(d), data)
}

// records returns what has been kept of a key.
func (c *Cache) records(key Digest) [][]byte {
	var all [][]byte
	for _, name := range c.recordNames(key) {
		d, err := ParseDigest(filepath.Base(name))
		if err != nil {
			continue
		}
		if data, ok := c.read(name, d, maxRecord); ok {
			all = append(all, data)
		}
	}
	return all
}

// recordNames returns the files of a key.
func (c *Cache) recordNames(key Digest) []string {
	dir, err := c.root.Open(filepath.Join(runs, key.String()))
	if err != nil {
		return nil
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	slices.Sort(names)
	for i := range names {
		names[i] = filepath.Join(runs, key.String(), names[i])
	}
	return names
}

// keepRecord keeps data of a key.
func (c *Cache) keepRecord(key Digest, data []byte) error {
	if len(data) > maxRecord {
		return nil
	}
	if names := c.recordNames(key); len(names) >= maxRecords {
		for _, name := range names {
			c.root.Remove(name)
		}
	}
	return c.write(filepath.Join(runs, key.String(), Digest(sha256.Sum256(data)).String()), data)
}

// read returns what a file holds, if it has the digest d, at most limit bytes
// and no foreign owner, and notes that it was used.
func (c *Cache) read(name string, d Digest, limit int64) ([]byte, bool) {
	info, err := c.root.Lstat(name)
	if err != nil {
		return nil, false
	}
	var data []byte
	if info.Mode().IsRegular() && info.Size() <= limit && ownedByUser(info) {
		if data, err = c.root.ReadFile(name); err == nil && sha256.Sum256(data) == d {
			now := time.Now()
			c.root.Chtimes(name, now, now)
			return data, true
		}
	}
	c.root.RemoveAll(name)
	return nil, false
}

// write makes a file.
func (c *Cache) write(name string, data []byte) error {
	if err := c.root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	for n := 0; ; n++ {
		temporary := fmt.Sprintf("%s.%d.%d.tmp", name, os.Getpid(), n)
		f, err := c.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) && n < 100 {
			continue // another goroutine's
		}
		if err != nil {
			return err
		}
		_, err = bytes.NewReader(data).WriteTo(f)
		if e := f.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = c.root.Rename(temporary, name)
		}
		if err != nil {
			c.root.Remove(temporary)
		}
		return err
	}
}

// prune removes what has been used least lately until the cache is no larger
// than three quarters of what it may be, if it is larger than it may be.
func (c *Cache) prune() error {
	type file struct {
		name string
		size int64
		used time.Time
	}
	var files []file
	var size int64
	err := fs.WalkDir(c.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreGone(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreGone(err)
		}
		files = append(files, file{name, info.Size(), info.ModTime()})
		size += info.Size()
		return nil
	})
	if err != nil || size <= c.max {
		return err
	}
	slices.SortFunc(files, func(a, b file) int { return a.used.Compare(b.used) })
	for _, f := range files {
		if size <= c.max*3/4 {
			break
		}
		if err := c.root.Remove(f.name); ignoreGone(err) != nil {
			return err
		}
		size -= f.size
	}
	return nil
}

// ignoreGone is for files that another program has removed.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
