package extra

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"stage0/tool"
)

const wrapUsage = `usage: wrap PROGRAM [ARGUMENT]...

Runs a program with the working directory as its root directory, in which dev,
proc, sys and tmp are made to be those of the host (tmp is empty). Linux only.
Who is not root gets a namespace where they are. The program sees few variables,
and WRAPPED=yes.
`

// wrapVariables is those that the program sees.
var wrapVariables = []string{
	"ARCH", "ARCH_DIR", "M2LIBC", "TOOLS", "BLOOD_FLAG", "BASE_ADDRESS", "ENDIAN_FLAG", "BINDIR", "BUILDDIR", "TMPDIR",
	"OPERATING_SYSTEM",
}

// RunWrap is wrap of mescc-tools-extra. Who is not root waits for the program,
// in whose place upstream's process comes: Go's threads do not move to another
// user namespace.
func RunWrap(ctx context.Context, env *tool.Env, args []string) int {
	switch {
	case len(args) < 2:
		return env.Fail("wrap", errors.New("expected a program to run"))
	case len(args) == 2 && (args[1] == "-h" || args[1] == "--help"):
		io.WriteString(env.Stdout, wrapUsage)
		return 0
	}
	if _, ok := env.FS.(tool.Host); !ok || env.Exec == nil {
		return env.Fail("wrap", errors.New("there is no kernel here to make a root directory; wrap runs on a Linux host only"))
	}
	var vars []string
	for _, name := range wrapVariables {
		if i := slices.IndexFunc(env.Vars, func(v string) bool { return strings.HasPrefix(v, name+"=") }); i >= 0 {
			vars = append(vars, env.Vars[i])
		}
	}
	status, err := wrap(env, ctx, args, append(vars, "WRAPPED=yes"))
	if err != nil {
		env.Fail("wrap", err)
	}
	return status
}
