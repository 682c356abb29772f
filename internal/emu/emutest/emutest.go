// Package emutest is shared by the tests of the emulator's packages: it makes ELF
// files from machine code, holds files in memory, and runs a program outside of the
// emulator for reference.
package emutest

import (
	"bytes"
	"context"
	"debug/elf"
	"encoding/binary"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/internal/emu"
	"stage0/internal/emu/translate"
)

// Base is the address of a program's first byte, Entry that of its code.
const (
	Base  = 0x600000
	Entry = Base + 0x100
)

// ELF returns an executable file with code at Entry. Its memory is filled with zeros
// up to size bytes from Base, and is readable, writable and executable, as in the
// ladders' programs. machine is ELF's e_machine.
func ELF(machine uint16, bits int, code []byte, size int) []byte {
	file := make([]byte, Entry-Base, Entry-Base+len(code))
	le := binary.LittleEndian
	copy(file, "\x7fELF\x00\x01\x01")
	le.PutUint16(file[16:], 2)
	le.PutUint16(file[18:], machine)
	le.PutUint32(file[20:], 1)
	fileSize := len(file) + len(code)
	size = max(size, fileSize)
	if bits == 64 {
		file[4] = 2
		le.PutUint64(file[24:], Entry)
		le.PutUint64(file[32:], 64) // program headers
		le.PutUint16(file[52:], 64)
		le.PutUint16(file[54:], 56)
		le.PutUint16(file[56:], 1)
		h := file[64:]
		le.PutUint32(h, 1)
		le.PutUint32(h[4:], 7)
		le.PutUint64(h[16:], Base)
		le.PutUint64(h[24:], Base)
		le.PutUint64(h[32:], uint64(fileSize))
		le.PutUint64(h[40:], uint64(size))
		le.PutUint64(h[48:], 0x1000)
	} else {
		file[4] = 1
		le.PutUint32(file[24:], Entry)
		le.PutUint32(file[28:], 52)
		le.PutUint16(file[40:], 52)
		le.PutUint16(file[42:], 32)
		le.PutUint16(file[44:], 1)
		h := file[52:]
		le.PutUint32(h, 1)
		le.PutUint32(h[8:], Base)
		le.PutUint32(h[12:], Base)
		le.PutUint32(h[16:], uint32(fileSize))
		le.PutUint32(h[20:], uint32(size))
		le.PutUint32(h[24:], 7)
		le.PutUint32(h[28:], 0x1000)
	}
	return append(file, code...)
}

// Files is a file system in memory. Its only directory is the root.
type Files map[string]*File

// A File holds the contents and permissions of a file.
type File struct {
	Data []byte
	Perm fs.FileMode
}

func (f Files) find(op, name string) (*File, error) {
	if file, ok := f[name]; ok {
		return file, nil
	}
	return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
}

// ReadFile implements emu.FS.
func (f Files) ReadFile(name string) ([]byte, error) {
	file, err := f.find("open", name)
	if err != nil {
		return nil, err
	}
	return file.Data, nil
}

// WriteFile implements emu.FS.
func (f Files) WriteFile(name string, data []byte, perm fs.FileMode) error {
	if file, ok := f[name]; ok {
		file.Data = data
		return nil
	}
	if path.Dir(name) != "/" {
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrNotExist}
	}
	f[name] = &File{data, perm}
	return nil
}

// Stat implements emu.FS.
func (f Files) Stat(name string) (fs.FileInfo, error) {
	if name == "/" {
		return emu.FileInfo("/", 0, fs.ModeDir|0o755), nil
	}
	file, err := f.find("stat", name)
	if err != nil {
		return nil, err
	}
	return emu.FileInfo(name, int64(len(file.Data)), file.Perm), nil
}

// Chmod implements emu.FS.
func (f Files) Chmod(name string, perm fs.FileMode) error {
	file, err := f.find("chmod", name)
	if err == nil {
		file.Perm = perm
	}
	return err
}

// Remove implements emu.FS.
func (f Files) Remove(name string) error {
	_, err := f.find("remove", name)
	delete(f, name)
	return err
}

