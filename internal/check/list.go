package check

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/lazyregexp"
)

// maxFiles is the maximum number of files.
const maxFiles = 200_000

var (
	plain     = lazyregexp.New(`^(\\?)([0-9A-Fa-f]+)(?:  | \*|$)(.*)$`)
	tagged    = lazyregexp.New(`^(\\?)SHA(?:2-)?256 ?\((.*)\) ?= ?([0-9A-Fa-f]*)$`)
	said      = lazyregexp.New(`^(\\?)(.+): (OK|FAILED)( open or read)?$`)
	wanted    = lazyregexp.New(`^(Wanted|Received): +([0-9A-Fa-f]*)$`)
	unescaped = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r")
)

// Parse returns the files that a text mentions, in order. name is for messages.
// Parse understands lines of these kinds:
//
//	DIGEST  NAME             of sha256sum; also with *NAME, or the digest alone
//	SHA256 (NAME) = DIGEST   of BSD's sha256, sha256sum --tag and openssl
//	NAME: OK                 of sha256sum -c; also FAILED
//	Wanted:   DIGEST         of stage0-posix's own sha256sum -c, after FAILED
//	Received: DIGEST
//
// Digits may be upper case, a name may begin with ./, and a line may begin with
// a backslash, which sha256sum writes when a name needs one. Other lines, such
// as the output of the script that calls sha256sum, are ignored, unless they
// begin like the first two kinds. A text that mentions no files is an error.
func Parse(name string, text []byte) ([]File, error) {
	var files []File
	n := 0
	for line := range bytes.Lines(text) {
		n++
		f, ok, err := parseLine(string(bytes.TrimRight(line, "\r\n")), files)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:1: %w", name, n, err)
		}
		if ok {
			files = append(files, f)
		}
		if len(files) > maxFiles {
			return nil, fmt.Errorf("%s:%d:1: more than %d files", name, n, maxFiles)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: has no digest in the format of sha256sum", name)
	}
	return files, nil
}

// minDigits is the minimum number of digits of a truncated digest. A shorter
// word may be hex by chance.
const minDigits = 32

var errOrphan = errors.New("a digest of no file: expected NAME: FAILED before it")

// parseLine returns the file that a line mentions. ok is false if the line adds
// to one of the files before, or mentions none.
func parseLine(line string, before []File) (f File, ok bool, err error) {
	var digits string
	var m []string
	switch {
	case len(line) < len("x: OK"):
		return f, false, nil
	case match(&m, wanted, line):
		digest, err := bootstrap.ParseDigest(m[2])
		if err != nil {
			return f, false, err
		}
		if len(before) == 0 || before[len(before)-1].said != refused {
			return f, false, errOrphan
		}
		last := &before[len(before)-1]
		if m[1] == "Wanted" {
			last.wanted = &digest
		} else {
			last.digest = &digest
		}
		return f, false, nil
	case match(&m, tagged, line):
		f.name, digits = unescape(m[1], m[2]), m[3]
	case match(&m, plain, line) && len(m[2]) >= minDigits:
		f.name, digits = unescape(m[1], m[3]), m[2]
	case match(&m, said, line):
		f.name, f.said = strings.TrimPrefix(unescape(m[1], m[2]), "./"), m[3]
		if m[4] != "" {
			f.err = errors.New("the log says that it could not be read")
		}
		return f, true, nil
	default:
		return f, false, nil
	}
	digest, err := bootstrap.ParseDigest(digits)
	if err != nil {
		if len(digits) > 2*hex.EncodedLen(len(digest)) { // do not repeat a long one
			err = fmt.Errorf("%d digits, expected %d of SHA-256", len(digits), hex.EncodedLen(len(digest)))
		}
		return f, false, err
	}
	f.name, f.digest = strings.TrimPrefix(f.name, "./"), &digest
	return f, true, nil
}

// match is FindStringSubmatch that also reports whether there is a match.
func match(m *[]string, re *lazyregexp.Regexp, line string) bool {
	*m = re.FindStringSubmatch(line)
	return slices.Contains(*m, line)
}

func unescape(backslash, name string) string {
	if backslash == "" {
		return name
	}
	return unescaped.Replace(name)
}
