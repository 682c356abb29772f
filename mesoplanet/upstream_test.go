package mesoplanet

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stage0/arch"
	"stage0/internal/cpp"
	"stage0/source"
)

// upstreams returns the programs of upstream's that there are, by the build:
// the ladders' in STAGE0_POSIX, a tree in which they have been run, and the one
// built by GCC in STAGE0_PEER.
func upstreams(t *testing.T) map[*cpp.Build]string {
	tree, peers := os.Getenv("STAGE0_POSIX"), os.Getenv("STAGE0_PEER")
	programs := map[*cpp.Build]string{}
	for i := range builds {
		b := &builds[i]
		a, _ := arch.Lookup(b.Host)
		path := filepath.Join(tree, a.Dir, "bin", "M2-Mesoplanet")
		if b.By == ByGCC {
			path = filepath.Join(peers, "M2-Mesoplanet")
		}
		if _, err := os.Stat(path); err == nil && filepath.IsAbs(path) {
			programs[b] = path
		}
	}
	if len(programs) == 0 {
		t.Skip("neither STAGE0_POSIX nor STAGE0_PEER names upstream's programs")
	}
	return programs
}

// runUpstream returns what upstream's program prints on standard output. It
// fails if it does not end with success, or does not end.
func runUpstream(program, dir string, args []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/nowhere"}
	out, err := cmd.Output()
	return string(out), err
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// What the other tests want is what upstream does.
func TestTablesUpstream(t *testing.T) {
	programs := upstreams(t)
	dir := t.TempDir()
	compare := func(b *cpp.Build, text, want string, fails bool) {
		t.Helper()
		writeFiles(t, dir, map[string]string{"in.c": text})
		out, err := runUpstream(programs[b], dir, []string{"-E", "-A", "amd64", "in.c"})
		out = strings.TrimPrefix(out, Header+"// #FILENAME in.c 1\n")
		if fails != (err != nil) || !fails && out != want {
			t.Errorf("%s for %s: %q: %q, %v, want %q", b.By, b.Host, text, out, err, want)
		}
	}
	for b := range programs {
		if b.By == ByM2Planet && b.Host == "amd64" {
			for _, c := range preprocessTests {
				compare(b, "#define A 1\n"+c.text, "\n"+c.want, false)
			}
			for _, c := range warningTests {
				compare(b, c.text, c.out, false)
			}
			for _, c := range errorTests {
				if !disorder.MatchString(c.want) {
					compare(b, c.text, "", c.want != "")
				}
			}
		}
		for _, c := range conditions {
			value := c.values[column(b)]
			compare(b, "#if "+c.condition+"\n1\n#else\n0\n#endif\n", selected[value], false)
		}
	}
}

// disorder matches the messages where upstream takes what is left in its
// buffer, or overruns it.
var disorder = regexp.MustCompile("upstream appends to the token|found byte 0x00 in a token")

var (
	generatedFlag = flag.Int("generated", 100, "how many generated programs to preprocess with each build")
	firstSeed     = flag.Uint64("seed", 1, "seed of the first")
)

// TestGenerated preprocesses generated programs, the more part of them sound,
// with upstream's builds: they and ours give the same, or both refuse.
func TestGenerated(t *testing.T) {
	for b, program := range upstreams(t) {
		t.Run(b.By+" for "+b.Host, func(t *testing.T) {
			refused := 0
			for seed := *firstSeed; seed < *firstSeed+uint64(*generatedFlag); seed++ {
				p := generate(seed)
				dir := t.TempDir()
				writeFiles(t, dir, p.files)
				want, upstreamErr := runUpstream(program, dir, p.args)
				got, err := p.run(b)
				switch {
				case upstreamErr != nil && err != nil:
					refused++
				case err != nil && disorder.MatchString(err.Error()):
					refused++
				case upstreamErr != nil:
					t.Errorf("seed %d: upstream refuses it: %v", seed, upstreamErr)
				case err != nil:
					t.Errorf("seed %d: upstream takes it: %v", seed, err)
				case got != want:
					t.Errorf("seed %d: %q, want\n%q", seed, got, want)
				}
			}
			t.Logf("%d of %d programs refused", refused, *generatedFlag)
		})
	}
}

// run preprocesses p as the build b does, and returns what is printed.
func (p generated) run(b *cpp.Build) (string, error) {
	var out bytes.Buffer
	opt := Options{
		Target: Target{System: "Linux", Libc: "./M2libc"}, BuiltBy: b.By, Host: b.Host, Stdout: &out,
		Open: func(path string) (source.Source, error) {
			text, ok := p.files[filepath.ToSlash(filepath.Clean(path))]
			if !ok {
				return source.Source{}, os.ErrNotExist
			}
			return source.String(path, text), nil
		},
	}
	var srcs []source.Source
	for i, arg := range p.args {
		value := p.args[min(i+1, len(p.args)-1)]
		switch arg {
		case "-D":
			name, value, _ := strings.Cut(value, "=")
			opt.Defines = append(opt.Defines, Define{name, value})
		case "-I":
			opt.IncludeDirs = append(opt.IncludeDirs, value)
		case "-A":
			opt.Arch = value
		case "--os":
			opt.System = value
		case "--no-includes":
			opt.NoIncludes = true
		case "--dump-mode":
			opt.NoDirective = true
		case "-f":
			srcs = append(srcs, source.String(value, p.files[strings.TrimPrefix(value, "./")]))
		}
	}
	program, err := Preprocess(srcs, opt)
	if err != nil {
		return "", err
	}
	if !opt.NoDirective {
		out.WriteString(Header)
	}
	err = program.Write(&out)
	return out.String(), err
}
