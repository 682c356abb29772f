package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"

	"stage0/internal/bounded"
)

// A boundedOf is what prove --bounded says of a program.
type boundedOf struct {
	File string `json:"file"`
	*bounded.Result
}

// A namedFile is a file and its content.
type namedFile struct {
	name string
	data []byte
}

// proveBounded compares the programs of trees, or programs, with the tools. It reports
// whether they do the same.
func proveBounded(ctx context.Context, w io.Writer, names []string, length int, asJSON bool) (bool, error) {
	programs, err := boundedPrograms(ctx, names)
	if err != nil {
		return false, err
	}
	results := make([]chan error, len(programs))
	all := make([]boundedOf, len(programs))
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	defer running.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i, f := range programs {
		results[i] = make(chan error, 1)
		running.Go(func() {
			limit <- struct{}{}
			defer func() { <-limit }()
			r, err := bounded.Compare(ctx, f.data, length)
			all[i] = boundedOf{f.name, r}
			results[i] <- err
		})
	}
	same := true
	for i, f := range programs {
		if err := <-results[i]; err != nil {
			return false, fmt.Errorf("%s: %w", f.name, err)
		}
		same = same && all[i].Differ == 0
		if !asJSON {
			if err := all[i].Print(w, f.name); err != nil {
				return false, err
			}
		}
	}
	if !asJSON {
		return same, nil
	}
	return same, writeJSON(w, all)
}

// boundedPrograms returns the files called names. Of a tree, it returns the programs that
// its ladders make and that can be compared.
func boundedPrograms(ctx context.Context, names []string) ([]namedFile, error) {
	var list []namedFile
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			data, err := readAll(name)
			if err != nil {
				return nil, err
			}
			list = append(list, namedFile{name, data})
			continue
		}
		runs, err := replay(ctx, []string{name}, nil)
		if err != nil {
			return nil, err
		}
		found := len(list)
		for _, l := range runs[0].Ledgers {
			seen := map[[sha256.Size]byte]bool{}
			for _, a := range l.Artefacts {
				data, ok := runs[0].Made(l, a.Path)
				if sum := sha256.Sum256(data); ok && !seen[sum] && bounded.Known(data) {
					seen[sum] = true
					list = append(list, namedFile{a.Path, data})
				}
			}
		}
		if len(list) == found {
			return nil, fmt.Errorf("%s: its ladders make no program of a release that can be compared", name)
		}
	}
	return list, nil
}
