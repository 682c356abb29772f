package tool_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// In namespaces of its own, where it can do no harm, wrap comes as far as the
// program, which is not there.
func TestWrap(t *testing.T) {
	dir := t.TempDir()
	cmd := command(t, dir, "wrap", "/nowhere/program")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || strings.Contains(string(out), "not permitted") {
		t.Skip("namespaces are not to be had: ", err, string(out))
	}
	assert.Equal(t, 255, cmd.ProcessState.ExitCode())
	assert.Equal(t, "wrap: /nowhere/program: cannot run: no such file or directory\n", string(out))
	for _, name := range []string{"dev/null", "dev/shm", "proc", "sys", "tmp"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	assert.Empty(t, list(t, filepath.Join(dir, "proc")), "the mounts are to be seen outside")
}
