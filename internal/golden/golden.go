// Package golden reads and runs the goldens below testdata: txtar files that
// record what a program does with an input.
//
// The comment of such a file says what it is about, and then has lines of these
// forms:
//
//	$ hex2 -f in.hex2 -o out    a command; several run one after the other
//	exit 1                      the status of the last command (default 0)
//	mode out 0750               the permissions of an output file
//	upstream: PROGRAM VERSION   the build of upstream's that gave the same bytes
//	crashes: PROGRAM VERSION    the build of upstream's that a signal ends
//	differs: REASON             why upstream's result is different
//	differs from debian: REASON why that of Debian's mescc-tools 1.4.0 is
//
// A command's words are separated by spaces; there is no quoting. The files of the
// archive are the inputs, except that want/stdout and want/stderr are the expected
// output, and want/NAME is the expected contents of the file NAME. No other files may
// be written. The name of a file that is not text ends in .hexdump; the file is in
// hex digits.
package golden

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"
)

// A Golden is the contents of such a file.
type Golden struct {
	path     string
	commands [][]string             // the words of each command
	exit     int                    // the status of the last one
	modes    map[string]fs.FileMode // the permissions of output files
	Upstream string                 // the build of upstream's that was compared; empty if none was
	crashes  bool                   // a signal ends that build
	differs  map[string]string      // by peer, "" for all: why its result is different
	Inputs   map[string][]byte
	want     map[string][]byte // the output, as stdout and stderr, and the output files

	comment []byte
	order   []txtar.File // the inputs as they stand in the file
}

// A Result is the result of a command.
type Result struct {
	Exit           int
	Stdout, Stderr []byte
}

const hexdump = ".hexdump"

// Load reads the golden at path.
func Load(path string) (*Golden, error) {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		return nil, err
	}
	g := &Golden{
		path:    path,
		modes:   map[string]fs.FileMode{},
		differs: map[string]string{},
		Inputs:  map[string][]byte{},
		want:    map[string][]byte{},
		comment: ar.Comment,
	}
	for _, line := range strings.Split(string(ar.Comment), "\n") {
		if err := g.parseLine(line); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, line, err)
		}
	}
	if len(g.commands) == 0 {
		return nil, fmt.Errorf("%s: no command", path)
	}
	for _, f := range ar.Files {
		name, data := f.Name, f.Data
		if strings.HasSuffix(name, hexdump) {
			name = strings.TrimSuffix(name, hexdump)
			if data, err = hex.DecodeString(strings.Join(strings.Fields(string(data)), "")); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, f.Name, err)
			}
		}
		if want, ok := strings.CutPrefix(name, "want/"); ok {
			g.want[want] = data
		} else {
			g.Inputs[name] = data
			g.order = append(g.order, f)
		}
	}
	return g, nil
}

func (g *Golden) parseLine(line string) error {
	words := strings.Fields(line)
	switch {
	case strings.HasPrefix(line, "$ "):
		g.commands = append(g.commands, words[1:])
	case strings.HasPrefix(line, "exit ") && len(words) == 2:
		status, err := strconv.Atoi(words[1])
		g.exit = status
		return err
	case strings.HasPrefix(line, "mode ") && len(words) == 3:
		mode, err := strconv.ParseUint(words[2], 8, 32)
		g.modes[words[1]] = fs.FileMode(mode)
		return err
	case strings.HasPrefix(line, "upstream: "):
		g.Upstream = strings.TrimPrefix(line, "upstream: ")
	case strings.HasPrefix(line, "crashes: "):
		g.Upstream, g.crashes = strings.TrimPrefix(line, "crashes: "), true
	case strings.HasPrefix(line, "differs"):
		peer, reason, ok := strings.Cut(strings.TrimPrefix(line, "differs"), ": ")
		if !ok {
			return fmt.Errorf("no reason")
		}
		g.differs[strings.TrimPrefix(peer, " from ")] = reason
	}
	return nil
}

// writeInputs writes the input files below dir.
func (g *Golden) writeInputs(dir string) error {
	for name, data := range g.Inputs {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// outputs returns the files below dir that are not inputs, and the inputs that have
// changed.
func (g *Golden) outputs(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		data, err := os.ReadFile(path)
		if in, ok := g.Inputs[name]; !ok || !bytes.Equal(in, data) {
			files[name] = data
		}
		return err
	})
	return files, err
}

// update rewrites the golden's file with a new status, and new output and output files.
func (g *Golden) update(exit int, want map[string][]byte) error {
	var comment []string
	for _, line := range strings.Split(strings.TrimRight(string(g.comment), "\n"), "\n") {
		if !strings.HasPrefix(line, "exit ") {
			comment = append(comment, line)
		}
		if exit != 0 && len(g.commands) > 0 && line == "$ "+strings.Join(g.commands[len(g.commands)-1], " ") {
			comment = append(comment, fmt.Sprintf("exit %d", exit))
		}
	}
	ar := &txtar.Archive{Comment: []byte(strings.Join(comment, "\n") + "\n"), Files: g.order}
	for _, name := range sortedKeys(want) {
		data := want[name]
		if len(data) == 0 && (name == "stdout" || name == "stderr") {
			continue
		}
		f := txtar.File{Name: "want/" + name, Data: data}
		if !isText(data) {
			f.Name += hexdump
			f.Data = dump(data)
		}
		ar.Files = append(ar.Files, f)
	}
	return os.WriteFile(g.path, txtar.Format(ar), 0o666)
}

// isText reports whether data can be in a txtar file without encoding.
func isText(data []byte) bool {
	if len(data) == 0 {
		return true
	}
	return data[len(data)-1] == '\n' && utf8.Valid(data) && !bytes.ContainsAny(data, "\x00\x7f\r\x1b") &&
		!bytes.HasPrefix(data, []byte("-- ")) && !bytes.Contains(data, []byte("\n-- "))
}

// dump returns data as lines of 16 bytes in hex.
func dump(data []byte) []byte {
	var b bytes.Buffer
	for ; len(data) > 0; data = data[min(16, len(data)):] {
		fmt.Fprintf(&b, "% X\n", data[:min(16, len(data))])
	}
	return b.Bytes()
}

func sortedKeys(m map[string][]byte) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
