package m2planet

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stage0/arch"
	"stage0/internal/cgen"
	"stage0/internal/cpp"
	"stage0/source"
)

var (
	generated = flag.Int("generated", 40, "how many generated programs to compile with each build")
	firstSeed = flag.Uint64("seed", 1, "seed of the first")
)

// upstreamBuild returns the path of the build: GCC's in the directory that
// STAGE0_PEER names, the others in the tree that STAGE0_POSIX names, in which
// the ladders have been run.
func upstreamBuild(t *testing.T, b *cpp.Build) string {
	variable, elements := "STAGE0_POSIX", []string{"bin", "M2-Planet"}
	switch b.By {
	case ByGCC:
		variable, elements = "STAGE0_PEER", []string{"M2-Planet"}
	case ByCC:
		elements = []string{"artifact", "M2"}
	}
	dir := os.Getenv(variable)
	if dir == "" {
		t.Skipf("%s is not set", variable)
	}
	if b.By != ByGCC {
		a, _ := arch.Lookup(b.Host)
		dir = filepath.Join(dir, a.Dir)
	}
	return filepath.Join(append([]string{dir}, elements...)...)
}

// TestGenerated compiles generated programs, a third of them broken, for an
// architecture each with upstream's builds: they and ours give the same, or
// both refuse.
func TestGenerated(t *testing.T) {
	for i := range builds {
		b := &builds[i]
		t.Run(b.By+"/"+b.Host, func(t *testing.T) {
			t.Parallel()
			compiler := upstreamBuild(t, b)
			compiled, refused := map[string]int{}, map[string]int{}
			for seed := *firstSeed; seed < *firstSeed+uint64(*generated); seed++ {
				if architecture, ok := compareGenerated(t, compiler, b, seed); ok {
					compiled[architecture]++
				} else {
					refused[architecture]++
				}
			}
			t.Logf("%d programs from seed %d on; compiled %v, refused %v", *generated, *firstSeed, compiled, refused)
		})
	}
}

// compareGenerated compiles one program, and reports for which architecture,
// and whether upstream takes it.
func compareGenerated(t *testing.T, compiler string, b *cpp.Build, seed uint64) (architecture string, compiled bool) {
	r := rand.New(rand.NewPCG(seed, 1))
	p := cgen.New(seed, features)
	if seed%3 == 0 {
		p = p.Broken(seed)
	}
	text := p.M2PlanetText(seed)
	if seed%12 == 0 {
		text = cgen.Noisy(text, seed)
	}
	opt := Options{Arch: targets[r.IntN(len(targets))].Name, BuiltBy: b.By, Host: b.Host}
	args := []string{"-A", opt.Arch, "-f", "in.c", "-o", "out.M1"}
	for _, o := range []struct {
		name  string
		oneIn int
		set   *bool
	}{
		{"--debug", 2, &opt.Debug},
		{"--bootstrap-mode", 20, &opt.BootstrapMode},
		{"-E", 20, &opt.PreprocessOnly},
		{"--expand-includes", 4, &opt.ExpandIncludes},
	} {
		if *o.set = r.IntN(o.oneIn) == 0; *o.set {
			args = append(args, o.name)
		}
	}
	want, refused := runUpstream(t, compiler, args, text)
	var got bytes.Buffer
	err := Compile(&got, []source.Source{source.Bytes("in.c", text)}, opt)
	switch {
	case refused != nil && err != nil:
	case err != nil && strings.Contains(err.Error(), "expected at least 0"):
		// Upstream reads out of bounds.
	case refused != nil:
		t.Errorf("seed %d, %s: upstream refuses it: %v\n%s", seed, args, refused, text)
	case err != nil:
		t.Errorf("seed %d, %s: upstream takes it: %v\n%s", seed, args, err, text)
	case !bytes.Equal(got.Bytes(), want):
		t.Errorf("seed %d, %s: another output\n%s\n%s", seed, args, text, cgen.FirstDifference(want, got.Bytes()))
	}
	return opt.Arch, refused == nil
}

// runUpstream compiles text with upstream's compiler.
func runUpstream(t *testing.T, compiler string, args []string, text []byte) (out []byte, refused error) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "in.c"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, compiler, args...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	out, err := os.ReadFile(filepath.Join(dir, "out.M1"))
	if err != nil {
		t.Fatal(err)
	}
	return out, nil
}
