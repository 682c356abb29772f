package clients

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// livePrograms are what live-bootstrap compiles with M2-Mesoplanet: sources,
// and the files that have the digests of the programs, in which ARCH stands for
// the architecture.
var livePrograms = []struct{ source, checksums string }{
	{"seed/configurator.c", "seed/configurator.ARCH.checksums"},
	{"seed/script-generator.c", "seed/script-generator.ARCH.checksums"},
	{"steps/simple-patch-1.0/src/simple-patch.c", "steps/simple-patch-1.0/simple-patch-1.0.ARCH.checksums"},
	{"steps/checksum-transcriber-1.0/src/checksum-transcriber.c", "steps/checksum-transcriber-1.0/checksum-transcriber-1.0.ARCH.checksums"},
}

// The digests that live-bootstrap pins are those of what our tools make, called
// as its scripts call upstream's. LIVE_BOOTSTRAP names a checkout of it, and
// STAGE0_POSIX a tree of the stage0-posix that it has.
func TestLiveBootstrap(t *testing.T) {
	live, tree := os.Getenv("LIVE_BOOTSTRAP"), os.Getenv("STAGE0_POSIX")
	if live == "" || tree == "" {
		t.Skip("LIVE_BOOTSTRAP or STAGE0_POSIX does not name a checkout")
	}
	tools, same := links(t), 0
	for _, arch := range []string{"x86", "amd64", "riscv64"} {
		for _, program := range livePrograms {
			out := filepath.Join(t.TempDir(), "out")
			cmd := exec.Command(filepath.Join(tools, "M2-Mesoplanet"), "--architecture", arch, "-f", program.source, "-o", out)
			cmd.Dir, cmd.Env = live, []string{"PATH=" + tools, "M2LIBC_PATH=" + filepath.Join(tree, "M2libc")}
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s for %s: %v\n%s", program.source, arch, err, text)
				continue
			}
			data, err := os.ReadFile(out)
			require.NoError(t, err)
			sums, err := os.ReadFile(filepath.Join(live, strings.ReplaceAll(program.checksums, "ARCH", arch)))
			require.NoError(t, err)
			sum := sha256.Sum256(data)
			want, _, _ := strings.Cut(string(sums), " ")
			if got := hex.EncodeToString(sum[:]); got != want {
				t.Errorf("%s for %s: digest %s, want %s", program.source, arch, got, want)
				continue
			}
			same++
		}
	}
	t.Logf("%d digests are the same", same)
}
