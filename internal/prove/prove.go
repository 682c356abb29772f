// Package prove proves that a hex0-seed does what hex0 does, for every content of its
// input, of any length. Replaying a ladder shows only that it does so for the ladder's inputs.
//
// # How
//
// A seed makes a system call, computes a little, and makes the next one. Between two
// calls it sees nothing of the world: no instruction that package emu executes reads a
// clock or the like. So its behaviour is a graph: the nodes are the
// states in which it makes a call, and from each node one edge leads on for every
// answer that the call can have. A read of one byte has 257: 256 bytes, and the end
// of the input. An exploration starts at the program's entry, tries all answers in
// all states that it reaches, and compares each call with the contract: a
// specification that reads the same bytes, and says which call must come next.
// When no new state appears, the comparison covers all inputs. What the program
// executes from one call to the next is called a stretch.
//
// A state is the processor's registers and the bytes of memory that are live: those
// that some path from there loads before it stores to them. Nobody has to say which
// these are. The exploration begins with none. When an edge loads a byte that it has
// not stored to, or ends where a byte is live that it has not stored to, the
// exploration starts again with that byte as part of the states that the edge leaves.
// When it ends, no edge has loaded anything else, so two memories that differ only
// elsewhere lead to the same calls.
//
// # What the proof rests on
//
//   - Package emu executes the seed's instructions as the processor does. Proof lists
//     them. A certificate can be checked on a processor instead; see package recheck.
//   - Package emu loads the file and sets up the stack as Linux does. The exploration
//     has two starts: the arguments are hex0-seed, in and out, there is no environment
//     (a program that needs a byte of one, or of the auxiliary vector, is not proved),
//     and the stack is at one of two addresses. These differ in each bit that Linux chooses
//     at random, but for those in a page. What the program does with others is not explored.
//   - Linux answers the program's calls as world describes: the files can be opened,
//     and get descriptors 3 and 4; a read of one byte returns the next byte of the
//     input, or 0 at its end; and a write of one byte writes it.
//   - The contract, and hex0.Options.Step, say what hex0 is. Step has variants: whether g
//     is a digit, and whether CR ends a comment. A Proof says which of them it is of.
//
// The Facts of a Proof say what the seed does when calls fail.
package prove

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"stage0/hex0"
	"stage0/internal/disasm"
)

// A Proof is the result of proving that a program is hex0.
type Proof struct {
	Arch   string `json:"architecture"`
	SHA256 string `json:"sha256"` // of the program's file
	Size   int    `json:"size"`   // of the file, in bytes

	// Proved says that the program keeps the contract for every input. If not, there is
	// a Difference, or the Reason why there is no proof.
	Proved     bool        `json:"proved"`
	Variant    []string    `json:"variant"` // if Proved: how this hex0 reads a text, other than that of aarch64
	Difference *Difference `json:"difference,omitempty"`
	Reason     string      `json:"reason,omitempty"`

	States       int      `json:"states"`       // in which it reads a byte
	Transitions  int      `json:"transitions"`  // from these: 257 each, if it reads one byte
	Executed     int      `json:"executed"`     // bytes of the program that are executed
	Instructions []string `json:"instructions"` // mnemonics of those, sorted

	Facts []Fact `json:"facts"` // if Proved

	// Text is the variant of hex0 that the program is, if Proved.
	Text hex0.Options `json:"-"`
}

// A Difference is a shortest input with which the program breaks the contract. If the
// program changes its own code, which states do not include, it may be a wrong one.
type Difference struct {
	Input    []byte `json:"input"`    // the text up to the difference
	AtEnd    bool   `json:"atEnd"`    // the program has also read the end of the text
	Call     string `json:"call"`     // the system call that it makes, or what goes wrong
	Expected string `json:"expected"` // the call that it should make

	Stack uint64 `json:"stack,omitempty"` // where the stack ends, if the program does no wrong with the usual one
}

// Prove proves that the program in an ELF file is a hex0, or finds where it is not that
// of its architecture. The error is that the file cannot be executed.
func Prove(file []byte) (*Proof, error) { return proveFile(file, nil) }

// Certify is Prove, and writes the certificate of the proof to w, if the program is the
// variant of hex0 that is its architecture's; see WriteCertificate. If it is another, p is
// its proof, and err is ErrVariant. Other errors are those of Prove and of w.
func Certify(w io.Writer, file []byte) (p *Proof, err error) { return proveFile(file, w) }

// ErrVariant is returned for a program that is proved to be another variant of hex0, for
// which there is no certificate.
var ErrVariant = errors.New("there are certificates only for the variant of hex0 that is the architecture's")

