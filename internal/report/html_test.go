package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/bootstrap"
)

func toHTML(t *testing.T, runs ...*bootstrap.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := (&Report{Runs: runs}).HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// body returns a page without its style.
func body(page string) string {
	before, after, _ := strings.Cut(page, "<style>")
	_, after, _ = strings.Cut(after, "</style>")
	return before + "<style></style>" + after
}

// The page explains how numbers are stored with the header that it shows, and not
// with that of another processor.
func TestEntry(t *testing.T) {
	for _, test := range []struct {
		rows []row
		want *number
	}{
		{nil, nil},
		{[]row{{What: "e_version", Bytes: "01 00 00 00"}}, nil},
		{[]row{{What: "e_machine", Bytes: "3E 00"}, {What: "e_entry", Bytes: "8A 00 60 00 00 00 00 00"}}, &number{"8A 00 60 00 00 00 00 00", "000000000060008A"}},
	} {
		list := listing{Rows: test.rows}
		assert.Equal(t, test.want, list.Entry())
	}
	page := toHTML(t, good())
	assert.NotContains(t, page, "08048064", "there is no header")
}

// The markup of what can go wrong, and of what goes well.
func TestHTML(t *testing.T) {
	run := good()
	l := run.Ledgers[0]
	l.Texts = map[string][]byte{"x86/hex0_x86.hex0": []byte("# two\n\n31 C0 ; xor_eax,eax # none\n# more\n:x 42 # inc eax\n")}
	hash := regexp.MustCompile(`sha256-.*?=&#39;`)
	page := func(runs ...*bootstrap.Run) string {
		return hash.ReplaceAllString(body(toHTML(t, runs...)), "HASH&#39;")
	}
	l.Steps[2].Inputs = append(l.Steps[2].Inputs, bootstrap.File{Path: "x86/x.hex2", Size: 3, Digest: three, From: -1})
	l.Texts["x86/x.hex2"] = []byte(":loop EB !loop ; jmp !loop\n\t# goes on\n")
	golden(t, "good.html", page(run))
	golden(t, "bad.html", page(bad()))

	again := good()
	again.Engine = bootstrap.EngineEmu
	both := page(run, again)
	for _, want := range []string{`<h2 id="verdict-go">`, `<h2 id="verdict-emu">`} {
		if !strings.Contains(both, want) {
			t.Errorf("with two engines, there is no %s", want)
		}
	}
	if once := `<h2 id="x86">`; strings.Count(both, once) != 1 {
		t.Errorf("with two engines, there is more than one %s", once)
	}
}

// The page begins with the verdict, in words and in its colour.
func TestHTMLConclusion(t *testing.T) {
	for _, test := range []struct {
		run                 *bootstrap.Run
		status, state, sign string
		heading             string
		row                 string // of the matrix
		mark                string // of the step that made it
	}{
		{with("go", bootstrap.Matches), "match", "good", "✓", "Everything was made, and is confirmed", "✓ 1", "step matches"},
		{with("go", bootstrap.Agreed), "agreed", "good", "✓", "Everything was made, and is confirmed", "✓ 1", "step agreed"},
		{with("go", bootstrap.Unconfirmed), "unconfirmed", "unsure", "?", "Everything was made, but not all of it is confirmed", "? 0 of 1", "step unconfirmed"},
		{with("go", bootstrap.Differs), "no match", "bad", "✗", "Not everything was made as it should be", "✗ 0 of 1", "step differs"},
	} {
		page := body(toHTML(t, test.run))
		text := html.EscapeString(Conclude([]*bootstrap.Run{test.run}).Text)
		for _, want := range []string{
			"<title>" + test.sign + " Release_1.9.1: " + test.status + "</title>",
			"<h1>Release_1.9.1</h1>",
			`<section class="verdict ` + test.state + `" aria-labelledby="verdict">` + "\n" +
				`<h2 id="verdict"><span class="sign" aria-hidden="true">` + test.sign + "</span> " + text + "</h2>\n</section>",
			`<section class="verdict ` + test.state + `" aria-labelledby="verdict-go">` + "\n" +
				`<h2 id="verdict-go"><span class="sign" aria-hidden="true">` + test.sign + "</span> Engine go: " + test.heading + "</h2>",
			`<td class="` + test.state + `"><a href="#x86-phase-9">` + test.row + "</a></td>",
			`<details class="` + test.mark + `">`,
			"<p>" + test.sign + " ",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: there is no %s", test.heading, want)
			}
		}
		if n := strings.Count(page, "What is wrong"); n > 0 && test.state != "bad" {
			t.Errorf("%s: there is %d times something wrong", test.heading, n)
		}
		if strings.Contains(page, "Components of the tree") {
			t.Errorf("%s: the components of a release are listed", test.heading)
		}
	}
}

