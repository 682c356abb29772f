package m2planet

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// registerArguments has the number of registers that methods of the emitter take.
var registerArguments = map[string]int{
	"push": 1, "pop": 1, "dereference": 1, "loadLabel": 1, "loadImmediate": 1, "addImmediate": 1, "subtractImmediate": 1,
	"addUp": 1, "jumpIfZero": 1, "jumpIfNotZero": 1, "move": 2, "add": 2, "subtract": 2, "loadRelative": 2, "jumpIfEqual": 2,
	"loadAddress": 1, // of the compiler: it passes the register on
}

// calls returns the calls of these methods in files, as "move regOne regZero". One
// with a parameter, reg, is repeated for each register in given.
func calls(t *testing.T, files, given []string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for node := range ast.Preorder(file) {
			call, _ := node.(*ast.CallExpr)
			if call == nil {
				continue
			}
			method, _ := call.Fun.(*ast.SelectorExpr)
			if method == nil {
				continue
			}
			var words []string
			for _, arg := range call.Args[:min(registerArguments[method.Sel.Name], len(call.Args))] {
				if id, ok := arg.(*ast.Ident); ok && strings.HasPrefix(id.Name, "reg") {
					words = append(words, id.Name)
				}
			}
			switch {
			case len(words) == 0:
			case slices.Contains(words, "reg"):
				for _, r := range given {
					found[method.Sel.Name+" "+strings.ReplaceAll(strings.Join(words, " ")+" ", "reg ", r+" ")] = true
				}
			default:
				found[method.Sel.Name+" "+strings.Join(words, " ")+" "] = true
			}
		}
	}
	return found
}

// Code has all calls that emit code with registers.
func TestUses(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(name string) bool {
		return strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_target.go") ||
			slices.Contains([]string{"code.go", "target.go", "intel.go", "knight.go", "riscv.go", "emit.go"}, name)
	})
	var addressed []string
	for call := range calls(t, files, nil) {
		if r, ok := strings.CutPrefix(call, "loadAddress "); ok {
			addressed = append(addressed, strings.TrimSpace(r))
		}
	}
	want := calls(t, files, addressed)
	maps.Copy(want, calls(t, []string{"emit.go"}, nil)) // those with registers of their own
	maps.DeleteFunc(want, func(call string, _ bool) bool { return strings.HasPrefix(call, "loadAddress ") })
	assert.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(calls(t, []string{"code.go"}, nil))))
}

func TestCode(t *testing.T) {
	for _, name := range Architectures() {
		code, err := Code(name)
		require.NoError(t, err)
		for _, piece := range code {
			assert.NotContains(t, piece, "(", name)
		}
	}
	code, err := Code("armv7l")
	require.NoError(t, err)
	assert.Contains(t, code, "!0 R0 LOAD32 R15 MEMORY\n~0 JUMP_ALWAYS\n%-1\n", "a constant that needs a word")
	assert.Contains(t, code, "!0 R0 LOADI8_ALWAYS\n", "and one that does not")
	assert.Contains(t, code, "{LR} PUSH_ALWAYS\n")
	_, err = Code("vax")
	assert.EqualError(t, err, `there is no M2-Planet for architecture "vax"`)
}
