// Package tapes replays the ladder of oriansj's stage0, the predecessor of
// stage0-posix, from its seed of 250 bytes: assemblers for hexadecimal numbers and
// for macros, and with them Lisp, FORTH and a compiler of C. All run on a Knight
// without an operating system, read tape_01 and write tape_02.
package tapes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"stage0/internal/emu/knight"
)

// An Artefact is what a step of the ladder made.
type Artefact struct {
	Name      string // in upstream's directory roms
	Source    string // the path of what it was made of
	Program   string // what made it, first
	Typed     bool   // its source was typed at the console
	Data      []byte
	Digest    string // SHA-256, in hexadecimal
	Published string // what upstream's checksum says; empty if there is none
	Steps     uint64 // how many instructions it took
}

// A Verdict is what comes of comparing an artefact's digest.
type Verdict string

// The verdicts.
const (
	Published   Verdict = "as published"
	Known       Verdict = "as upstream's virtual machine makes it"
	Unpublished Verdict = "not published"
	Different   Verdict = "different"
)

// Verdict says how the artefact compares with upstream's.
func (a Artefact) Verdict() Verdict {
	switch {
	case a.Digest == a.Published:
		return Published
	case a.Digest == made[a.Name]:
		return Known
	case a.Published == "":
		return Unpublished
	}
	return Different
}

// Limits of a pass. Upstream's longest takes 36 million instructions.
const (
	maxSteps = 1000e6
	maxTape  = 16 << 20 // bytes
)

// Replay climbs the ladder in a checkout of stage0, with its submodule seed, and
// calls made for everything that is made. What is different from upstream's is no
// error.
func Replay(ctx context.Context, tree fs.FS, made func(Artefact) error) error {
	published, err := readChecksums(tree)
	if err != nil {
		return err
	}
	image, err := fs.ReadFile(tree, seed)
	if err != nil {
		return fmt.Errorf("%w; it is in a submodule", err)
	}
	roms := map[string][]byte{seed: image}
	for _, s := range ladder {
		a, err := s.do(ctx, tree, roms)
		if err != nil {
			return fmt.Errorf("%s: %w", s.source, err)
		}
		a.Published = published[s.name]
		roms[s.name] = a.Data
		if err := made(a); err != nil {
			return err
		}
	}
	return nil
}

// do makes what a step makes.
func (s step) do(ctx context.Context, tree fs.FS, roms map[string][]byte) (Artefact, error) {
	a := Artefact{Name: s.name, Source: s.source, Program: s.passes[0].program, Typed: s.typed}
	text, err := fs.ReadFile(tree, s.source)
	if err != nil {
		return a, err
	}
	if path.Ext(s.source) == ".s" {
		head, err := fs.ReadFile(tree, defs)
		if err != nil {
			return a, err
		}
		text = append(head, text...)
	}
	a.Data = text
	for _, p := range s.passes {
		machine := knight.Native{Memory: p.memory, Steps: maxSteps, Output: maxTape}
		result := 1 // the tape
		if s.typed {
			machine.Console, result = bytes.NewReader(a.Data), 0
		} else {
			machine.Tapes[0] = append([]byte{}, a.Data...)
		}
		r, err := machine.Run(ctx, roms[p.program])
		if err != nil {
			return a, fmt.Errorf("%s: %w", p.program, err)
		}
		if len(r.Tapes[result]) == 0 {
			return a, fmt.Errorf("%s: nothing on the tape", p.program)
		}
		a.Data = r.Tapes[result]
		a.Steps += r.Steps
	}
	sum := sha256.Sum256(a.Data)
	a.Digest = hex.EncodeToString(sum[:])
	return a, nil
}

// readChecksums returns the digests that upstream publishes, by name.
func readChecksums(tree fs.FS) (map[string]string, error) {
	text, err := fs.ReadFile(tree, checksums)
	if err != nil {
		return nil, err
	}
	published := map[string]string{}
	for line := range strings.Lines(string(text)) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  roms/")
		if !ok || len(digest) != hex.EncodedLen(sha256.Size) {
			return nil, fmt.Errorf("%s: %q is not a line of sha256sum for a file in roms", checksums, line)
		}
		published[name] = digest
	}
	return published, nil
}