// Where engines disagree, or one of them made nothing, the phases say so,
// whichever is the first.
func TestHTMLTwoEngines(t *testing.T) {
	good, bad := with("go", bootstrap.Matches, bootstrap.Matches, bootstrap.Agreed), with("emu", bootstrap.Matches, bootstrap.Differs, bootstrap.Missing)
	for _, runs := range [][]*bootstrap.Run{{good, bad}, {bad, good}} {
		page := toHTML(t, runs...)
		for _, want := range []string{
			`<td class="bad"><a href="#x86-phase-9">✗ 1 of 3</a></td>`,
			`<span class="sign" aria-hidden="true">✗</span> no match: 1 of 3 artefacts differs, 1 of 3 artefacts was not made</h2>`,
			`<span class="sign" aria-hidden="true">✓</span> Engine go: Everything was made, and is confirmed</h2>` + "\n<p><strong>3 of 3</strong>",
			`<span class="sign" aria-hidden="true">✗</span> Engine emu: Not everything was made as it should be</h2>` + "\n<p><strong>1 of 3</strong>",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("first %s: there is no %s", runs[0].Engine, want)
			}
		}
	}
	// Runs that were read need not be of the same ladders.
	toHTML(t, good, &bootstrap.Run{Engine: bootstrap.EngineEmu})
}

func TestHTMLIsDeterministic(t *testing.T) {
	once := toHTML(t, replaySample(t))
	if again := toHTML(t, replaySample(t)); once != again {
		t.Error("two replays give two pages")
	}
}

// All that the page needs is in it: nothing in it names anything else, and its
// policy forbids all but its own style.
func TestHTMLStandsAlone(t *testing.T) {
	page := toHTML(t, replaySample(t))
	for _, want := range []string{"<script", "<link", "<img", "src=", "@import", "url(", "http:", "https:", "style=", "onclick"} {
		if strings.Contains(page, want) {
			t.Errorf("there is %q in it", want)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)[1]
	hash := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	got := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)[1]
	check(t, want, html.UnescapeString(got))
}

// Every step and every digest of the ledgers is in the page.
func TestHTMLIsComplete(t *testing.T) {
	run := replaySample(t)
	page := toHTML(t, run)
	for _, l := range run.Ledgers {
		for i, s := range l.Steps {
			if !strings.Contains(page, fmt.Sprintf(`<div id="%s-%d" `, l.Arch.Name, i)) {
				t.Errorf("step %d of %s is missing", i, l.Arch.Name)
			}
			for _, f := range slices.Concat(s.Inputs, s.Outputs) {
				if !strings.Contains(page, f.Digest.String()) {
					t.Errorf("the digest of %s is missing", f.Path)
				}
			}
		}
	}
}

// Text in a page stands as it is written, and nothing in it is invisible.
func TestHTMLHostile(t *testing.T) {
	page := toHTML(t, hostile())
	for _, evil := range []string{"<script", "<img", "\u202e", "\x1b"} {
		if strings.Contains(page, evil) {
			t.Errorf("there is %q in it", evil)
		}
	}
	if !strings.Contains(page, "&lt;script&gt;injected=1&lt;/script&gt;") {
		t.Error("it does not show what was written")
	}
}

// firstListing returns what the page says first of a run.
func firstListing(t *testing.T, run *bootstrap.Run) *listing {
	t.Helper()
	var p page
	for _, l := range run.Ledgers {
		p.Ladders = append(p.Ladders, ladderPageOf(l))
	}
	p.chooseFirst()
	if p.First == nil {
		t.Fatal("there is nothing to read first")
	}
	return p.First
}

