package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"stage0/bootstrap"
	"stage0/internal/prove"
)

// Seeds that are proved, refuted, undecided, and not there.
var (
	goodSeed = Seed{"bootstrap-seeds/POSIX/x86/hex0-seed", &prove.Proof{Arch: "x86", SHA256: strings.Repeat("1", 64), Size: 181,
		Proved: true, Variant: []string{"g and G are digits of value 16"}, States: 251, Transitions: 64507, Executed: 105,
		Instructions: []string{"add", "int"}, Facts: []prove.Fact{{World: "the disk is <full>", Ends: []string{"exits 0", "hangs"}}}}}
	refutedSeed = Seed{"a/<b>", &prove.Proof{Arch: "amd64", SHA256: strings.Repeat("2", 64), Size: 3,
		Difference: &prove.Difference{Input: []byte("<0"), Call: "exit(1)", Expected: "write(4, 00)"}}}
	undecidedSeed = Seed{"c", &prove.Proof{Arch: "riscv32", Size: 3, Reason: "more than 3 states"}}
	missingSeed   = Seed{"d", &prove.Proof{Arch: "riscv64", Reason: "no such file or directory"}}
)

func TestConcludeSeeds(t *testing.T) {
	failed := good()
	failed.Ledgers[0].Artefacts[0].Witnesses[0].Digest = two
	stopped := bad()
	for _, test := range []struct {
		run    *bootstrap.Run
		seeds  []Seed
		status Status
		text   string
	}{
		{good(), nil, Match, "match: 2 of 2 artefacts are those of Release_1.9.1"},
		{good(), []Seed{goodSeed}, Match, "match: 2 of 2 artefacts are those of Release_1.9.1, and the hex0-seed is proved"},
		{good(), []Seed{goodSeed, goodSeed}, Match, "match: 2 of 2 artefacts are those of Release_1.9.1, and all 2 hex0-seeds are proved"},
		{good(), []Seed{goodSeed, refutedSeed}, NoMatch,
			"no match: the hex0-seed of amd64 is not proved; otherwise match: 2 of 2 artefacts are those of Release_1.9.1"},
		{failed, []Seed{goodSeed}, NoMatch, "no match: 1 of 2 artefacts differs"},
		{failed, []Seed{refutedSeed, undecidedSeed}, NoMatch, "no match: 1 of 2 artefacts differs, the hex0-seeds of amd64, riscv32 are not proved"},
		{stopped, []Seed{refutedSeed}, Stopped, Conclude([]*bootstrap.Run{stopped}).Text},
	} {
		r := &Report{Runs: []*bootstrap.Run{test.run}, Seeds: test.seeds}
		assert.Equal(t, Conclusion{test.status, test.text}, r.Conclude())
	}
}

func TestTextSeeds(t *testing.T) {
	var b bytes.Buffer
	r := &Report{Runs: []*bootstrap.Run{good()}, Seeds: []Seed{goodSeed, refutedSeed, undecidedSeed, missingSeed}}
	require.NoError(t, r.Text(&b))
	assert.Contains(t, b.String(), `
SEED  a/<b>
      refuted after the input "<0"
      expected write(4, 00)
      got exit(1)

SEED  c
      not proved: more than 3 states

SEED  d
      not proved: no such file or directory
`)
	assert.NotContains(t, b.String(), "SEED  "+goodSeed.Path)
	assert.True(t, strings.HasSuffix(b.String(), "\nno match: the hex0-seeds of amd64, riscv32, riscv64 are not proved; otherwise match: 2 of 2 artefacts are those of Release_1.9.1\n"), b.String())
}

func TestJSONSeeds(t *testing.T) {
	var b bytes.Buffer
	run := good()
	run.Revision.Repository = nil
	r := &Report{Runs: []*bootstrap.Run{run}, Seeds: []Seed{goodSeed, refutedSeed, undecidedSeed, missingSeed}}
	require.NoError(t, r.JSON(&b))
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.NoError(t, schema(t).Validate(doc))
	all := doc.(map[string]any)
	assert.Equal(t, "no match", all["status"])
	seeds := all["seeds"].([]any)
	require.Len(t, seeds, 4)
	assert.Equal(t, true, seeds[0].(map[string]any)["proved"])
	assert.Equal(t, map[string]any{"input": "PDA=", "atEnd": false, "call": "exit(1)", "expected": "write(4, 00)"}, seeds[1].(map[string]any)["difference"])
	runs, err := ReadJSON(&b)
	require.NoError(t, err)
	assert.Len(t, runs, 1)
}

func TestHTMLSeeds(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, (&Report{Runs: []*bootstrap.Run{good()}, Seeds: []Seed{goodSeed}}).HTML(&b))
	page := b.String()
	for _, want := range []string{
		`<section class="verdict good" aria-labelledby="seeds">`, "The hex0-seeds: proved for every input</h2>",
		`<th scope="row">x86<td class="what">✓ proved<td>181<td>105<td>251<td>64507<td>0</tr>`,
		"<div><dt>x86</dt><dd>add int </dd></div>", "hex0 is. On x86, g and G are digits of value 16.",
		`<th scope="row">the disk is &lt;full&gt;<td>exits 0; or hangs</tr>`,
	} {
		assert.Contains(t, page, want)
	}
	b.Reset()
	require.NoError(t, (&Report{Runs: []*bootstrap.Run{good()}, Seeds: []Seed{refutedSeed, missingSeed}}).HTML(&b))
	page = b.String()
	for _, want := range []string{
		`<section class="verdict bad" aria-labelledby="seeds">`, "The hex0-seeds: 2 of 2 not proved</h2>",
		`<td class="what">✗ refuted after the input &#34;&lt;0&#34;<td>3`,
		"<code>a/&lt;b&gt;</code> is not hex0: after the input &#34;&lt;0&#34; it should make the call <code>write(4, 00)</code>, and does <code>exit(1)</code>.",
		`<td class="what">✗ not proved: no such file or directory`,
	} {
		assert.Contains(t, page, want)
	}
	assert.NotContains(t, page, "What the proof rests on", "nothing is proved")

	// Seeds that behave alike are in one group.
	other, same := *goodSeed.Proof, *goodSeed.Proof
	other.Arch, other.Facts = "riscv64", []prove.Fact{{World: "the disk is <full>", Ends: []string{"exits 1"}}}
	same.Arch = "amd64"
	b.Reset()
	require.NoError(t, (&Report{Runs: []*bootstrap.Run{good()}, Seeds: []Seed{goodSeed, {"o", &other}, {"s", &same}}}).HTML(&b))
	assert.Contains(t, b.String(), "<td><small>x86, amd64:</small> exits 0; or hangs<br><small>riscv64:</small> exits 1</tr>")
}

func TestAttestSeeds(t *testing.T) {
	var b bytes.Buffer
	r := &Report{Runs: []*bootstrap.Run{good()}, Seeds: []Seed{goodSeed}}
	require.NoError(t, r.Attest(&b, program))
	golden(t, "attest-seeds.json", b.String())
	b.Reset()
	r.Seeds = append(r.Seeds, undecidedSeed)
	assert.ErrorIs(t, r.Attest(&b, program), errNotProved)
	assert.Zero(t, b.Len())
}
