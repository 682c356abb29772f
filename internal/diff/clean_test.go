package diff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"stage0/bootstrap"
	"stage0/internal/clean"
	"stage0/internal/diff"
	"stage0/source"
)

// What is printed of names, labels, lines and ledgers is fit for a terminal,
// and their line feeds start no lines.
func TestPrintClean(t *testing.T) {
	const evil = "\x1b[2K\u009b1A\u202Ex\u2066\u061C\x7f"
	texts := diff.CompareTexts(source.String(evil, ":"+evil+"\n58 "+evil+"\n"), source.String(evil+"\nB", ":"+evil+"\n59 "+evil+"\n"))
	ledgers := diff.CompareLedgers(ladder(func(*bootstrap.Ledger) {}), ladder(func(l *bootstrap.Ledger) {
		l.Steps[2].At.Name = evil + "\nthe same"
		l.Steps[2].Args = []string{evil + "\nthe same"}
		l.Steps[2].Outputs[0] = as("tmp", evil)
		l.Steps[2].Inputs = append(l.Steps[2].Inputs, as(evil+"\nthe same", ""))
		l.Steps[2].Status, l.Steps[2].Reason = bootstrap.Failed, evil+"\nthe same"
		l.Sources = append(l.Sources, as(evil+"\nthe same", ""))
	}))
	binaries := diff.CompareBinaries(diff.Side{Name: evil, Data: []byte("a")}, diff.Side{Name: evil + "\nthe same", Data: []byte("b")}, nil)
	var out strings.Builder
	assert.NoError(t, texts.Print(&out))
	assert.NoError(t, ledgers.Print(&out, evil+"\nthe same", evil))
	assert.NoError(t, binaries.Print(&out))
	got := out.String()
	assert.Equal(t, clean.Text(got), got)
	assert.Contains(t, got, "?[2K")
	assert.NotContains(t, got, "\nthe same")
}
