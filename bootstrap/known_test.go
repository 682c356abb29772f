package bootstrap

import (
	"slices"
	"testing"

	"stage0/arch"
	"stage0/tool"
)

func TestLoadRelease(t *testing.T) {
	ref, err := LoadRelease()
	must(t, err)
	n := 0
	for _, a := range arch.Ladders() {
		n += len(ref.Artefacts[a.Name])
	}
	if n != 367 || len(ref.Artefacts) != 5 || len(ref.Sources) != 208 {
		t.Errorf("%d artefacts of %d architectures, %d sources", n, len(ref.Artefacts), len(ref.Sources))
	}
	repo := ReleaseRepository()
	if len(repo.Submodules) != 12 || len(repo.Commit) != 40 {
		t.Errorf("%d submodules", len(repo.Submodules))
	}
}

func TestParseDigests(t *testing.T) {
	d := sum("")
	list, err := ParseDigests("sums", []byte(d+"  a/b\n"+d+" *c d"))
	must(t, err)
	if want := []Digested{{"a/b", digest("")}, {"c d", digest("")}}; !slices.Equal(list, want) {
		t.Errorf("%v", list)
	}
	for _, c := range []struct{ text, want string }{
		{"\n", `sums:1:1: "" is not a SHA-256 digest`},
		{d + "  a\nxyz  b\n", `sums:2:1: "xyz" is not a SHA-256 digest`},
		{d, "sums:1:65: want two spaces and a path after the digest"},
		{d + " a\n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  \n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  /etc/passwd\n", "sums:1:65: want two spaces and a path after the digest"},
		{d + "  ../a\n", "sums:1:65: want two spaces and a path after the digest"},
	} {
		if _, err := ParseDigests("sums", []byte(c.text)); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestConcerns(t *testing.T) {
	for path, want := range map[string]bool{
		"kaem.x86": true, "kaem.amd64": false, "x86/hex0_x86.hex0": true, "AMD64/hex0_AMD64.hex0": false,
		"x86.answers": true, "riscv32.answers": false, "M2libc/amd64/libc-core.M1": true, "after.kaem": true,
		"bootstrap-seeds/POSIX/x86/hex0-seed": true, "bootstrap-seeds/POSIX/AArch64/hex0-seed": false,
	} {
		if concerns(x86, path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}

func TestStandIns(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"bootstrap-seeds/POSIX/x86/hex0-seed", "hex0 -A x86"},
		{"bootstrap-seeds/POSIX/AMD64/hex0-seed", ""},
		{"x86/artifact/hex2-0", "hex2-0 -A x86"},
		{"x86/artifact/hex2-1", "hex2"},
		{"x86/artifact/cc_x86", "cc-0 -A x86"},
		{"x86/artifact/cc_amd64", ""},
		{"x86/bin/M1", "M1"},
		{"x86/bin/sha256sum", "sha256sum"},
		{"x86/bin/x/sha256sum", ""},
		{"AMD64/bin/M1", ""},
		{"bin/M1", ""},
		{"M1", ""},
	} {
		program, args, ok := findStandIn(x86, c.path)
		got := program
		for _, arg := range args {
			got += " " + arg
		}
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", c.path, got, ok, c.want)
		}
	}
	for _, s := range standIns[:8] {
		if _, ok := tool.Lookup(s.program); !ok {
			t.Errorf("there is no program %s", s.program)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		tree  files
		names []string
		want  []string
		err   string
	}{
		{files{"kaem.x86": "", "kaem.riscv64": ""}, nil, []string{"x86", "riscv64"}, ""},
		{files{"kaem.x86": "", "kaem.riscv64": ""}, []string{"riscv64"}, []string{"riscv64"}, ""},
		{files{"kaem.x86": ""}, []string{"x86", "amd64"}, nil, "kaem.amd64: file does not exist"},
		{files{"kaem.x86": ""}, []string{"z80"}, nil, `there is no ladder for "z80"; there are ladders for x86, amd64, aarch64, riscv32, riscv64`},
		{files{"kaem.x86": ""}, []string{"armv7l"}, nil, `there is no ladder for "armv7l"; there are ladders for x86, amd64, aarch64, riscv32, riscv64`},
		{files{"kaem.x86/": ""}, nil, nil, "kaem.x86: is a directory"},
		{files{}, nil, nil, "there is no kaem.ARCH in it, for x86, amd64, aarch64, riscv32, riscv64"},
	} {
		found, err := Find(c.tree.tree(), c.names)
		var names []string
		for _, a := range found {
			names = append(names, a.Name)
		}
		if !slices.Equal(names, c.want) || (err != nil || c.err != "") && (err == nil || err.Error() != c.err) {
			t.Errorf("%v: %v, %v; want %v, %s", c.names, names, err, c.want, c.err)
		}
	}
}