// follow checks that a listing can be followed byte by byte: that its bytes are
// those of the file that is made of it, each at its address, and each explained.
func follow(t *testing.T, list *listing, want bootstrap.Digest) {
	t.Helper()
	next, data := "", []byte{}
	for _, r := range list.Rows {
		if r.Kind != "" {
			continue
		}
		if next != "" && r.Address != next {
			t.Errorf("after the bytes before %s follow those at %s", next, r.Address)
		}
		var at uint64
		fmt.Sscanf(r.Address, "%X", &at)
		for _, b := range strings.Fields(r.Bytes) {
			var value byte
			if _, err := fmt.Sscanf(b, "%X", &value); err != nil {
				t.Errorf("%s: %q is not a byte", r.Address, b)
			}
			data = append(data, value)
			at++
		}
		next = fmt.Sprintf("%08x", at)
		if r.What == "" && r.Comment == "" {
			t.Errorf("%s: nothing is said of %s", r.Address, r.Bytes)
		}
		if r.What != "" && r.Meaning == "" {
			t.Errorf("%s: %s is not explained", r.Address, r.What)
		}
	}
	if got := bootstrap.Digest(sha256.Sum256(data)); got != want {
		t.Errorf("%d bytes with digest %s, want %s", len(data), got, want)
	}
}

// A reviewer who has never read hex0 can follow the first program, byte by byte.
func TestFirstProgram(t *testing.T) {
	run := replaySample(t)
	list := firstListing(t, run)
	assert.Equal(t, "x86/hello.hex0", list.Path)
	assert.LessOrEqual(t, list.Findings, 0)
	assert.Empty(t, list.Err)
	for _, a := range run.Ledgers[0].Artefacts {
		if a.Path == "x86/out/hello-hex0" {
			follow(t, list, a.Digest)
		}
	}
	named := map[string]bool{}
	for _, r := range list.Rows {
		named[r.What] = true
	}
	for field := range fields {
		if !named[field] {
			t.Errorf("%s is not shown", field)
		}
	}
}

func TestFirstProgramOfRelease(t *testing.T) {
	run := replayRelease(t, "x86")
	list := firstListing(t, run)
	assert.Equal(t, "x86/hex0_x86.hex0", list.Path)
	assert.Empty(t, list.Err)
	for _, a := range run.Ledgers[0].Artefacts {
		if a.Path == "x86/artifact/hex0" {
			follow(t, list, a.Digest)
		}
	}
}

// Of every file that is written by hand there is a listing, and what each
// instruction in it does is known.
func TestListings(t *testing.T) {
	test := func(t *testing.T, run *bootstrap.Run) {
		for _, l := range run.Ledgers {
			listed := map[string]bool{}
			for _, phase := range ladderPageOf(l).Phases {
				for _, s := range phase.Steps {
					for _, list := range s.Listings {
						listed[list.Path] = true
						if list.Err != "" {
							t.Errorf("%s: %s", list.Path, list.Err)
						}
						for _, r := range list.Rows {
							if name, _, _ := strings.Cut(r.What, " "); r.Kind == "" && name != "" && meanings[name] == "" && r.Meaning == "" {
								t.Errorf("%s: what is %s?", list.Path, name)
							}
						}
					}
				}
			}
			for name := range maps.Keys(l.Texts) {
				if !listed[name] {
					t.Errorf("%s is not listed", name)
				}
			}
			if len(listed) == 0 {
				t.Errorf("nothing is listed of %s", l.Arch.Name)
			}
		}
	}
	t.Run("sample", func(t *testing.T) { test(t, replaySample(t)) })
	t.Run("release", func(t *testing.T) { test(t, replayRelease(t)) })
}

// Every file belongs to a phase, and there are as many as the README says.
func TestPhases(t *testing.T) {
	test := func(t *testing.T, run *bootstrap.Run) {
		used := map[int]bool{}
		for _, l := range run.Ledgers {
			for _, a := range l.Artefacts {
				n := phaseOf(l.Arch, a.Path)
				used[n] = true
				if n == len(phases)-1 {
					t.Errorf("%s is in no phase", a.Path)
				}
			}
			last := -1
			for _, n := range phasesOf(l) {
				if n < last {
					t.Errorf("%s: phase %q comes after %q", l.Arch.Name, phases[n].Number, phases[last].Number)
				}
				last = n
			}
		}
		if len(used) < 4 {
			t.Errorf("there are %d phases", len(used))
		}
	}
	t.Run("sample", func(t *testing.T) { test(t, replaySample(t)) })
	t.Run("release", func(t *testing.T) { test(t, replayRelease(t)) })
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range phases[:5] {
		if row := "\n| " + p.Number + " | " + p.Title + " |"; !strings.Contains(string(readme), row) {
			t.Errorf("the README has no row %q", row)
		}
	}
}
