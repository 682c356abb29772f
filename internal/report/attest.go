package report

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"stage0/bootstrap"
)

// A Program is what is known of the program that makes a report.
type Program struct {
	Digest   bootstrap.Digest // of its file
	Go       string           // version of Go that built it
	Platform string           // GOOS/GOARCH
	Module   Module           // that it is from
	Modules  []Module         // that it contains, the standard library excepted
}

// A Module is one of Go.
type Module struct {
	Path, Version string
	Sum           string // as in go.sum; empty if it has none
}

// What the URIs of an attestation say.
const (
	statementType = "https://in-toto.io/Statement/v1"
	predicateType = "https://slsa.dev/provenance/v1"

	// buildType says that the ladders of externalParameters were replayed by
	// stage0 verify, with each of the engines, and that everything was made,
	// and is what every witness says: a reference or two engines.
	buildType = "urn:stage0:verify:2"

	// theoremURI says that the seed makes the system calls of hex0, and no others,
	// for every input of any length, under the assumptions of package prove.
	theoremURI = "urn:stage0:hex0-seed:1"

	// builderID is stage0 on somebody's machine: it is what the file in
	// builderDependencies does, and whoever signs the statement answers for it.
	builderID = "urn:stage0:program:1"
)

// errNotGood is the error of Attest for runs in which something is not confirmed.
var errNotGood = errors.New("not everything was made and confirmed, so nothing is attested")

// errRecalled is the error of Attest for runs with steps from a cache, whose records
// anybody who can write to the cache could have made up.
var errRecalled = errors.New("steps came from the cache, so nothing is attested; with --no-cache they are run")

// errNotProved is the error of Attest if a seed should be proved, and is not.
var errNotProved = errors.New("not every seed is proved, so nothing is attested")

// Attest writes an in-toto statement (v1) with a SLSA provenance (v1): that
// program replayed the ladders, that they made the artefacts, and, if the report
// has them, that the seeds are proved. It has no
// time and place, so that the same program and the same tree give the same
// bytes. It is not signed.
//
// What was made is the subject. Dependencies are the release's git commits, of
// which only those files were compared that follow them; the tree's files that
// the ladders read; and what the builder consists of. The extension field
// stage0_lineages says what agreed with what, and what these have in common;
// stage0_seeds has the proofs.
func (r *Report) Attest(w io.Writer, program Program) error {
	runs := r.Runs
	switch {
	case Conclude(runs).Status > Agreed:
		return errNotGood
	case len(notProved(r.Seeds)) > 0:
		return errNotProved
	}
	for _, run := range runs {
		for _, l := range run.Ledgers {
			if l.Recalled() > 0 {
				return errRecalled
			}
		}
	}
	return encode(w, statement{
		Type:          statementType,
		Subject:       subjects(runs),
		PredicateType: predicateType,
		Predicate: provenance{
			BuildDefinition: buildDefinition{
				BuildType:            buildType,
				ExternalParameters:   parametersOf(r),
				ResolvedDependencies: append(commits(runs[0].Revision.Repository), materials(runs)...),
			},
			RunDetails: runDetails{builder{
				ID:                  builderID,
				Version:             map[string]string{"stage0": program.Module.Version, "go": program.Go, "platform": program.Platform},
				BuilderDependencies: parts(program),
			}},
			Lineages: lineagesOf(runs),
			Seeds:    mapped(r.Seeds, provedOf),
		},
	})
}

type (
	statement struct {
		Type          string     `json:"_type"`
		Subject       []resource `json:"subject"`
		PredicateType string     `json:"predicateType"`
		Predicate     provenance `json:"predicate"`
	}

	provenance struct {
		BuildDefinition buildDefinition `json:"buildDefinition"`
		RunDetails      runDetails      `json:"runDetails"`
		Lineages        lineages        `json:"stage0_lineages"`
		Seeds           []provedSeed    `json:"stage0_seeds,omitempty"`
	}

	buildDefinition struct {
		BuildType            string     `json:"buildType"`
		ExternalParameters   parameters `json:"externalParameters"`
		ResolvedDependencies []resource `json:"resolvedDependencies"`
	}

	parameters struct {
		Reference     string   `json:"reference"`
		Architectures []string `json:"architectures"`
		Engines       []string `json:"engines"`
		Prove         bool     `json:"prove,omitempty"`
	}

	runDetails struct {
		Builder builder `json:"builder"`
	}

	builder struct {
		ID                  string            `json:"id"`
		Version             map[string]string `json:"version"`
		BuilderDependencies []resource        `json:"builderDependencies"`
	}

	// A resource is a ResourceDescriptor of in-toto.
	resource struct {
		Name   string            `json:"name,omitempty"`
		URI    string            `json:"uri,omitempty"`
		Digest map[string]string `json:"digest,omitempty"`
	}

	// A provedSeed is a seed with the size of its proof.
	provedSeed struct {
		resource
		Theorem      string   `json:"theorem"`
		Variant      []string `json:"variant"`
		States       int      `json:"states"`
		Transitions  int      `json:"transitions"`
		Instructions []string `json:"instructions"`
	}

	lineages struct {
		Witnesses []agreement `json:"witnesses"`
		Engines   []lineage   `json:"engines"`
	}

	// An agreement is of how many artefacts a witness says what they should
	// be, and how many of them are that.
	agreement struct {
		Witness string `json:"witness"`
		Agree   int    `json:"agree"`
		Of      int    `json:"of"`
	}

	// A lineage is what made the artefacts, and what it has in common with
	// what made those of the native run.
	lineage struct {
		Engine string   `json:"engine"`
		Made   string   `json:"madeBy"`
		Shared []string `json:"sharedWithNativeRun"`
		Apart  []string `json:"notShared"`
	}
)

