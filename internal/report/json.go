package report

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/bump"
)

// version is the version of the document that JSON writes. It is incremented
// by changes that break programs that read the document.
const version = 2

// Schema is the JSON Schema (draft 2020-12) of the document.
//
//go:embed schema.json
var Schema []byte

// A document is what JSON writes.
type document struct {
	Version  int                 `json:"version"`
	Status   string              `json:"status"`   // of the Conclusion
	Verdict  string              `json:"verdict"`  // the Conclusion's text
	Missing  []arch.Arch         `json:"missing"`  // of all runs
	Revision *bootstrap.Revision `json:"revision"` // of all runs; null if there are none
	Runs     []*bootstrap.Run    `json:"runs"`
	Seeds    []Seed              `json:"seeds,omitempty"`
	Against  *againstDoc         `json:"against,omitempty"`
}

// An againstDoc is what JSON writes of an Against.
type againstDoc struct {
	Revision *bootstrap.Revision `json:"revision"`
	Status   string              `json:"status"`  // of the Conclusion
	Verdict  string              `json:"verdict"` // the Conclusion's text
	*bump.Bump
}

// JSON writes the whole report, without durations and without the contents of
// files, so that the same tree gives the same bytes. Text that is not UTF-8 is
// replaced by U+FFFD.
func (r *Report) JSON(w io.Writer) error {
	c := r.Conclude()
	doc := document{Version: version, Status: c.Status.String(), Verdict: c.Text, Runs: r.Runs, Seeds: r.Seeds}
	if len(r.Runs) > 0 {
		doc.Missing, doc.Revision = r.Runs[0].Missing, &r.Runs[0].Revision
	}
	if old := r.Against; old != nil {
		c := Conclude(old.Runs)
		doc.Against = &againstDoc{&old.Runs[0].Revision, c.Status.String(), c.Text, old.Bump}
	}
	makeLists(reflect.ValueOf(&doc))
	return encode(w, doc)
}

// encode writes v as indented JSON.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(v)
}

// makeLists makes nil slices empty, so that JSON has [] in place of null.
func makeLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			makeLists(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				makeLists(field)
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			makeLists(v.Index(i))
		}
	}
}

// ReadJSON is the reverse of JSON. Its runs can be reported on and compared. A
// document of another version, or one with an index that is out of range, is an
// error.
func ReadJSON(r io.Reader) ([]*bootstrap.Run, error) {
	var doc document
	d := json.NewDecoder(r)
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("not a report: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a report: text after its end")
	}
	if doc.Version == 0 {
		return nil, errors.New("not a report: it has no version")
	}
	if doc.Version != version {
		return nil, fmt.Errorf("a report of version %d; this program reads version %d", doc.Version, version)
	}
	if slices.Contains(doc.Missing, arch.Arch{}) {
		return nil, errors.New("not a report: a missing ladder has no architecture")
	}
	for _, run := range doc.Runs {
		if run == nil || slices.Contains(run.Ledgers, nil) {
			return nil, errors.New("not a report: a run or a ladder is null")
		}
		run.Missing = doc.Missing
		if doc.Revision != nil {
			run.Revision = *doc.Revision
		}
	}
	return doc.Runs, nil
}
