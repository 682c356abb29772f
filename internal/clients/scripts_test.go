package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scripts are commands of sh in directories of a stage0-posix tree: they run
// scripts that come with upstream's programs, unchanged.
var scripts = []struct {
	name string
	dirs string // of the tree; the commands are run in the first
	vars []string
	text string
}{
	{name: "mescc-tools", dirs: "mescc-tools", text: `
mkdir -p test/results
for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13; do
	sh test/test$i/hello.sh
done
sha256sum -c test/test.answers
`},
	{name: "M2-Planet", dirs: "M2-Planet M2libc", text: `
mkdir -p test/results
sh test/compile-fail.sh
for arch in amd64 riscv32; do
	sh test/run-pass.sh $arch
	for t in test/test00* test/test01*; do
		sh $t/run_test.sh $arch
	done
done
for t in test/test*/hello-knight-posix.sh test/test*/hello-knight-native.sh; do
	sh $t
done
`},
	{name: "M2-Mesoplanet", dirs: "M2-Mesoplanet M2libc", vars: []string{"M2LIBC_PATH=./M2libc"}, text: `
mkdir -p test/results
for i in 0000 0001 0002 0003 0004; do
	sh test/test$i/run_test.sh
done
`},
	{name: "mescc-tools-extra", dirs: "mescc-tools-extra M2libc", vars: []string{
		"ARCH=amd64", "OPERATING_SYSTEM=Linux", "M2LIBC=./M2libc", "TOOLS=./bin", "BINDIR=./out",
	}, text: `
mkdir out
ln -s ../bin/M2-Planet ../bin/blood-elf ../bin/M1 ../bin/hex2 out
kaem --verbose --strict --file mescc-tools-extra.kaem
`},
	{name: "package", dirs: "M2libc", vars: []string{"M2LIBC_PATH=."}, text: `
mkdir src
echo '#include <stdio.h>
int main() { fputs("VERSION\n", stdout); return 0; }' > src/say.c
echo 'set -ex
PREFIX=./usr
mkdir -p ${PREFIX}/bin build/say
cp src/say.c build/say/say.c
replace --file build/say/say.c --output build/say/say.c --match-on VERSION --replace-with "say 1.0"
alias cc="M2-Mesoplanet --architecture amd64 -f"
cc build/say/say.c -o ${PREFIX}/bin/say
chmod 755 ${PREFIX}/bin/say
if match ${UPDATE:-False} True; then
	sha256sum -o sums ${PREFIX}/bin/say
else
	catm sums given
fi
sha256sum -c sums
rm src/say.c
PATH=${PREFIX}/bin
say
' > build.kaem
UPDATE=True kaem --verbose --strict --file build.kaem > log
cp sums given
echo '#include <stdio.h>
int main() { fputs("VERSION\n", stdout); return 0; }' > src/say.c
rm sums
kaem --verbose --strict --file build.kaem > log
`},
}

// Scripts that upstream's programs come with make the same with our tools on
// PATH, or linked as bin, as with those that the ladder has built.
func TestScripts(t *testing.T) {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX does not name a stage0-posix tree")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("the scripts run what they make for amd64")
	}
	sh, err := exec.LookPath("sh")
	require.NoError(t, err)
	theirTools, ourTools := filepath.Join(tree, "AMD64", "bin"), links(t)
	for _, script := range scripts {
		t.Run(script.name, func(t *testing.T) {
			var jobs [2]job
			for i, tools := range []string{ourTools, theirTools} {
				j := job{dir: t.TempDir(), vars: append([]string{"PATH=" + shell(t) + ":" + tools}, script.vars...)}
				dirs := strings.Fields(script.dirs)
				for k, dir := range dirs {
					to := filepath.Join(j.dir, dir)
					if k == 0 {
						to = j.dir
					} else {
						require.NoError(t, os.RemoveAll(to)) // a submodule's own M2libc
					}
					require.NoError(t, os.CopyFS(to, os.DirFS(filepath.Join(tree, dir))))
				}
				link(t, tools, filepath.Join(j.dir, "bin"))
				j.run(t, 0, sh, "-ec", script.text)
				jobs[i] = j
			}
			t.Logf("%d files are the same", compare(t, jobs[0].dir, jobs[1].dir))
		})
	}
}

// shell returns a directory with what scripts need of the host. That is its
// chmod, too, for upstream's knows no u+x.
func shell(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"sh", "basename", "which", "chmod", "echo", "ln"} {
		path, err := exec.LookPath(name)
		require.NoError(t, err)
		link(t, path, filepath.Join(dir, name))
	}
	return dir
}
