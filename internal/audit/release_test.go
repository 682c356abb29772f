package audit_test

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/arch"
	"stage0/internal/audit"
	"stage0/source"
)

// releaseDirs has the directories of a release whose files are for a ladder or
// for M2libc, and name their architecture.
var releaseDirs = []string{"x86", "AMD64", "AArch64", "riscv32", "riscv64", "M2libc", "bootstrap-seeds"}

// releaseFindings is the number of findings in release 1.9.1, by check. All of
// them have been reviewed: upstream's files do contradict themselves there.
var releaseFindings = map[string]int{"address": 67, "define": 21, "elf": 4, "field": 14, "instruction": 42, "size": 53, "unknown": 1}

// TestRelease audits all hand-written files of a release.
func TestRelease(t *testing.T) {
	root := os.Getenv("STAGE0_POSIX")
	if root == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	tree := os.DirFS(root)
	found := map[string]int{}
	files, lines, code, unchecked := 0, 0, 0, 0
	for _, dir := range releaseDirs {
		err := fs.WalkDir(tree, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if path.Base(name) == "artifact" {
					return fs.SkipDir
				}
				return err
			}
			switch path.Ext(name) {
			case ".hex0", ".hex1", ".hex2", ".M1":
			default:
				return nil
			}
			l, err := audit.File(treeFile(t, tree, name), audit.Options{With: definitions(t, tree, name)})
			if err != nil {
				t.Errorf("%v", err)
				return nil
			}
			files++
			lines += len(l.Lines)
			unchecked += l.Unchecked
			for _, line := range l.Lines {
				if len(line.Insts) > 0 {
					code++
				}
			}
			for _, f := range l.Findings(audit.Warning) {
				found[f.Check]++
				t.Log(f)
			}
			return nil
		})
		require.NoError(t, err)
	}
	t.Logf("%d files, %d lines, %d of them with code, %d unchecked", files, lines, code, unchecked)
	if !maps.Equal(found, releaseFindings) {
		t.Errorf("findings: %v, want %v", found, releaseFindings)
	}
}

// releaseTables has the number of DEFINEs in each table of release 1.9.1.
var releaseTables = map[string]int{
	"x86/x86_defs.M1": 77, "AMD64/amd64_defs.M1": 81, "AArch64/aarch64_defs.M1": 99,
	"riscv32/riscv32_defs.M1": 184, "riscv64/riscv64_defs.M1": 201,
	"M2libc/x86/x86_defs.M1": 131, "M2libc/amd64/amd64_defs.M1": 199, "M2libc/aarch64/aarch64_defs.M1": 178,
	"M2libc/armv7l/armv7l_defs.M1": 93, "M2libc/riscv32/riscv32_defs.M1": 184, "M2libc/riscv64/riscv64_defs.M1": 201,
	"M2libc/knight/knight_defs.M1": 237, "M2libc/knight/knight-native_defs.M1": 224,
	"mescc-tools/M2libc/x86/x86_defs.M1": 91, "mescc-tools/M2libc/amd64/amd64_defs.M1": 156,
	"mescc-tools/M2libc/aarch64/aarch64_defs.M1": 125, "mescc-tools/M2libc/armv7l/armv7l_defs.M1": 90,
	"mescc-tools/test/test4/MES_defs.M1": 26,
}

// TestReleaseTables wants every DEFINE of the release compared with its name,
// and nearly every change to a digit of one noticed.
func TestReleaseTables(t *testing.T) {
	root := os.Getenv("STAGE0_POSIX")
	if root == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	tree := os.DirFS(root)
	for name, want := range releaseTables {
		opt := audit.Options{}
		if strings.HasSuffix(name, "MES_defs.M1") {
			opt.Arch = "x86"
		}
		l, err := audit.File(treeFile(t, tree, name), opt)
		require.NoError(t, err)
		opt.Arch = l.Arch
		checked, flips, noticed := 0, 0, 0
		for _, line := range l.Lines {
			words := strings.Fields(line.Code)
			if len(words) < 3 || words[0] != "DEFINE" {
				continue
			}
			if !line.Checked {
				t.Errorf("%s: %s is not checked", name, words[1])
			}
			checked++
			if len(line.Findings) > 0 {
				continue // right digits are unknown
			}
			for i := range words[2] {
				value := []byte(words[2])
				digit := strings.IndexByte("0123456789ABCDEF", bytes.ToUpper(value)[i])
				if digit < 0 {
					continue
				}
				value[i] = "0123456789ABCDEF"[(digit+1)%16]
				l, err := audit.Text(source.String(name, "DEFINE "+words[1]+" "+string(value)+"\n"), audit.M1, opt)
				require.NoError(t, err)
				flips++
				if len(l.Findings(audit.Error)) > 0 {
					noticed++
				}
			}
		}
		assert.Equal(t, want, checked, name)
		assert.Zero(t, l.Unchecked, name)
		if share := 100 * noticed / flips; share < 95 {
			t.Errorf("%s: %d of %d changes noticed, %d %%, want 95 %%", name, noticed, flips, share)
		}
	}
}

// definitions returns the texts with DEFINEs for an M1 file, from its directory
// or the one above.
func definitions(t *testing.T, tree fs.FS, name string) []source.Source {
	if path.Ext(name) != ".M1" || strings.HasSuffix(name, "_defs.M1") {
		return nil
	}
	var with []source.Source
	for _, dir := range []string{path.Dir(name), path.Dir(path.Dir(name))} {
		names, err := fs.Glob(tree, path.Join(dir, "*_defs.M1"))
		require.NoError(t, err)
		for _, n := range names {
			with = append(with, treeFile(t, tree, n))
		}
	}
	return with
}

func treeFile(t *testing.T, tree fs.FS, name string) source.Source {
	text, err := fs.ReadFile(tree, name)
	require.NoError(t, err)
	return source.Bytes(filepath.ToSlash(name), text)
}

// TestReleaseBinaries audits the programs of the native runs. Two of them have
// a wrong header, as do their sources.
func TestReleaseBinaries(t *testing.T) {
	root := os.Getenv("STAGE0_POSIX")
	if root == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	want := map[string]bool{
		"AArch64/artifact/hex2-0:0x600060: error: p_filesz is 1825, and the file has 1677 bytes [elf]": true,
		"riscv32/artifact/kaem-0:0x600044: error: p_filesz is 890, and the file has 894 bytes [elf]":   true,
	}
	tree := os.DirFS(root)
	programs := 0
	for _, a := range arch.Ladders() {
		for _, dir := range []string{a.Dir + "/artifact", a.Dir + "/bin"} {
			entries, err := fs.ReadDir(tree, dir)
			require.NoError(t, err)
			for _, e := range entries {
				src := treeFile(t, tree, path.Join(dir, e.Name()))
				if !bytes.HasPrefix(src.Text, []byte("\x7FELF")) {
					continue
				}
				l, err := audit.File(src, audit.Options{})
				if err != nil {
					t.Error(err)
					continue
				}
				programs++
				for _, f := range l.Findings(audit.Note) {
					if !want[f.String()] {
						t.Error(f)
					}
					delete(want, f.String())
				}
			}
		}
	}
	t.Logf("%d programs", programs)
	assert.NotZero(t, programs)
	assert.Empty(t, want, "findings that are missing")
}
