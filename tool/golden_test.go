package tool_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"stage0/arch"
	"stage0/internal/golden"
	"stage0/tool"
	"stage0/tool/registry"
)

const goldens = "../testdata/*/*.txtar"

func TestGoldens(t *testing.T) {
	golden.Test(t, goldens, func(t *testing.T, _ *golden.Golden, dir string, command []string) golden.Result {
		program, ok := registry.Lookup(command[0])
		if !ok {
			t.Fatalf("no program %s", command[0])
		}
		var stdout, stderr bytes.Buffer
		env := &tool.Env{
			FS:     tool.Host{},
			Dir:    dir,
			Vars:   []string{"PATH=/nowhere"},
			Stdin:  bytes.NewReader(nil),
			Stdout: &stdout,
			Stderr: &stderr,

			Machine: tool.Machine{System: "Linux", Name: "x86_64"},
			Exec:    execInside,
		}
		exit := program.Run(context.Background(), env, command)
		return golden.Result{Exit: exit, Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
	})
}

// execInside runs our own programs inside this process: those that a golden's
// script calls by a path, wherever that leads.
func execInside(ctx context.Context, env *tool.Env, cmd tool.Command) (int, error) {
	program, ok := registry.Lookup(path.Base(cmd.Path))
	if !ok {
		return 1, syscall.ENOENT
	}
	return program.Run(ctx, env, cmd.Args), nil
}

// TestUpstream runs the goldens with upstream's programs: those built by GCC
// in STAGE0_PEER, and the ladders' own in STAGE0_POSIX, a tree in which every
// ladder has been run.
func TestUpstream(t *testing.T) {
	peers, ladder := os.Getenv("STAGE0_PEER"), os.Getenv("STAGE0_POSIX")
	if peers == "" && ladder == "" && os.Getenv("STAGE0_RELEASES") == "" {
		t.Skip("none of STAGE0_PEER, STAGE0_POSIX and STAGE0_RELEASES names upstream's programs")
	}
	golden.TestPeer(t, goldens, "upstream", func(t *testing.T, g *golden.Golden, dir string, command []string) golden.Result {
		if strings.HasPrefix(command[0], "kaem") {
			linkPrograms(t, dir, peers)
		}
		if _, ok := seeds[command[0]]; ok {
			return runPeer(t, dir, seedPath(t, ladder, &command), command)
		}
		if paths, ok := builds[command[0]]; ok {
			return runPeer(t, dir, buildPath(t, peers, ladder, paths, &command), command)
		}
		if strings.Contains(g.Upstream, "GCC") {
			return runPeer(t, dir, upstreamPath(t, command[0], peers), command)
		}
		return runPeer(t, dir, upstreamPath(t, command[0], peers, filepath.Join(ladder, "AMD64", "bin")), command)
	})
}

// upstreamPath returns upstream's program called name, from the first of the
// directories that has it.
func upstreamPath(t *testing.T, name string, dirs ...string) string {
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil && filepath.IsAbs(path) {
			return path
		}
	}
	t.Skipf("upstream's %s is in none of %q", name, dirs)
	return ""
}

// TestDebian runs the goldens with Debian's mescc-tools. STAGE0_DEBIAN=require
// makes it an error that they are not installed.
func TestDebian(t *testing.T) {
	require := os.Getenv("STAGE0_DEBIAN") == "require"
	golden.TestPeer(t, goldens, "debian", func(t *testing.T, _ *golden.Golden, dir string, command []string) golden.Result {
		if !slices.Contains([]string{"M1", "hex2", "blood-elf", "kaem", "catm", "get_machine"}, command[0]) {
			t.Skipf("Debian has no %s", command[0])
		}
		path, err := exec.LookPath(command[0])
		if err != nil && require {
			t.Fatal(err)
		}
		if err != nil {
			t.Skip("Debian's mescc-tools is not installed")
		}
		if command[0] == "kaem" {
			linkPrograms(t, dir, filepath.Dir(path))
		}
		return runPeer(t, dir, path, command)
	})
}

// linkPrograms makes links in dir to the peers' programs that scripts of the
// goldens run.
func linkPrograms(t *testing.T, dir, peers string) {
	if peers == "" {
		t.Skip("STAGE0_PEER is not set")
	}
	for _, name := range []string{"catm", "hex2", "kaem"} {
		err := os.Symlink(filepath.Join(peers, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
}

// seeds maps our names of the programs that upstream has one of for each
// architecture, and we have one of with an option, to upstream's, in which ARCH
// stands for the architecture.
var seeds = map[string]string{
	"hex0": "hex0", "hex1": "hex1", "hex2-0": "hex2-0", "catm-0": "catm", "M0": "M0", "cc-0": "cc_ARCH", "kaem-0": "kaem-0",
}

// seedPath returns the seed that a command means, and takes our options out of
// the command. An older dialect means that of an older release, whose tree is
// in STAGE0_RELEASES.
func seedPath(t *testing.T, ladder string, command *[]string) string {
	if dialect := cutOption(command, "--dialect", "1.9"); dialect != "1.9" {
		releases := os.Getenv("STAGE0_RELEASES")
		if releases == "" {
			t.Skip("STAGE0_RELEASES is not set")
		}
		ladder = filepath.Join(releases, dialect+".0")
	}
	if ladder == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	a, _ := arch.Lookup(cutOption(command, "-A", "amd64"))
	name := strings.Replace(seeds[(*command)[0]], "ARCH", a.Name, 1)
	return filepath.Join(ladder, a.Dir, "artifact", name)
}

// cutOption takes an option out of a command and returns its argument, or
// value if there is none.
func cutOption(command *[]string, option, value string) string {
	if i := slices.Index(*command, option); i >= 0 {
		value = (*command)[i+1]
		*command = slices.Delete(slices.Clone(*command), i, i+2)
	}
	return value
}

// builds has the programs that upstream builds with several compilers, and where
// the build by each compiler is in a ladder. Those by GCC are in STAGE0_PEER.
var builds = map[string]map[string]string{
	"M2-Mesoplanet": {"m2-planet": "bin/M2-Mesoplanet"},
	"M2-Planet":     {"m2-planet": "bin/M2-Planet", "cc": "artifact/M2"},
}

// buildPath returns the build that a command means, and takes our options out
// of the command.
func buildPath(t *testing.T, peers, ladder string, paths map[string]string, command *[]string) string {
	by := cutOption(command, "--built-by", "m2-planet")
	host, _ := arch.Lookup(cutOption(command, "--host", "amd64"))
	path := filepath.Join(ladder, host.Dir, paths[by])
	if by == "gcc" {
		path, ladder = filepath.Join(peers, (*command)[0]), peers
	}
	if _, err := os.Stat(path); ladder == "" || err != nil {
		t.Skipf("there is no %s by %s for %s", (*command)[0], by, host.Name)
	}
	return path
}

// runPeer runs the program at path; one for a processor that is not there is
// a skip.
func runPeer(t *testing.T, dir, path string, command []string) golden.Result {
	if command[0] == "get_machine" && (runtime.GOOS != "linux" || runtime.GOARCH != "amd64") {
		t.Skip("the goldens are of another machine")
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(path, command[1:]...)
	cmd.Args[0] = command[0]
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/nowhere"}
	if command[0] == "M2-Mesoplanet" {
		cmd.Env = []string{"PATH=" + filepath.Dir(path)} // it runs its neighbours
	}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Skip(err)
	}
	return golden.Result{Exit: cmd.ProcessState.ExitCode(), Stdout: stdout.Bytes(), Stderr: stderr.Bytes()}
}
