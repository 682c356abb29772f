package report

import (
	"fmt"
	"slices"
	"strings"

	"stage0/bootstrap"
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
		wrong = append(wrong, ladders(missing)+" not in the tree")
	}
	if n := counts[bootstrap.Differs]; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d artefacts differ", n, all))
	}
	if n := counts[bootstrap.Missing]; n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d of %d artefacts not made", n, all))
	}
	switch {
	case len(stopped) > 0:
		return say(Stopped, "%s could not be replayed and compared", ladders(stopped))
	case len(wrong) > 0:
		return say(NoMatch, "%s", strings.Join(wrong, ", "))
	case all == 0:
		return say(NoMatch, "nothing was made")
	case counts[bootstrap.Unconfirmed] > 0:
		return say(Unconfirmed, "no reference says what %d of %d artefacts should be, and %s", counts[bootstrap.Unconfirmed], all, alone(engines))
	case !confirmed:
		return say(Unconfirmed, "%s in no release, only the tree itself says what its artefacts should be, and %s", are(ladders(own), own), alone(engines))
	case len(own) > 0 && counts[bootstrap.Agreed] == 0:
		return say(Agreed, "%s in no release, all %d artefacts are what the tree itself says, and the same by engines %s", are(ladders(own), own), all, strings.Join(engines, " and "))
	case counts[bootstrap.Agreed] > 0:
		return say(Agreed, "%d of %d artefacts match a reference, the other %d are the same by engines %s",
			counts[bootstrap.Matches], all, counts[bootstrap.Agreed], strings.Join(engines, " and "))
	}
	return say(Match, "%d of %d artefacts are those of %s", all, all, runs[0].Revision.Name())
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// alone says why engines do not confirm what they made.
func alone(engines []string) string {
	if len(engines) == 1 {
		return "only engine " + engines[0] + " made them"
	}
	return "engines " + strings.Join(engines, " and ") + " executed the same unknown program of the tree"
}

// are adds the verb to the name of ladders.
func are(names string, archs []string) string {
	if len(archs) == 1 {
		return names + " is"
	}
	return names + " are"
}

// ladders names ladders, as the start of a sentence.
func ladders(archs []string) string {
	if len(archs) == 1 {
		return "the ladder of " + archs[0]
	}
	return "the ladders of " + strings.Join(archs, ", ")
}
