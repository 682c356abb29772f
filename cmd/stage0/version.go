package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/spf13/cobra"

	"stage0/bootstrap"
)

func newVersion() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of this program and of the release that it reproduces",
		Long: `Prints the version of this program. With --json, it prints all that is known about
the program: its module with version and checksum (h1:, as in go.sum; only if it was
built from a published module), the modules that it depends on, the version of Go,
the build settings, and the SHA-256 of the program's own file.

The same sources, version of Go and settings give the same file:
CGO_ENABLED=0 go build -trimpath -buildvcs=false ./cmd/stage0`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if asJSON {
				err = writeVersion(cmd.OutOrStdout())
			} else {
				err = printVersion(cmd.OutOrStdout())
			}
			if err != nil {
				return failure{err, 1}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print all that is known about this program, as JSON")
	return cmd
}

func printVersion(w io.Writer) error {
	p := builtProgram()
	_, err := fmt.Fprintf(w, "stage0 %s, built with %s for %s; reproduces stage0-posix %s\n",
		p.Module.Version, p.Go, p.Platform, bootstrap.Latest)
	return err
}

// The output of stage0 version --json.
type (
	versionDoc struct {
		Module       moduleDoc         `json:"module"`
		Go           string            `json:"go"`
		Platform     string            `json:"platform"` // GOOS/GOARCH
		Settings     map[string]string `json:"settings"` // of the build, as in the output of go version -m
		Dependencies []moduleDoc       `json:"dependencies"`
		SHA256       string            `json:"sha256"` // of the program's file
		Reproduces   string            `json:"reproduces"`
	}

	moduleDoc struct {
		Path    string `json:"path"`
		Version string `json:"version"`
		Sum     string `json:"sum,omitempty"` // as in go.sum
	}
)

func writeVersion(w io.Writer) error {
	p, err := thisProgram()
	if err != nil {
		return err
	}
	doc := versionDoc{
		Module:       moduleDoc(p.Module),
		Go:           p.Go,
		Platform:     p.Platform,
		Settings:     map[string]string{},
		Dependencies: []moduleDoc{},
		SHA256:       p.Digest.String(),
		Reproduces:   "stage0-posix " + bootstrap.Latest,
	}
	for _, m := range p.Modules {
		doc.Dependencies = append(doc.Dependencies, moduleDoc(m))
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			doc.Settings[s.Key] = s.Value
		}
	}
	return writeJSON(w, doc)
}

// writeJSON writes v as indented JSON.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(v)
}
