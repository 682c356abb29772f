package bootstrap

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"stage0/internal/nix"
	"stage0/tool"
)

// WriteDigests writes the digests of what the ladders made, and of the tree's
// files that were compared with a release, to dir, which is made if need be:
//
//	sources.sha256    of the files of the tree, if there are any
//	ARCH.sha256       of what the ladder of ARCH made
//	ARCH.nix.txt      the same, as Nix and Guix have them
//
// The first two are as sha256sum prints them, sorted by path: sha256sum -c
// takes them, and so does LoadReference. The third has two lines for each file,
//
//	flat SRI BASE32 PATH
//	recursive SRI BASE32 PATH
//
// The words are those of Nix's outputHashMode: flat is the SHA-256 of the file,
// recursive that of its archive, in which it has its executable bit (see
// package nix). Each is spelt as SRI and as nix-base32. One space separates the
// columns, and a path may have more.
//
// Digests are a reference for others only if the ladders were run to their end:
// it is an error if one was not, if something was not made, or if what made it
// failed. A step that fails and makes nothing may be
// meant to, if its script goes on. So it is if two engines made something that
// differs. Whether what was made is as a reference says does not count. After an error nothing is left in dir.
func (run *Run) WriteDigests(dir string) error {
	texts, err := run.digests()
	if err != nil {
		return err
	}
	return fill(dir, func(tmp string) error {
		for name, text := range texts {
			if err := os.WriteFile(filepath.Join(tmp, name), text, 0o666); err != nil {
				return fmt.Errorf("%s: cannot write: %w", filepath.Join(dir, name), tool.Cause(err))
			}
		}
		return nil
	})
}

// A Content is what a file that a ladder made holds.
type Content struct {
	Perm fs.FileMode
	Data []byte // not to be changed
}

// Contents returns what the ladders made, by path. That two of them made the
// same file, and not alike, is an error.
func (run *Run) Contents() (map[string]Content, error) {
	made, err := run.made()
	if err != nil {
		return nil, err
	}
	contents := map[string]Content{}
	for name, v := range made {
		contents[name] = Content{v.perm, v.data}
	}
	return contents, nil
}

// digests returns what WriteDigests writes, by the name of the file.
func (run *Run) digests() (map[string][]byte, error) {
	texts := map[string][]byte{}
	sources := map[string]Digest{}
	for i, l := range run.Ledgers {
		if err := l.complete(); err != nil {
			return nil, fmt.Errorf("no digests of %s: %w", l.Arch.Name, err)
		}
		for _, f := range l.Sources {
			if other, ok := sources[f.Path]; ok && other != f.Digest {
				return nil, fmt.Errorf("no digests of %s: %s is not what another ladder found there", l.Arch.Name, f.Path)
			}
			sources[f.Path] = f.Digest
		}
		made := map[string]Digest{}
		var table bytes.Buffer
		for _, a := range l.Artefacts { // in the order of their paths
			v := run.files[i].made[a.Path]
			archive := nix.HashFile(v.data, v.perm&0o100 != 0)
			fmt.Fprintf(&table, "flat %s %s %s\n", nix.SRI(a.Digest), nix.Base32(a.Digest), a.Path)
			fmt.Fprintf(&table, "recursive %s %s %s\n", nix.SRI(archive), nix.Base32(archive), a.Path)
			made[a.Path] = a.Digest
		}
		text, err := digestList(made)
		if err != nil {
			return nil, fmt.Errorf("no digests of %s: %w", l.Arch.Name, err)
		}
		texts[l.Arch.Name+".sha256"], texts[l.Arch.Name+".nix.txt"] = text, table.Bytes()
	}
	if len(sources) > 0 {
		text, err := digestList(sources)
		if err != nil {
			return nil, fmt.Errorf("no digests of the sources: %w", err)
		}
		texts["sources.sha256"] = text
	}
	return texts, nil
}

// complete reports why what the ladder made is not all that it should make.
func (l *Ledger) complete() error {
	if l.Err != nil {
		return l.Err
	}
	if i := l.Failure(); i >= 0 {
		return fmt.Errorf("%s did not succeed: %s", place(l.Steps[i]), l.Steps[i].Reason)
	}
	for _, a := range l.Artefacts {
		switch {
		case a.From < 0:
			return fmt.Errorf("%s was not made", a.Path)
		case slices.ContainsFunc(a.Witnesses, func(w Witness) bool { return w.Kind == ByEngine && w.Digest != a.Digest }):
			return fmt.Errorf("%s is not what another engine made", a.Path)
		case l.Steps[a.From].Status != OK:
			return fmt.Errorf("%s was made by %s, which did not succeed: %s", a.Path, place(l.Steps[a.From]), l.Steps[a.From].Reason)
		}
	}
	if len(l.Artefacts) == 0 {
		return errors.New("nothing was made")
	}
	return nil
}

// place names a step.
func place(step *Step) string {
	if step.At.Line == 0 {
		return strings.Join(step.Args, " ")
	}
	return fmt.Sprintf("%s:%d", step.At.Name, step.At.Line)
}

// digestList is the reverse of ParseDigests. Sha256sum spells a name with
// control characters in a way of its own, so that there must be none.
func digestList(files map[string]Digest) ([]byte, error) {
	var text bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.ContainsFunc(name, unicode.IsControl) {
			return nil, fmt.Errorf("%q has a control character in its name", name)
		}
		fmt.Fprintf(&text, "%s  %s\n", files[name], name)
	}
	return text.Bytes(), nil
}