// lineageOf has what there is to say of each engine.
var lineageOf = map[string]lineage{
	bootstrap.EngineGo: {
		Made:   "programs written in Go, which are part of stage0; programs that no release has were executed by its emulator",
		Shared: []string{"the sources of the ladder", "the machine that a reader looks with"},
		Apart:  []string{"the seeds", "what the seeds build", "the processors, or qemu, that executed them"},
	},
	bootstrap.EngineEmu: {
		Made:   "the seeds and what they build, executed by the emulator that is part of stage0",
		Shared: []string{"the sources of the ladder", "the seeds", "what the seeds build", "the machine that a reader looks with"},
		Apart:  []string{"the processors, or qemu, that executed them", "the operating system"},
	},
	bootstrap.EngineHost: {
		Made:   "the seeds and what they build, executed by the machine that ran stage0",
		Shared: []string{"the sources of the ladder", "the seeds", "what the seeds build", "the kind of the processors, or qemu, that executed them", "the kind of operating system"},
		Apart:  []string{"the machine"},
	},
}

func subjects(runs []*bootstrap.Run) []resource {
	var made []bootstrap.File
	for _, run := range runs {
		for _, l := range run.Ledgers {
			for _, a := range l.Artefacts {
				made = append(made, a.File)
			}
		}
	}
	return mapped(sortedFiles(made), resourceOf)
}

func resourceOf(f bootstrap.File) resource {
	return resource{Name: f.Path, Digest: map[string]string{"sha256": f.Digest.String()}}
}

// provedOf returns a proved seed as it is attested.
func provedOf(s Seed) provedSeed {
	return provedSeed{
		resource: resource{Name: s.Path, Digest: map[string]string{"sha256": s.SHA256}},
		Theorem:  theoremURI, Variant: s.Variant, States: s.States, Transitions: s.Transitions, Instructions: s.Instructions,
	}
}

func parametersOf(r *Report) parameters {
	p := parameters{Reference: r.Runs[0].Revision.Name(), Prove: len(r.Seeds) > 0}
	for _, l := range r.Runs[0].Ledgers {
		p.Architectures = append(p.Architectures, l.Arch.Name)
	}
	for _, run := range r.Runs {
		p.Engines = append(p.Engines, run.Engine)
	}
	return p
}

// commits returns a repository, and those of its submodules.
func commits(r *bootstrap.Repository) []resource {
	if r == nil {
		return nil
	}
	commit := func(id string) map[string]string { return map[string]string{"gitCommit": id} }
	all := []resource{{URI: "git+" + r.URL + "@" + r.Commit, Digest: commit(r.Commit)}}
	for _, s := range r.Submodules {
		all = append(all, resource{Name: s.Path, Digest: commit(s.Commit)})
	}
	return all
}

// materials returns the tree's files that the ladders read.
func materials(runs []*bootstrap.Run) []resource {
	var read []bootstrap.File
	for _, run := range runs {
		for _, l := range run.Ledgers {
			o := originsOf(l)
			read = slices.Concat(read, l.Sources, o.sources(o.all()))
		}
	}
	return mapped(sortedFiles(read), resourceOf)
}

// parts returns what a program consists of.
func parts(p Program) []resource {
	all := []resource{{Name: "stage0", Digest: map[string]string{"sha256": p.Digest.String()}}}
	for _, m := range append([]Module{p.Module}, p.Modules...) {
		r := resource{Name: m.Path, URI: "pkg:golang/" + m.Path}
		if strings.HasPrefix(m.Version, "v") { // one of what is not a release is not a version
			r.URI += "@" + m.Version
		}
		if hash, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && len(hash) > 0 {
			r.Digest = map[string]string{"dirHash": hex.EncodeToString(hash)}
		}
		all = append(all, r)
	}
	return all
}

func lineagesOf(runs []*bootstrap.Run) lineages {
	all := lineages{Witnesses: agreements(runs...)}
	for _, run := range runs {
		l := lineageOf[run.Engine]
		l.Engine = run.Engine
		switch {
		case run.Engine == bootstrap.EngineHost:
		case run.Single:
			l.Made += ", one instruction at a time"
		default:
			l.Made += ", which has wazero run them as WebAssembly"
		}
		all.Engines = append(all.Engines, l)
	}
	return all
}

// agreements counts how far the artefacts of runs are what each kind of
// witness says.
func agreements(runs ...*bootstrap.Run) []agreement {
	found := map[string]agreement{}
	for _, run := range runs {
		for _, l := range run.Ledgers {
			for _, a := range l.Artefacts {
				for _, w := range a.Witnesses {
					g := found[witness(w)]
					g.Witness = witness(w)
					g.Of++
					if a.From >= 0 && a.Digest == w.Digest {
						g.Agree++
					}
					found[g.Witness] = g
				}
			}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b agreement) int { return cmp.Compare(a.Witness, b.Witness) })
}
