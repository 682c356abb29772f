package bootstrap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"stage0/arch"
)

// The names of the enumerated values.
var (
	statuses     = []string{OK: "ok", Failed: "failed"}
	witnessKinds = []string{ByRelease: "release", ByAnswers: "answers", BySeed: "seed", ByEngine: "engine"}
	verdicts     = []string{Matches: "matches", Agreed: "agreed", Unconfirmed: "unconfirmed", Differs: "differs", Missing: "missing"}
)

func (s Status) String() string      { return statuses[s] }
func (k WitnessKind) String() string { return witnessKinds[k] }
func (v Verdict) String() string     { return verdicts[v] }

// MarshalText returns the name of the status.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (s *Status) UnmarshalText(text []byte) error { return parseName(s, "status", statuses, text) }

// MarshalText returns the name of the kind.
func (k WitnessKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (k *WitnessKind) UnmarshalText(text []byte) error {
	return parseName(k, "kind of witness", witnessKinds, text)
}

// MarshalText returns the name of the verdict.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// parseName sets v to the index of text in names.
func parseName[T ~int](v *T, what string, names []string, text []byte) error {
	i := slices.Index(names, string(text))
	if i < 0 {
		return fmt.Errorf("no such %s: %q", what, text)
	}
	*v = T(i)
	return nil
}

// MarshalText returns the permissions as four octal digits.
func (p Perm) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%04o", uint32(p)), nil }

// UnmarshalText is the reverse of MarshalText.
func (p *Perm) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 8, 9)
	if err != nil {
		return fmt.Errorf("no such permissions: %q", text)
	}
	*p = Perm(n)
	return nil
}

// MarshalJSON adds the verdict.
func (a Artefact) MarshalJSON() ([]byte, error) {
	type plain Artefact
	return marshal(struct {
		plain
		Verdict Verdict `json:"verdict"`
	}{plain(a), a.Verdict()})
}

// MarshalJSON adds what the methods of the ledger return, and the error.
func (l *Ledger) MarshalJSON() ([]byte, error) {
	type plain Ledger
	doc := struct {
		Arch        arch.Arch `json:"arch"` // in plain, too; here it comes first
		Good        bool      `json:"good"`
		Failure     *int      `json:"failure"`
		Matches     int       `json:"matches"`
		Agreed      int       `json:"agreed"`
		Unconfirmed int       `json:"unconfirmed"`
		Differs     int       `json:"differs"`
		Missing     int       `json:"missing"`
		Error       string    `json:"error,omitempty"`
		*plain
	}{
		Arch:        l.Arch,
		Good:        l.Good(),
		Matches:     l.Count(Matches),
		Agreed:      l.Count(Agreed),
		Unconfirmed: l.Count(Unconfirmed),
		Differs:     l.Count(Differs),
		Missing:     l.Count(Missing),
		plain:       (*plain)(l),
	}
	if failure := l.Failure(); failure >= 0 {
		doc.Failure = &failure
	}
	if l.Err != nil {
		doc.Error = l.Err.Error()
	}
	return marshal(doc)
}

// marshal is json.Marshal without escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// UnmarshalJSON is the reverse of MarshalJSON, except for Texts and durations. An
// index that is out of range is an error.
func (l *Ledger) UnmarshalJSON(data []byte) error {
	type plain Ledger
	doc := struct {
		*plain
		Error string `json:"error"`
	}{plain: (*plain)(l)}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	if doc.Error != "" {
		l.Err = errors.New(doc.Error)
	}
	if l.Arch.Name == "" {
		return errors.New("a ladder has no architecture")
	}
	if err := l.check(); err != nil {
		return fmt.Errorf("%s: %w", l.Arch.Name, err)
	}
	return nil
}

// check reports an index that is out of range.
func (l *Ledger) check() error {
	if err := checkSteps(l.Steps); err != nil {
		return err
	}
	files := slices.Clip(l.Sources)
	for _, a := range l.Artefacts {
		files = append(files, a.File)
	}
	if err := checkFiles(files, len(l.Steps)); err != nil {
		return err
	}
	if d := l.Divergence; d != nil && (d.Artefact < 0 || d.Artefact >= len(l.Artefacts) || l.Artefacts[d.Artefact].From < 0) {
		return fmt.Errorf("artefact %d diverges", d.Artefact)
	}
	return nil
}

func checkSteps(steps []*Step) error {
	for i, s := range steps {
		switch {
		case s == nil:
			return fmt.Errorf("step %d is null", i)
		case s.Parent < -1 || s.Parent >= i:
			return fmt.Errorf("the parent of step %d is step %d", i, s.Parent)
		case s.Script < -1 || s.Script >= 0 && (s.Parent < 0 || s.Script >= len(steps[s.Parent].Inputs)):
			return fmt.Errorf("the script of step %d is input %d of step %d", i, s.Script, s.Parent)
		}
		for _, files := range [][]File{{s.File}, s.Inputs, s.Outputs} {
			if err := checkFiles(files, len(steps)); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkFiles reports a file that is from none of the steps.
func checkFiles(files []File, steps int) error {
	for _, f := range files {
		if f.From < -1 || f.From >= steps {
			return fmt.Errorf("%s is from step %d", f.Path, f.From)
		}
	}
	return nil
}
