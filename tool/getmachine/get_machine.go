// Package getmachine is the command get_machine of mescc-tools.
package getmachine

import (
	"context"
	"io"

	"stage0/tool"
)

// machines is what get_machine says of each machine (get_machine.c, main).
// Of others, riscv32 among them, it says their own name, "", --big-endian and
// 0x0; that armv7l is big-endian is upstream's word too.
var machines = map[string]machineAnswers{
	"aarch64":  {"aarch64", "--64", "--little-endian", "0x400000"},
	"amd64":    {"amd64", "--64", "--little-endian", "0x600000"},
	"armv7l":   {"armv7l", "", "--big-endian", "0x10000"},
	"i386":     {"x86", "", "--little-endian", "0x08048000"},
	"i486":     {"x86", "", "--little-endian", "0x08048000"},
	"i586":     {"x86", "", "--little-endian", "0x08048000"},
	"i686":     {"x86", "", "--little-endian", "0x08048000"},
	"i686-pae": {"x86", "", "--little-endian", "0x08048000"},
	"ppc64le":  {"ppc64le", "--64", "--little-endian", "0x10000"},
	"riscv64":  {"riscv64", "--64", "--little-endian", "0x600000"},
	"x86_64":   {"amd64", "--64", "--little-endian", "0x600000"},
}

type machineAnswers struct {
	name   string // as the ladders and --architecture call it
	blood  string // flag of blood-elf
	endian string // flag of blood-elf, M1 and hex2
	hex2   string // base address
}

func answersOf(m tool.Machine) machineAnswers {
	if a, ok := machines[m.Name]; ok {
		return a
	}
	return machineAnswers{name: m.Name, endian: "--big-endian", hex2: "0x0"}
}

const getMachineUsage = `usage: get_machine [--exact] [--override TEXT] [QUESTION]

Prints which machine this is, as the ladders call it, or answers a question.

      --exact          do not translate the name
      --override TEXT  say TEXT, whatever is asked after this
      --os             the operating system
      --blood          the flag that blood-elf needs
      --endian         the flag that says the byte order
      --hex2           the base address of programs
      --strict         accepted; there is nothing to be strict about
  -V, --version
  -h, --help
`

// Run is get_machine 1.5.0 of mescc-tools 1.7.0. A question is
// answered as soon as it is read; what follows it is not looked at.
func Run(ctx context.Context, env *tool.Env, args []string) int {
	var (
		answers  = answersOf(env.Machine)
		say      = answers.name
		override bool
		strict   bool
	)
	question := func(names, answer string) tool.Option {
		return tool.Option{Names: names, Set: func(string) error {
			if !override {
				say = answer
			}
			io.WriteString(env.Stdout, say+"\n")
			return tool.ErrDone
		}}
	}
	return env.Run("get_machine", getMachineUsage, args, []tool.Option{
		{Names: "--exact", Set: func(string) error {
			if !override {
				say = env.Machine.Name
			}
			return nil
		}},
		{Names: "--override", Arg: true, Set: func(v string) error {
			say, override = v, true
			return nil
		}},
		question("--os --OS", env.Machine.System),
		question("--blood", answers.blood),
		question("--endian", answers.endian),
		question("--hex2", answers.hex2),
		tool.Flag("--strict", &strict, true),
		env.Version("get_machine 1.5.0\n"),
	}, func() error {
		io.WriteString(env.Stdout, say+"\n")
		return nil
	})
}