// proveFile is Prove, and writes a certificate if one is asked for.
func proveFile(file []byte, certificate io.Writer) (*Proof, error) {
	if what := foreign(file); what != "" {
		return nil, fmt.Errorf("not an ELF file, but %s", what)
	}
	e, err := newExploration(file, mostStates)
	if err != nil {
		return nil, err
	}
	defer e.close()
	e.record = certificate != nil
	own := variantOf(e.text)
	err = e.proveVariant()
	digest := sha256.Sum256(file)
	p := &Proof{
		Arch: e.Arch, SHA256: hex.EncodeToString(digest[:]), Size: len(file), Variant: []string{},
		States: e.reads, Transitions: e.transitions, Facts: []Fact{},
	}
	p.Executed, p.Instructions = e.executed()
	switch err {
	case nil:
		if err := p.proveElsewhere(file, e); err != nil || !p.Proved || certificate == nil {
			return p, err
		}
		if !slices.Equal(p.Variant, own) {
			return p, ErrVariant
		}
		return p, e.certify(certificate, file)
	case errDifference:
		p.Difference = e.describe(*e.difference)
	default:
		p.Reason = err.Error()
	}
	return p, nil
}

// proveElsewhere completes the proof of a program that an exploration has proved for the
// usual stack: it explores it with another one, too.
func (p *Proof) proveElsewhere(file []byte, usual *exploration) error {
	e, err := newExplorationAt(file, mostStates, usual.otherStack())
	if err != nil {
		return err
	}
	defer e.close()
	e.text = usual.text
	switch err := e.prove(); err {
	case nil:
		p.Proved = true
		p.Text = e.text
		p.Variant = variantOf(e.text)
		p.Facts, err = factsOf(file, e.text)
		return err
	case errDifference:
		p.Difference = e.describe(*e.difference)
		p.Difference.Stack = e.stack.Base + e.stack.Size
	default:
		p.Reason = fmt.Sprintf("if the stack ends at %#x: %v", e.stack.Base+e.stack.Size, err)
	}
	return nil
}

// foreign says what a program is that other seeds are, and that is not for Linux, or "".
func foreign(file []byte) string {
	const sector = 512
	switch {
	case bytes.HasPrefix(file, []byte("#!")):
		return "a script"
	case bytes.HasPrefix(file, []byte("MZ")):
		return "a program for UEFI, whose calls are not modelled"
	case len(file) >= sector && file[sector-2] == 0x55 && file[sector-1] == 0xAA:
		return "a boot sector for a PC, whose real mode and BIOS are not modelled"
	}
	return ""
}

// proveVariant is prove for the architecture's variant of hex0, or else for another one,
// since seeds of older releases differ. If each is refuted, the exploration is of the
// architecture's.
func (e *exploration) proveVariant() error {
	own := e.text
	err := e.prove()
	if err != errDifference {
		return err
	}
	for _, e.text = range []hex0.Options{
		{DigitG: !own.DigitG, CommentEndsAtCR: own.CommentEndsAtCR},
		{DigitG: own.DigitG, CommentEndsAtCR: !own.CommentEndsAtCR},
		{DigitG: !own.DigitG, CommentEndsAtCR: !own.CommentEndsAtCR},
	} {
		if err := e.prove(); err != errDifference {
			return err
		}
	}
	e.text = own
	return e.prove()
}

// variantOf returns how a variant of hex0 reads a text, other than the plain one.
func variantOf(text hex0.Options) []string {
	variant := []string{}
	if text.DigitG {
		variant = append(variant, "g and G are digits of value 16")
	}
	if text.CommentEndsAtCR {
		variant = append(variant, "CR ends a comment, as LF does")
	}
	return variant
}

// describe returns a departure from the contract as a Difference.
func (e *exploration) describe(d departure) *Difference {
	text, end := e.inputTo(d)
	made := d.made.String()
	if d.err != nil {
		made = d.err.Error()
	}
	return &Difference{Input: text, AtEnd: end, Call: made, Expected: d.want.String()}
}

// executed returns how many bytes were executed, and the instructions' mnemonics.
func (e *exploration) executed() (size int, mnemonics []string) {
	mnemonics = []string{}
	for pc, n := range e.code {
		size += n
		i := e.index(pc)
		in, err := disasm.Decode(e.Arch, pc, e.memory[i:i+n])
		if err != nil {
			in.Mnemonic = "unknown"
		}
		mnemonics = append(mnemonics, in.Mnemonic)
	}
	slices.Sort(mnemonics)
	return size, slices.Compact(mnemonics)
}
