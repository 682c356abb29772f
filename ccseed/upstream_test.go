package ccseed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stage0/arch"
	"stage0/internal/cgen"
	"stage0/source"
)

// releaseTree returns the stage0-posix tree of a release, from the directory
// named by STAGE0_RELEASES. The tree of 1.9.1 may be the one named by
// STAGE0_POSIX.
func releaseTree(t *testing.T, release string) string {
	if dir := os.Getenv("STAGE0_RELEASES"); dir != "" {
		return filepath.Join(dir, release)
	}
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" || release != "1.9.1" {
		t.Skip("STAGE0_RELEASES is not set")
	}
	return tree
}

var (
	generated = flag.Int("generated", 20, "how many generated programs to compile for each architecture")
	firstSeed = flag.Uint64("seed", 1, "seed of the first")
)

// TestGenerated compiles generated programs, half of them broken, with the
// ladders' own compilers too. Both give the same output, or both reject the
// program.
func TestGenerated(t *testing.T) {
	for _, dialect := range dialects {
		for _, target := range dialect.targets {
			t.Run(dialect.name+"/"+target.Name, func(t *testing.T) {
				tree := releaseTree(t, dialect.releases[len(dialect.releases)-1])
				t.Parallel()
				testGenerated(t, tree, dialect, target)
			})
		}
	}
}

// readsOutOfBounds matches our errors where upstream overruns its memory, or
// takes what is left in memory or a register.
var readsOutOfBounds = regexp.MustCompile("expected at most|the end of a .*, expected two hex digits|powers of two only")

func testGenerated(t *testing.T, tree string, dialect *dialect, target *target) {
	a, _ := arch.Lookup(target.Name)
	compiler := filepath.Join(tree, a.Dir, "artifact", "cc_"+a.Name)
	var features cgen.Features
	if target.StructArrays {
		features |= cgen.StructArrays
	}
	if target.HexLetters {
		features |= cgen.HexLetters
	}
	if !dialect.enums {
		features |= cgen.Constants
	}
	if dialect.unions {
		features |= cgen.Unions
	}
	compiled := 0
	for seed := *firstSeed; seed < *firstSeed+uint64(*generated); seed++ {
		p := cgen.New(seed, features)
		if seed%2 == 0 {
			p = p.Broken(seed)
		}
		text := p.Text(seed)
		if !dialect.lineComments {
			text = p.ConstantsText(seed)
		}
		if seed%8 == 0 {
			text = cgen.Noisy(text, seed)
		}
		want, refused := runUpstream(t, compiler, text)
		var got bytes.Buffer
		err := Compile(&got, source.Bytes("in.c", text), Options{Arch: target.Name, Dialect: dialect.name})
		switch {
		case refused != nil && err != nil:
		case err != nil && readsOutOfBounds.MatchString(err.Error()):
			// Upstream may survive it.
		case refused != nil:
			t.Errorf("seed %d: upstream refuses it: %v\n%s", seed, refused, text)
		case err != nil:
			t.Errorf("seed %d: upstream takes it: %v\n%s", seed, err, text)
		case !bytes.Equal(got.Bytes(), want):
			t.Errorf("seed %d: another output\n%s\n%s", seed, text, cgen.FirstDifference(want, got.Bytes()))
		default:
			compiled++
		}
	}
	t.Logf("%d of %d programs were compiled", compiled, *generated)
}

