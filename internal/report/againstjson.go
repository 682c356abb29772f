package report

import (
	"stage0/arch"
	"stage0/bootstrap"
	"stage0/internal/bump"
)

// How the document says what a bump changes. Field names are those of package
// bump, whose comments say what they are; what has a comment here is not quite
// that.
type (
	againstDoc struct {
		Revision *revisionDoc `json:"revision"` // of the old tree
		Status   string       `json:"status"`   // Conclusion.Status of its runs
		Verdict  string       `json:"verdict"`  // Conclusion.Text of its runs
		Sources  []changedDoc `json:"sources"`
		Ladders  []bumpDoc    `json:"ladders"`
		OnlyOld  []string     `json:"onlyOld"`
		OnlyNew  []string     `json:"onlyNew"`
	}

	changedDoc struct {
		Path      string     `json:"path"`
		Component string     `json:"component"`
		Kind      string     `json:"kind"`
		Seed      bool       `json:"seed,omitempty"`
		Old       string     `json:"old,omitempty"`
		New       string     `json:"new,omitempty"`
		Reach     []reachDoc `json:"reach"` // of the ladders in which it reaches something
	}

	reachDoc struct {
		Arch      string `json:"arch"`
		Artefacts int    `json:"artefacts"`
		First     int    `json:"first"`
	}

	bumpDoc struct {
		Arch    string         `json:"arch"`
		Same    int            `json:"same"`
		Changes []changeDoc    `json:"changes"`
		First   *differenceDoc `json:"first,omitempty"`
		Failure *failureDoc    `json:"failure,omitempty"`
	}

	changeDoc struct {
		Path   string `json:"path"`
		Kind   string `json:"kind"`
		Old    string `json:"old,omitempty"`
		New    string `json:"new,omitempty"`
		Step   *int   `json:"step,omitempty"` // not of an artefact that was removed
		Causes []int  `json:"causes"`
	}

	differenceDoc struct {
		Change int        `json:"change"`
		Offset int64      `json:"offset"`
		Old    int        `json:"old"`
		New    int        `json:"new"`
		OldAt  []placeDoc `json:"oldAt"`
		NewAt  []placeDoc `json:"newAt"`
	}

	failureDoc struct {
		Step   int   `json:"step"`
		Causes []int `json:"causes"`
	}
)

func againstOf(old *Against) *againstDoc {
	c := Conclude(old.Runs)
	name := func(a arch.Arch) string { return a.Name }
	return &againstDoc{
		Revision: revisionOf(old.Runs[0].Revision),
		Status:   c.Status.String(),
		Verdict:  c.Text,
		Sources:  mapped(old.Sources, func(s bump.Source) changedDoc { return changedOf(old.Bump, &s) }),
		Ladders:  mapped(old.Ladders, bumpOf),
		OnlyOld:  mapped(old.OnlyOld, name),
		OnlyNew:  mapped(old.OnlyNew, name),
	}
}

func changedOf(b *bump.Bump, s *bump.Source) changedDoc {
	doc := changedDoc{Path: text8(s.Path), Component: text8(s.Component()), Kind: s.Kind().String(), Seed: s.Seed(),
		Old: digestOf(s.Old), New: digestOf(s.New), Reach: []reachDoc{}}
	for i, r := range s.Reach {
		if r.Artefacts > 0 {
			doc.Reach = append(doc.Reach, reachDoc{b.Ladders[i].Arch.Name, r.Artefacts, r.First})
		}
	}
	return doc
}

func bumpOf(l bump.Ladder) bumpDoc {
	doc := bumpDoc{Arch: l.Arch.Name, Same: l.Same, Changes: mapped(l.Changes, changeOf)}
	if d := l.First; d != nil {
		doc.First = &differenceDoc{d.Change, d.Offset, d.Old, d.New, mapped(d.OldAt, placeOf), mapped(d.NewAt, placeOf)}
	}
	if l.Failure >= 0 {
		doc.Failure = &failureDoc{l.Failure, mapped(l.FailureCauses, same[int])}
	}
	return doc
}

func changeOf(c bump.Change) changeDoc {
	doc := changeDoc{Path: text8(c.Path), Kind: c.Kind().String(), Old: digestOf(c.Old), New: digestOf(c.New), Causes: mapped(c.Causes, same[int])}
	if c.New != (bootstrap.Digest{}) {
		doc.Step = &c.Step
	}
	return doc
}

func same[T any](v T) T { return v }
