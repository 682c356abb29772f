package ccseed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stage0/arch"
	"stage0/internal/cgen"
	"stage0/source"
)

// upstreamTree returns the stage0-posix tree that STAGE0_POSIX names, in which
// the ladders have been run.
func upstreamTree(t *testing.T) string {
	tree := os.Getenv("STAGE0_POSIX")
	if tree == "" {
		t.Skip("STAGE0_POSIX is not set")
	}
	return tree
}

var (
	generated = flag.Int("generated", 20, "how many generated programs to compile for each architecture")
	firstSeed = flag.Uint64("seed", 1, "seed of the first")
)

// TestGenerated compiles generated programs, half of them broken, with the
// ladder's own compilers: they and ours give the same, or both refuse.
func TestGenerated(t *testing.T) {
	tree := upstreamTree(t)
	for _, target := range targets {
		t.Run(target.Name, func(t *testing.T) {
			t.Parallel()
			a, _ := arch.Lookup(target.Name)
			compiler := filepath.Join(tree, a.Dir, "artifact", "cc_"+a.Name)
			var features cgen.Features
			if target.StructArrays {
				features |= cgen.StructArrays
			}
			if target.HexLetters {
				features |= cgen.HexLetters
			}
			compiled := 0
			for seed := *firstSeed; seed < *firstSeed+uint64(*generated); seed++ {
				p := cgen.New(seed, features)
				if seed%2 == 0 {
					p = p.Broken(seed)
				}
				text := p.Text(seed)
				if seed%8 == 0 {
					text = cgen.Noisy(text, seed)
				}
				want, refused := runUpstream(t, compiler, text)
				var got bytes.Buffer
				err := Compile(&got, source.Bytes("in.c", text), Options{Architecture: target.Name})
				switch {
				case refused != nil && err != nil:
				case err != nil && strings.Contains(err.Error(), "want at most"):
					// Upstream overruns its memory, and may live.
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
		})
	}
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
	if refused = exec.CommandContext(ctx, compiler, in, name).Run(); refused != nil {
		return nil, refused
	}
	out, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return out, nil
}

// TestLadder compiles the ladder's own source with each compiler.
func TestLadder(t *testing.T) {
	tree := upstreamTree(t)
	for _, test := range []struct{ arch, want string }{
		{"x86", "3a3be5f6c07907a2d94dd878037d4fdef490fa1db7606bbebf5de1ab67430e7f"},
		{"amd64", "82f03b958af75528a313b80a4c5eec06bbea6c6152cc1e8d21bcccca88c6de52"},
		{"aarch64", "0d4b7f7b82094173f60dc0f285d5c429fdc77b330ac688104c6a2797b1dbdc4d"},
		{"riscv32", "783867445d5a40dc3a34ac94b2f68c2b406c21156ee3b39ee076c3777c926b24"},
		{"riscv64", "53a56447aef2c8034c12e0401de037f7ee8973f233aaeae6fdd3b84adb33c106"},
	} {
		var text []byte
		for _, name := range []string{
			"M2libc/" + test.arch + "/linux/bootstrap.c",
			"M2-Planet/cc.h",
			"M2libc/bootstrappable.c",
			"M2-Planet/cc_globals.c",
			"M2-Planet/cc_reader.c",
			"M2-Planet/cc_strings.c",
			"M2-Planet/cc_types.c",
			"M2-Planet/cc_emit.c",
			"M2-Planet/cc_core.c",
			"M2-Planet/cc_macro.c",
			"M2-Planet/cc.c",
		} {
			part, err := os.ReadFile(filepath.Join(tree, name))
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, part...)
		}
		sum := sha256.New()
		if err := Compile(sum, source.Bytes("M2-0.c", text), Options{Architecture: test.arch}); err != nil {
			t.Error(err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != test.want {
			t.Errorf("M2-0.M1 of %s has digest %s, want %s", test.arch, got, test.want)
		}
	}
}