// runUpstream compiles text with upstream's compiler.
func runUpstream(t *testing.T, compiler string, text []byte) (out []byte, refused error) {
	dir := t.TempDir()
	in, name := filepath.Join(dir, "in.c"), filepath.Join(dir, "out.M1")
	if err := os.WriteFile(in, text, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var exit *exec.ExitError
	switch refused = exec.CommandContext(ctx, compiler, in, name).Run(); {
	case errors.As(refused, &exit):
		return nil, refused
	case refused != nil:
		t.Fatal(refused) // it did not run
	}
	out, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return out, nil
}

// ladders has the digests of the ladders' compilers' output for M2-Planet.
var ladders = []struct{ release, arch, want string }{
	{"1.5.0", "x86", "9389c91deb0b83ee48ac47baa1befcfac1588f472ab0529c46865ed47a37a43b"},
	{"1.5.0", "amd64", "cd3263118afab92fc5424d802dcb086696c8cbe24a156ef158b0b001c130cc09"},
	{"1.5.0", "aarch64", "a879a831d9e9ffca649092fd60a1bd97f1484aaa8232241e07fbe5eaee9347d6"},
	{"1.5.0", "riscv32", "dfb4e4f707e62394630efb89feb3f044ae3831f0183dce7af66f913d82175d20"},
	{"1.5.0", "riscv64", "5ce637507e69e628bb14c99d954948d7dcf0a9c86ec1690bd3d8ec9d14292b6f"},
	{"1.6.0", "x86", "03c08c986a5cff23e54456c9d1760b442dcb7d70b7231d58c94d2e6214f32ff9"},
	{"1.6.0", "amd64", "3c25a056c96712e742a1679550797fa0fcea7a096987e2e003392d679e9a1f3c"},
	{"1.6.0", "aarch64", "b276e5bf7826f99b188cf8769bbfb3bf131c28f616a3c64282c29229c709bac7"},
	{"1.6.0", "riscv32", "03f12693a43ae2828ed3db657e67da48e489b6d3d7a27f6abb07b10c4a10f31a"},
	{"1.6.0", "riscv64", "035666145780a07242fb128ce9e1e80234de0cb5c346935d86a041acca13685d"},
	{"1.7.0", "x86", "727a903a238cef38c9f90d45c4e46c0b0b97d626ff9a7414c821cfb36d2de7a3"},
	{"1.7.0", "amd64", "4890c055db04483dda67360396e10ebfc21f3eac8d807fd675c51b9c48833736"},
	{"1.7.0", "aarch64", "7d2733cd534a10905e17dad979e2d2a69d20a86ab1cf2661292b59fe58a06341"},
	{"1.7.0", "riscv32", "18e0375f0d863293c4d80eee1cc3da16af3f70a8e5bfa8e91e1a9abd6999d174"},
	{"1.7.0", "riscv64", "394648c04b1572740da87f0c3a3223c9e19d6de204249a7eb97461a243e1ebe0"},
	{"1.8.0", "x86", "ce2e59bc17088f4a05c3ebf118973f2c751e75265ef1abf1c83c969608896a51"},
	{"1.8.0", "amd64", "4b4d1d09f9ce21f00b73f233ecccdf7dd271da1c04b5f413be4e5b4c9d5ca7e0"},
	{"1.8.0", "aarch64", "026118d85a27e56af60c2e083711b4fd6d9f252188d5471a6463ec2ba1ef0da4"},
	{"1.8.0", "riscv32", "8b5cc2b3855805196bb812dc01838077961d45e0d8685fb3c960cd8a8350c9be"},
	{"1.8.0", "riscv64", "8228a2972707855541060f0249e1bb3373a23b49837cbc3fd5984be22942d266"},
	{"1.8.1", "x86", "e00ccdad53e30add423336c984292e9db888a01b5acb548243406a96f3b041b1"},
	{"1.8.1", "amd64", "52ef746241ad9b7f52f59f78369a4714690f21055cb7a2911cc99a6c0e32129e"},
	{"1.8.1", "aarch64", "a86414784d88b43f4f1565b9b88ffd216d203a8156268728a0c4d760c997e316"},
	{"1.8.1", "riscv32", "670d8da7d97b9048d95c5c73c4ffee52f0fd0e23437eacc7b342eb56c9797d4a"},
	{"1.8.1", "riscv64", "33532b5abce8a2b6f71f74f0ec98bdaf6240dd923c2492fedd3b5d6bce6c24fe"},
	{"1.9.0", "x86", "e9bfa263ef25e40684037fe5e725227433a80ae324f8fb3490deaca83ae49c32"},
	{"1.9.0", "amd64", "c13bc15c54ada7e4de22ddc07ea8af0dcc33063f504a61304ca18d116070398b"},
	{"1.9.0", "aarch64", "f90295233419921ccf2b0890a19c080cba17f82a60b37f380cd2fe6181241445"},
	{"1.9.0", "riscv32", "330442453678977765420d132c243eafc4f2e135636191f0eaded6209b583c3b"},
	{"1.9.0", "riscv64", "2698b80f900279a118cc2d18912aa7fa3ce8e991b91eee675ef3ef6eaeff650e"},
	{"1.9.1", "x86", "3a3be5f6c07907a2d94dd878037d4fdef490fa1db7606bbebf5de1ab67430e7f"},
	{"1.9.1", "amd64", "82f03b958af75528a313b80a4c5eec06bbea6c6152cc1e8d21bcccca88c6de52"},
	{"1.9.1", "aarch64", "0d4b7f7b82094173f60dc0f285d5c429fdc77b330ac688104c6a2797b1dbdc4d"},
	{"1.9.1", "riscv32", "783867445d5a40dc3a34ac94b2f68c2b406c21156ee3b39ee076c3777c926b24"},
	{"1.9.1", "riscv64", "53a56447aef2c8034c12e0401de037f7ee8973f233aaeae6fdd3b84adb33c106"},
}

// TestLadder compiles the ladders' own source with each compiler.
func TestLadder(t *testing.T) {
	for _, dialect := range dialects {
		for _, release := range dialect.releases {
			t.Run(release, func(t *testing.T) {
				tree := releaseTree(t, release)
				for _, test := range ladders {
					if test.release != release {
						continue
					}
					sum := sha256.New()
					opt := Options{Arch: test.arch, Dialect: dialect.name}
					if err := Compile(sum, source.Bytes("M2-0.c", ladderSource(t, tree, test.arch)), opt); err != nil {
						t.Error(err)
					}
					if got := hex.EncodeToString(sum.Sum(nil)); got != test.want {
						t.Errorf("M2-0.M1 of %s has digest %s, want %s", test.arch, got, test.want)
					}
				}
			})
		}
	}
}

// ladderSource returns M2-0.c of the ladder of an architecture.
func ladderSource(t *testing.T, tree, arch string) (text []byte) {
	for _, name := range []string{
		"M2libc/" + arch + "/linux/bootstrap.c",
		"M2-Planet/cc.h",
		"M2libc/bootstrappable.c",
		"M2-Planet/cc_globals.c",
		"M2-Planet/cc_reader.c",
		"M2-Planet/cc_strings.c",
		"M2-Planet/cc_types.c",
		"M2-Planet/cc_emit.c", // since 1.9.0
		"M2-Planet/cc_core.c",
		"M2-Planet/cc_macro.c",
		"M2-Planet/cc.c",
	} {
		part, err := os.ReadFile(filepath.Join(tree, name))
		if err != nil && !(errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, "cc_emit.c")) {
			t.Fatal(err)
		}
		text = append(text, part...)
	}
	return text
}
