package report

import (
	"fmt"
	"slices"
	"strings"

	"stage0/bootstrap"
	"stage0/internal/clean"
)

// A Status is the verdict on runs as a whole, the best first.
type Status int

// The statuses.
const (
	Match       Status = iota // the ladders are those of a release, and so is every artefact
	Agreed                    // or what two engines made, where there is no reference
	Unconfirmed               // or what one engine made
	NoMatch                   // something differs, is missing, or failed
	Stopped                   // a ladder could not be replayed to its end, or compared
)

func (s Status) String() string {
	return [...]string{"match", "agreed", "unconfirmed", "no match", "stopped"}[s]
}

// Exit returns the exit status of stage0 verify for s.
func (s Status) Exit() int { return [...]int{0, 0, 3, 1, 2}[s] }

// A Conclusion is the verdict on runs of the same ladders, in words.
type Conclusion struct {
	Status Status
	Text   string // one line, which begins with the status
}

// Conclude judges runs of the same ladders, one an engine.
func Conclude(runs []*bootstrap.Run) Conclusion {
	var stopped, failed, missing, own, engines []string
	confirmed := true // by a release or another engine
	type artefact struct{ arch, path string }
	verdicts := map[artefact]bootstrap.Verdict{} // the worst of all engines
	for _, run := range runs {
		engines = append(engines, run.Engine)
		for _, a := range run.Missing {
			missing = appendNew(missing, a.Name)
		}
		for _, l := range run.Ledgers {
			switch {
			case l.Err != nil:
				stopped = appendNew(stopped, l.Arch.Name)
			case l.Failure() >= 0 || len(l.Artefacts) == 0:
				failed = appendNew(failed, l.Arch.Name)
			case l.Release == "":
				own = appendNew(own, l.Arch.Name)
				confirmed = confirmed && l.Good()
			}
			for _, a := range l.Artefacts {
				at := artefact{l.Arch.Name, a.Path}
				verdicts[at] = max(verdicts[at], a.Verdict())
			}
		}
	}
	var counts [bootstrap.Missing + 1]int
	for _, v := range verdicts {
		counts[v]++
	}
	all := len(verdicts)
	say := func(s Status, format string, args ...any) Conclusion {
		return Conclusion{s, s.String() + ": " + fmt.Sprintf(format, args...)}
	}
	var wrong []string
	if len(failed) > 0 {
		wrong = append(wrong, ladders(failed)+" failed")
	}
	if len(missing) > 0 {
		wrong = append(wrong, ladders(missing)+verb(len(missing), " is", " are")+" not in the tree")
	}
	if n := counts[bootstrap.Differs]; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s %s", n, clean.Count(all, "artefact"), verb(n, "differs", "differ")))
	}
	if n := counts[bootstrap.Missing]; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %s %s not made", n, clean.Count(all, "artefact"), verb(n, "was", "were")))
	}
	switch {
	case len(stopped) > 0:
		return say(Stopped, "%s could not be replayed and compared", ladders(stopped))
	case len(wrong) > 0:
		return say(NoMatch, "%s", strings.Join(wrong, ", "))
	case all == 0:
		return say(NoMatch, "nothing was made")
	case counts[bootstrap.Unconfirmed] > 0:
		return say(Unconfirmed, "no reference says what %d of %s should be, and %s", counts[bootstrap.Unconfirmed], clean.Count(all, "artefact"),
			alone(engines, verb(counts[bootstrap.Unconfirmed], "it", "them")))
	case !confirmed:
		return say(Unconfirmed, "%s to no release, only the tree itself says what the artefacts should be, and %s", belong(own), alone(engines, "them"))
	case len(own) > 0 && counts[bootstrap.Agreed] == 0:
		return say(Agreed, "%s to no release, all %s are what the tree itself says, and the same by engines %s",
			belong(own), clean.Count(all, "artefact"), strings.Join(engines, " and "))
	case counts[bootstrap.Agreed] > 0:
		return say(Agreed, "%d of %s match a reference, the other %d are the same by engines %s",
			counts[bootstrap.Matches], clean.Count(all, "artefact"), counts[bootstrap.Agreed], strings.Join(engines, " and "))
	case runs[0].Revision.Release == "": // each ladder is of another release, say
		return say(Match, "%d of %s match a reference", all, clean.Count(all, "artefact"))
	}
	return say(Match, "%d of %s are those of %s", all, clean.Count(all, "artefact"), runs[0].Revision.Release)
}

// verb returns what to say of one thing, or of several.
func verb(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// alone says why engines do not confirm what they made.
func alone(engines []string, made string) string {
	if len(engines) == 1 {
		return "only engine " + engines[0] + " made " + made
	}
	return "engines " + strings.Join(engines, " and ") + " executed the same unknown program of the tree"
}

// belong is the start of a sentence on where ladders belong.
func belong(archs []string) string {
	return ladders(archs) + verb(len(archs), " belongs", " belong")
}

// ladders names ladders, as the start of a sentence.
func ladders(archs []string) string {
	if len(archs) == 1 {
		return "the ladder of " + archs[0]
	}
	return "the ladders of " + strings.Join(archs, ", ")
}
