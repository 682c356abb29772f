package bootstrap_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/bootstrap"
	"stage0/internal/report"
)

// An edit changes a text. It returns the text as it is if it has nothing to do.
type edit struct {
	name string
	edit func(text string) string
}

// edits are what is done to each file of the tree.
var edits = []edit{
	{"one bit flipped", func(s string) string { return s[:len(s)/2] + string(s[len(s)/2]^1) + s[len(s)/2+1:] }},
	{"cut to half", func(s string) string { return s[:len(s)/2] }},
	{"emptied", func(string) string { return "" }},
	{"a comment appended", func(s string) string { return s + "# nothing\n" }},
	{"a line feed appended", func(s string) string { return s + "\n" }},
}

// lineEdits are what is done to each line of each script, which is the one at i.
var lineEdits = []struct {
	name string
	edit func(lines []string, i int) []string
}{
	{"deleted", func(lines []string, i int) []string { return slices.Delete(lines, i, i+1) }},
	{"doubled", func(lines []string, i int) []string { return slices.Insert(lines, i, lines[i]) }},
	{"swapped with the next one", func(lines []string, i int) []string {
		if i+1 < len(lines) {
			lines[i], lines[i+1] = lines[i+1], lines[i]
		}
		return lines
	}},
	{"with another output", func(lines []string, i int) []string {
		words := strings.Fields(lines[i])
		for n, word := range words {
			if n > 0 && (strings.Contains(word, "artifact/") || strings.Contains(word, "bin/")) {
				words[n] += "X"
			}
		}
		return slices.Replace(lines, i, i+1, strings.Join(words, " ")+"\n")
	}},
	{"with another input", func(lines []string, i int) []string {
		words := strings.Fields(lines[i])
		for n, word := range words {
			if n > 0 && !strings.Contains(word, "artifact/") && !strings.Contains(word, "bin/") && !strings.HasPrefix(word, "-") {
				words[n] = "./shared/one.hex0"
			}
		}
		return slices.Replace(lines, i, i+1, strings.Join(words, " ")+"\n")
	}},
	{"the last one", func(lines []string, i int) []string { return lines[:i+1] }},
}

// tamperings returns the small release tampered with in each way.
func tamperings(t *testing.T, pristine tree) []tampering {
	var all []tampering
	add := func(name string, changed tree, files ...string) {
		all = append(all, tampering{name: name, tree: changed, files: files})
	}
	change := func(name, how, data string) {
		if data != pristine[name] {
			add(name+": "+how, pristine.with(tree{name: data}), name)
		}
	}
	names := pristine.names()
	for i, name := range names {
		for _, e := range edits {
			change(name, e.name, e.edit(pristine[name]))
		}
		other := names[(i+1)%len(names)]
		change(name, "replaced by "+other, pristine[other])
		if _, ok := strings.CutPrefix(name, "kaem."); !ok { // which has a verdict of its own
			add(name+": removed", pristine.without(name), name)
			add(name+": a directory", pristine.without(name).with(tree{name + "/": ""}), name)
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "kaem.") || strings.HasSuffix(name, ".kaem") {
			lines := slices.Collect(strings.Lines(pristine[name]))
			for i := range lines {
				for _, e := range lineEdits {
					change(name, fmt.Sprintf("line %d %s", i+1, e.name), strings.Join(e.edit(slices.Clone(lines), i), ""))
				}
			}
		}
	}
	for _, a := range ladders {
		in := strings.NewReplacer("DIR", a.Dir, "ARCH", a.Name).Replace
		script, answers, mini, full := "kaem."+a.Name, a.Name+".answers", a.Dir+"/mini.kaem", a.Dir+"/full.kaem"
		list := slices.Collect(strings.Lines(pristine[answers]))
		for i, line := range list {
			sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
			for how, forged := range map[string]string{
				"deleted":    "",
				"forged":     digest(sum).String() + "  " + name + "\n",
				"in doubt":   line + digest(sum).String() + "  " + name + "\n",
				"renamed":    sum + "  " + name + "X\n",
				"no digest":  "x" + sum[1:] + "  " + name + "\n",
				"a comment":  "#" + line,
				"in capital": strings.ToUpper(sum) + "  " + name + "\n",
			} {
				change(answers, fmt.Sprintf("line %d %s", i+1, how), strings.Join(slices.Replace(slices.Clone(list), i, i+1, forged), ""))
			}
			step := in("./DIR/artifact/catm ./" + name + " ./shared/text\n")
			change(mini, "overwrites "+name, pristine[mini]+step)
			change(full, "overwrites "+name, pristine[full]+step)
			change(full, "removes "+name, pristine[full]+in("./DIR/bin/rm ./"+name+"\n"))
		}
		for _, name := range names { // a step writes over the tree's own files
			step := in("./DIR/artifact/catm ./" + name + " ./shared/text\n")
			change(full, "overwrites "+name, pristine[full]+step)
		}
		hex0, kaem := in("bootstrap-seeds/POSIX/DIR/hex0-seed"), in("bootstrap-seeds/POSIX/DIR/kaem-optional-seed")
		add(a.Name+": seeds swapped", pristine.with(tree{hex0: pristine[kaem], kaem: pristine[hex0]}), hex0, kaem)
		all = append(all,
			tampering{a.Name + ": no script", pristine.without(script), nil, a.Name},
			tampering{a.Name + ": no ladder", pristine.without(script, answers, a.Dir+"/", in("bootstrap-seeds/POSIX/DIR/")), nil, a.Name},
		)
		gone := pristine.without(a.Dir + "/")
		add(a.Name+": no directory", gone, slices.DeleteFunc(slices.Clone(names), func(name string) bool { _, ok := gone[name]; return ok })...)
	}
	return all
}

