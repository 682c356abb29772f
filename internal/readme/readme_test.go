// Package readme runs the commands in the README and in the guides in docs.
package readme

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inputs are files that the README's commands read.
var inputs = map[string]string{
	"typo.M1":  "DEFINE mov_eax, B8\n\tmov_eaz, %1\n",
	"odd.hex0": "# an odd digit\n00 11 2\n",
}

// A block is a fenced part of the README.
type block struct {
	file string
	line int
	kind string // the words after the fence
	text string
}

func TestReadme(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	commands := buildCommands(t, root)
	dir := t.TempDir()
	for name, text := range inputs {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	if err := os.Symlink(filepath.Join(root, "bootstrap"), filepath.Join(dir, "bootstrap")); err != nil { // the reader is in a checkout
		t.Fatal(err)
	}
	built, err := os.ReadFile(filepath.Join(commands, "stage0"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "stage0"), built, 0o777)) // as the README says
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	var all []block
	for _, file := range append(files, filepath.Join(root, "README.md")) {
		all = append(all, blocks(t, file)...)
	}
	programs := map[string]string{} // by their guides
	for _, b := range all {
		if b.kind == "go" {
			programs[b.file] = b.text
		}
	}
	if len(all) == 0 {
		t.Fatal("there are no blocks")
	}
	for _, b := range all {
		t.Run(strings.ReplaceAll(b.kind, " ", "-"), func(t *testing.T) {
			sh := shell{dir: dir, commands: commands, root: root}
			switch b.kind {
			case "sh":
				sh.runLines(t, b)
			case "sh network":
				sh.mirror(t)
				sh.runLines(t, b)
			case "sh tree":
				sh.tree(t)
				sh.runLines(t, b)
			case "sh minutes":
				if os.Getenv("STAGE0_MINUTES") == "" {
					t.Skip("takes minutes, and STAGE0_MINUTES is not set; bootstrap's own tests run small ladders")
				}
				sh.tree(t)
				sh.runLines(t, b)
			case "console tree":
				sh.tree(t)
				sh.runConsole(t, b)
			case "console gdb":
				if _, err := exec.LookPath("gdb-multiarch"); err != nil && os.Getenv("STAGE0_GDB") != "require" {
					t.Skipf("gdb is missing: %v", err)
				}
				sh.runConsole(t, b)
			case "text":
				t.Skip("is what a command prints elsewhere")
			case "console":
				sh.runConsole(t, b)
			case "sh module":
				runModule(t, root, b, programs[b.file])
			case "go":
				t.Skip("is run in the modules of its guide")
			default:
				t.Errorf("%s:%d: no way to run a block of %q", b.file, b.line, b.kind)
			}
		})
	}
}

// tree puts the tree that STAGE0_POSIX names where the guides have it, if fetch has
// not done so before.
func (sh shell) tree(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX names no tree")
	}
	if err := os.Symlink(tree, filepath.Join(sh.dir, "stage0-posix")); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
}

// mirror has git take the copies of upstream's repositories that STAGE0_MIRROR
// names in their place.
func (sh shell) mirror(t *testing.T) {
	mirror := os.Getenv("STAGE0_MIRROR")
	if mirror == "" {
		t.Skip("STAGE0_MIRROR names no copies of the repositories")
	}
	clone := filepath.Join(sh.dir, "stage0-posix")
	if info, err := os.Lstat(clone); err == nil && info.Mode()&os.ModeSymlink != 0 { // of another guide
		require.NoError(t, os.Remove(clone))
	}
	t.Setenv("GIT_CONFIG_COUNT", "3")
	t.Setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
	t.Setenv("GIT_CONFIG_VALUE_0", "always")
	for i, url := range []string{"https://github.com/oriansj/", "https://git.savannah.nongnu.org/git/"} {
		t.Setenv(fmt.Sprintf("GIT_CONFIG_KEY_%d", i+1), "url."+mirror+"/.insteadOf")
		t.Setenv(fmt.Sprintf("GIT_CONFIG_VALUE_%d", i+1), url)
	}
}

// blocks returns the fenced blocks of a Markdown file.
func blocks(t *testing.T, path string) []block {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []block
	var open *block
	for i, line := range strings.Split(string(text), "\n") {
		switch kind, fence := strings.CutPrefix(line, "```"); {
		case fence && open == nil:
			open = &block{file: filepath.Base(path), line: i + 1, kind: kind}
		case fence:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s: the last block is not closed", path)
	}
	return all
}

// buildCommands builds cmd/... and returns the directory with them.
func buildCommands(t *testing.T, root string) string {
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir, "./cmd/...")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// A shell runs the README's lines in dir. What they run from the sources
// (go run ./cmd/NAME) has been built into commands.
type shell struct{ dir, commands, root string }

var (
	goRun   = regexp.MustCompile(`go run \./cmd/([\w-]+)`)
	goBuild = regexp.MustCompile(`go build -o (\S+) \./cmd/([\w-]+)`)
)

func (sh shell) run(line string) (string, error) {
	line = goRun.ReplaceAllString(line, `"$$COMMANDS/$1"`)
	line = goBuild.ReplaceAllString(line, `cp "$$COMMANDS/$2" $1`)
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = sh.dir
	cmd.Env = append(os.Environ(), "COMMANDS="+sh.commands, "XDG_CACHE_HOME="+filepath.Join(sh.dir, "cache"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// runLines runs each line, which has to succeed.
func (sh shell) runLines(t *testing.T, b block) {
	for _, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
		if out, err := sh.run(line); err != nil {
			t.Errorf("%s:%d: %s: %v\n%s", b.file, b.line, line, err, out)
		}
	}
}

// runConsole runs each line that starts with "$ " and compares what it prints.
// "cat FILE" is how the README shows an input, so it makes the file.
func (sh shell) runConsole(t *testing.T, b block) {
	for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
		line, want, _ := strings.Cut(part, "\n")
		if want != "" && !strings.HasSuffix(want, "\n") {
			want += "\n"
		}
		if name, ok := strings.CutPrefix(line, "cat "); ok {
			require.NoError(t, os.WriteFile(filepath.Join(sh.dir, name), []byte(want), 0o666))
			continue
		}
		if got, _ := sh.run(line); got != want {
			t.Errorf("%s:%d: %s\nprints\n%s\nand not\n%s", b.file, b.line, line, got, want)
		}
	}
}

// runModule runs the lines of b, which make a module in hello beside a checkout in
// stage0, and then the program of the same guide in it.
func runModule(t *testing.T, root string, b block, program string) {
	dir := t.TempDir()
	require.NoError(t, os.Symlink(root, filepath.Join(dir, "stage0")))
	cmd := exec.Command("sh", "-e", "-c", b.text+`printf '%s' "$PROGRAM" >main.go; go run .`)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PROGRAM="+program, "GOWORK=", "GOFLAGS=")
	out, err := cmd.Output()
	require.NoError(t, err, "%s:%d", b.file, b.line)
	assert.Equal(t, "\xEB\xFE", string(out), "%s:%d", b.file, b.line)
}

func TestMain(m *testing.M) {
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS == "windows" {
		os.Exit(0) // the README's commands are for a POSIX shell
	}
	os.Exit(m.Run())
}
