package emu_test

import (
	"context"
	"errors"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/emu"
	"stage0/internal/emu/translate"
)

// TestLockstep runs the ladders of the tree that STAGE0_POSIX names, for the
// architectures in STAGE0_LOCKSTEP, separated by commas. It also runs each program of
// the ladders alone, translated and in single steps, for up to STAGE0_STEPS million
// instructions, and compares the system calls, the memory at some of them, and the
// number of instructions.
func TestLockstep(t *testing.T) {
	root, archs := os.Getenv("STAGE0_POSIX"), os.Getenv("STAGE0_LOCKSTEP")
	if root == "" || archs == "" {
		t.Skip("STAGE0_POSIX names no tree, or STAGE0_LOCKSTEP no architecture")
	}
	steps := uint64(2e6)
	if s := os.Getenv("STAGE0_STEPS"); s != "" {
		n, err := strconv.ParseUint(s, 10, 32)
		require.NoError(t, err)
		steps = n * 1e6
	}
	for name := range strings.SplitSeq(archs, ",") {
		t.Run(name, func(t *testing.T) {
			target, ok := arch.Lookup(name)
			require.True(t, ok)
			files := readTree(t, root)
			translator := translate.New(false)
			programs, whole := 0, 0
			cfg := emu.Config{
				FS: files, Dir: "/", Limits: emu.DefaultLimits, Translator: translator, Umask: 0o022,
				Args: []string{"/bootstrap-seeds/POSIX/" + target.Dir + "/kaem-optional-seed", "kaem." + name},
				Exec: func(x emu.Exec) (emu.FS, error) {
					programs++
					if alone(t, translator, files, x, steps) {
						whole++
					}
					return files, nil
				},
			}
			status, stats, err := emu.Run(t.Context(), cfg.Args[0], cfg)
			assert.NoError(t, err)
			assert.Zero(t, status)
			t.Logf("%d programs, %d of them to their ends; the ladder has %d instructions", programs, whole, stats.Steps)
		})
	}
}

// An observation is a system call, with a digest of memory if that was taken.
type observation struct {
	call   string
	args   [6]uint64
	result int64
	memory uint32
}

// alone runs a program both ways, without the programs that it executes. It reports
// whether the program ran to its end.
func alone(t *testing.T, translator *translate.Translator, files memoryFS, x emu.Exec, steps uint64) bool {
	run := func(translator *translate.Translator) (all []observation, n uint64, err error) {
		first, own := true, maps.Clone(files)
		cfg := emu.Config{
			FS: own, Dir: x.Dir, Args: x.Args, Env: x.Env, Umask: x.Umask,
			Limits: emu.DefaultLimits, Translator: translator,
			Exec: func(emu.Exec) (emu.FS, error) { return own, nil },
			Instead: func(emu.Exec) (emu.Outcome, error) {
				was := first
				first = false
				return emu.Outcome{Done: !was}, nil
			},
			Call: func(e emu.Event) {
				o := observation{e.Call, e.Args, e.Result, 0}
				if e.Kind == emu.CallBegin && (len(all)%1024 == 0 || e.Call == "exit") {
					o.memory = crc32.ChecksumIEEE(e.Memory.Linear())
				}
				all = append(all, o)
			},
			Exit: func(e emu.Exit) {
				if e.Program == 1 {
					n = e.Steps
				}
			},
		}
		cfg.Limits.Steps = steps
		_, _, err = emu.Run(context.Background(), x.Path, cfg)
		return all, n, err
	}
	fast, fastSteps, fastErr := run(translator)
	slow, slowSteps, slowErr := run(nil)
	var limit *emu.LimitError
	cut := errors.As(fastErr, &limit) || errors.As(slowErr, &limit)
	if n := min(len(fast), len(slow)); cut {
		fast, slow = fast[:n], slow[:n]
	} else if len(fast) != len(slow) || fastSteps != slowSteps {
		t.Errorf("%d %s: %d system calls, %d instructions; in single steps %d and %d", x.Program, x.Args, len(fast), fastSteps, len(slow), slowSteps)
		return false
	}
	for i := range fast {
		if fast[i] != slow[i] {
			t.Errorf("%d %s: call %d is %+v; in single steps %+v", x.Program, x.Args, i, fast[i], slow[i])
			break
		}
	}
	return !cut
}

// memoryFS is a tree of files in memory.
type memoryFS map[string]memoryFile

type memoryFile struct {
	name string
	data []byte
	perm fs.FileMode
}

func readTree(t *testing.T, root string) memoryFS {
	files := memoryFS{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		at := "/" + strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(root)), "/")
		info, err := d.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return err
		}
		f := memoryFile{path.Base(at), nil, info.Mode()}
		if !d.IsDir() {
			if f.data, err = os.ReadFile(name); err != nil {
				return err
			}
		}
		files[at] = f
		return nil
	})
	require.NoError(t, err)
	return files
}

func (f memoryFS) find(name string) (memoryFile, error) {
	file, ok := f[path.Clean(name)]
	if !ok {
		return file, fs.ErrNotExist
	}
	return file, nil
}

func (f memoryFS) ReadFile(name string) ([]byte, error) {
	file, err := f.find(name)
	return file.data, err
}

func (f memoryFS) WriteFile(name string, data []byte, perm fs.FileMode) error {
	if _, err := f.find(path.Dir(name)); err != nil {
		return err
	}
	if old, err := f.find(name); err == nil {
		perm = old.perm
	}
	f[path.Clean(name)] = memoryFile{path.Base(name), data, perm}
	return nil
}

func (f memoryFS) Stat(name string) (fs.FileInfo, error) {
	file, err := f.find(name)
	return file, err
}

func (f memoryFS) Chmod(name string, perm fs.FileMode) error {
	file, err := f.find(name)
	if err == nil {
		file.perm = file.perm.Type() | perm
		f[path.Clean(name)] = file
	}
	return err
}

func (f memoryFS) Remove(name string) error {
	_, err := f.find(name)
	delete(f, path.Clean(name))
	return err
}

func (f memoryFS) Mkdir(name string, perm fs.FileMode) error {
	if _, err := f.find(name); err == nil {
		return fs.ErrExist
	}
	f[path.Clean(name)] = memoryFile{path.Base(name), nil, fs.ModeDir | perm}
	return nil
}

func (f memoryFile) Name() string       { return f.name }
func (f memoryFile) Size() int64        { return int64(len(f.data)) }
func (f memoryFile) Mode() fs.FileMode  { return f.perm }
func (f memoryFile) ModTime() time.Time { return time.Time{} }
func (f memoryFile) IsDir() bool        { return f.perm.IsDir() }
func (f memoryFile) Sys() any           { return nil }