// Mkdir implements emu.FS.
func (f Files) Mkdir(name string, perm fs.FileMode) error {
	return &fs.PathError{Op: "mkdir", Path: name, Err: fs.ErrPermission}
}

// A Result is the result of a run.
type Result struct {
	Stdout, Stderr string
	Status         int
	Stats          emu.Statistics
	files          Files
}

// A way is a way to execute programs. The results do not depend on it.
type way struct {
	Name       string
	Translator *translate.Translator
}

// Change sets c.Translator; it can be passed to Run.
func (w way) Change(c *emu.Config) { c.Translator = w.Translator }

// Ways are all ways: translated, with wazero's compiler and with its interpreter, and
// in single steps.
var Ways = []way{
	{"translated", translate.New(false)},
	{"interpreted", translate.New(true)},
	{"single steps", nil},
}

// Run runs the program in file, as /program in a file system with files, translated.
// changes modify the usual configuration; nil values are ignored.
func Run(file []byte, files Files, changes ...func(*emu.Config)) (Result, error) {
	all := Files{"/program": {file, 0o755}}
	maps.Copy(all, files)
	var out, errs bytes.Buffer
	cfg := emu.Config{
		FS:     all,
		Dir:    "/",
		Args:   []string{"/program"},
		Stdout: &out,
		Stderr: &errs,
		Limits: emu.DefaultLimits,
	}
	Ways[0].Change(&cfg)
	for _, change := range changes {
		if change != nil {
			change(&cfg)
		}
	}
	status, stats, err := emu.Run(context.Background(), "/program", cfg)
	return Result{out.String(), errs.String(), status, stats, all}, err
}

// RunBoth runs the program in file translated and in single steps, which must not differ,
// and returns the result.
func RunBoth(t *testing.T, file []byte) Result {
	t.Helper()
	translated, err := Run(file, nil)
	require.NoError(t, err)
	steps, err := Run(file, nil, func(c *emu.Config) { c.Trace = func(emu.Event) {} })
	require.NoError(t, err)
	assert.Equal(t, steps.Stats.Steps, translated.Stats.Steps, "number of instructions")
	assert.True(t, steps.Stdout == translated.Stdout, "another output in single steps")
	return translated
}

// Code that exits with status 0 under Linux.
const (
	exit32 = "\xB8\x01\x00\x00\x00\x31\xDB\xCD\x80" // mov eax, 1; xor ebx, ebx; int 0x80
	exit64 = "\xB8\x3C\x00\x00\x00\x31\xFF\x0F\x05" // mov eax, 60; xor edi, edi; syscall
)

// Native reports whether the host runs programs for a processor, x86 or amd64, by running
// one: a kernel for amd64 need not run programs for x86. machine is ELF's e_machine.
func Native(t *testing.T, machine uint16) bool {
	t.Helper()
	var file []byte
	switch elf.Machine(machine) {
	case elf.EM_386:
		file = ELF(machine, 32, []byte(exit32), 0)
	case elf.EM_X86_64:
		file = ELF(machine, 64, []byte(exit64), 0)
	default:
		return false
	}
	return exec.Command(program(t, file)).Run() == nil
}

// program writes an executable file and returns its name.
func program(t *testing.T, file []byte) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(name, file, 0o755))
	return name
}

// Reference runs the program in file outside of the emulator and returns its output.
// It uses qemu (for example "qemu-riscv64-static") or, if that is empty, the host's
// processor.
func Reference(t *testing.T, qemu string, file []byte) string {
	t.Helper()
	command := []string{program(t, file)}
	if qemu != "" {
		command = []string{Qemu(t, qemu), command[0]}
	}
	out, err := exec.Command(command[0], command[1:]...).Output()
	require.NoError(t, err, command)
	return string(out)
}

// Qemu returns the path of a qemu. The test is skipped if it is missing, unless
// STAGE0_QEMU is "require".
func Qemu(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("STAGE0_QEMU") != "require" {
		t.Skipf("the reference is missing: %v", err)
	}
	require.NoError(t, err)
	return path
}
