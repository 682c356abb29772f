package tool

import (
	"context"
	"errors"
	"io"
)

// A Machine is what a program can learn of the machine it runs on. The zero
// Machine is an unknown one.
type Machine struct {
	System string // the operating system, as uname -s says: Linux
	Name   string // the processor, as uname -m says: x86_64
}

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

func (m Machine) answers() machineAnswers {
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

// runGetMachine is get_machine 1.5.0 of mescc-tools 1.7.0. A question is
// answered as soon as it is read; what follows it is not looked at.
func runGetMachine(ctx context.Context, env *Env, args []string) int {
	var (
		answers  = env.Machine.answers()
		say      = answers.name
		override bool
		strict   bool
	)
	question := func(names, answer string) option {
		return option{names: names, set: func(string) error {
			if !override {
				say = answer
			}
			io.WriteString(env.Stdout, say+"\n")
			return errDone
		}}
	}
	err := parse(args[1:], []option{
		{names: "--exact", set: func(string) error {
			if !override {
				say = env.Machine.Name
			}
			return nil
		}},
		{names: "--override", arg: true, set: func(v string) error {
			say, override = v, true
			return nil
		}},
		question("--os --OS", env.Machine.System),
		question("--blood", answers.blood),
		question("--endian", answers.endian),
		question("--hex2", answers.hex2),
		flag("--strict", &strict, true),
		env.version("get_machine 1.5.0\n"),
		env.help(getMachineUsage),
	})
	if errors.Is(err, errDone) {
		return 0
	}
	if err != nil {
		return env.fail("get_machine", err)
	}
	io.WriteString(env.Stdout, say+"\n")
	return 0
}