// No change to a file of a release passes, and none goes unnamed: with one engine
// or two, and with answers that are forged to hide it.
func TestTamperings(t *testing.T) {
	pristine := release(t, ladders)
	older := pristine.with(tree{
		"shared/one.hex0":  "30 # another\n",
		"x86/mini.kaem":    "# older\n" + pristine["x86/mini.kaem"],
		"riscv64/two.hex0": "33 # older\n",
	}).answered(t, "/bin/")
	refs := []*bootstrap.Reference{older.reference(t, "older"), pristine.reference(t, "newer")}
	for name, m := range map[string]tree{"older": older, "newer": pristine} {
		runs, err := replay(t, bootstrap.NewTree(m.fsys()), refs, bootstrap.EngineGo, bootstrap.EngineEmu)
		if err != nil {
			t.Fatal(err)
		}
		c := report.Conclude(runs)
		assert.Equal(t, report.Match, c.Status, c.Text)
		assert.Equal(t, name, runs[0].Revision.Release, c.Text)
		assert.Empty(t, runs[0].Missing, c.Text)
	}
	seen := map[string]bool{fmt.Sprint(pristine): true, fmt.Sprint(older): true}
	statuses := map[report.Status]int{}
	check := func(c tampering, engines ...string) (runs []*bootstrap.Run) {
		runs, err := replay(t, bootstrap.NewTree(c.tree.fsys()), refs, engines...)
		if err == nil {
			err = c.caught(runs)
			statuses[report.Conclude(runs).Status]++
		}
		if err != nil {
			t.Errorf("%s, engines %v: %v", c.name, engines, err)
		}
		return runs
	}
	for _, c := range tamperings(t, pristine) {
		if seen[fmt.Sprint(c.tree)] {
			continue
		}
		seen[fmt.Sprint(c.tree)] = true
		runs := check(c, bootstrap.EngineGo)
		if runs == nil {
			continue
		}
		c.name, c.tree = c.name+", answers forged", c.tree.with(answers(runs[0], ""))
		if seen[fmt.Sprint(c.tree)] {
			continue
		}
		seen[fmt.Sprint(c.tree)] = true
		check(c, bootstrap.EngineGo)
		check(c, bootstrap.EngineGo, bootstrap.EngineEmu)
	}
	t.Logf("%d tamperings, half of them with forged answers; verdicts: %v", len(seen)-2, statuses)
	if len(seen)-2 < 200 {
		t.Errorf("only %d tamperings", len(seen)-2)
	}
}
