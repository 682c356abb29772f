package recheck

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/arch/x86/x86asm"
	"golang.org/x/sys/unix"
)

// A machine is what the checker knows about an architecture. Registers are numbered as
// instructions encode them, and the flags come last.
type machine struct {
	bits  int
	order string     // the names of the registers
	first x86asm.Reg // register 0, as an operand
	cs    uint64     // Linux's code segment
	trap  []byte     // the instruction that makes a system call
	calls map[uint64]string
	args  [6]int // the registers of a call's arguments
	mmap  uint64 // number of the call mmap, or mmap2
	top   uint64 // the end of the stack
}

var machines = map[string]machine{
	"x86": {
		32, "eax ecx edx ebx esp ebp esi edi eflags", x86asm.EAX, 0x23, []byte{0xcd, 0x80},
		map[uint64]string{1: "exit", 3: "read", 4: "write", 5: "open"}, [6]int{3, 1, 2, 6, 7, 5}, 192, 0xffffe000,
	},
	"amd64": {
		64, "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15 rflags", x86asm.RAX, 0x33, []byte{0x0f, 0x05},
		map[uint64]string{60: "exit", 0: "read", 1: "write", 2: "open"}, [6]int{7, 6, 2, 10, 8, 9}, 9, 0x7ffffffff000,
	},
}

const (
	rax, rsp  = 0, 4   // numbers of registers
	longest   = 10_000 // instructions between system calls
	stackSize = 0x2000 // of the pages that may be used
	exitKill  = 0x100000
	onlyFree  = 0x100000 // MAP_FIXED_NOREPLACE
)

// A tracee is a stopped process of the program. Its stack is where certificates have it;
// the one that Linux made is not used.
type tracee struct {
	machine
	pid   int
	mem   *os.File
	base  unix.PtraceRegsAmd64 // as Linux started it
	regs  unix.PtraceRegsAmd64 // now
	names uint64               // the first address of the arguments' names
	known map[uint64]bool      // the bytes that are live in the last state that was set, or stored to since
	steps int
}

// start starts the program, and sets s to its start.
func start(arch string, program []byte, s *state) (*tracee, error) {
	m, known := machines[arch]
	if !known {
		return nil, fmt.Errorf("this processor does not execute programs for %.20s", arch)
	}
	for tries := 1; ; tries++ {
		t := &tracee{machine: m}
		runtime.LockOSThread() // all requests must come from the thread that started it
		err := t.exec(program)
		if err == nil {
			err = t.prepare(s)
		}
		if err == nil {
			return t, nil
		}
		t.end()
		if !errors.Is(err, syscall.EEXIST) || tries == 10 { // Linux puts its own stack anywhere
			return nil, err
		}
	}
}

// exec has Linux load the program.
func (t *tracee) exec(program []byte) error {
	fd, err := unix.MemfdCreate("hex0-seed", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "hex0-seed")
	defer file.Close()
	if _, err := file.Write(program); err != nil {
		return err
	}
	name := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), fd)
	if t.pid, err = syscall.ForkExec(name, []string{"hex0-seed", "in", "out"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}}); err != nil {
		t.pid = 0
		return fmt.Errorf("cannot start the program: %w", err)
	}
	if err := t.wait(); err != nil {
		return err
	}
	if t.base = t.regs; t.base.Cs != t.cs {
		return errors.New("the kernel does not execute the program itself")
	}
	if t.mem, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", t.pid), os.O_RDWR, 0); err != nil {
		return err
	}
	return syscall.PtraceSetOptions(t.pid, exitKill)
}

// prepare maps the stack, and sets s to the start.
func (t *tracee) prepare(s *state) error {
	for i, r := range t.registers() {
		if i != rsp && i < t.bits/4 && *r != 0 {
			return fmt.Errorf("the kernel starts the program with a register of %#x", *r)
		}
	}
	t.base.Orig_rax = ^uint64(0) // no system call is to be restarted
	s.pc = t.base.Rip
	var was [2]byte
	if _, err := t.mem.ReadAt(was[:], int64(s.pc)); err != nil {
		return err
	}
	t.regs = t.base
	stack := t.top - stackSize
	for i, v := range [6]uint64{stack, stackSize, syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_PRIVATE | syscall.MAP_ANONYMOUS | onlyFree, ^uint64(0), 0} {
		*t.registers()[t.args[i]] = v
	}
	*t.registers()[rax] = t.mmap
	if err := errors.Join(t.poke(s.pc, t.trap), t.setRegs(), t.step(), t.poke(s.pc, was[:])); err != nil {
		return err
	}
	if got := *t.registers()[rax]; got != stack {
		return fmt.Errorf("no stack can be mapped at %#x: %w", stack, syscall.Errno(-int32(got)))
	}
	t.regs = t.base
	s.memory = t.arguments()
	t.regs.Rsp = t.top - uint64(len(s.memory))
	for i := range s.memory {
		s.live = append(s.live, t.regs.Rsp+uint64(i))
	}
	for _, r := range t.registers() {
		s.regs = append(s.regs, *r)
	}
	return nil
}

// arguments returns what is on the stack at the start: three arguments, no environment,
// the size of a page, and the names.
func (t *tracee) arguments() []byte {
	const names = "hex0-seed\x00in\x00out\x00"
	word := uint64(t.bits / 8)
	t.names = t.top - word - uint64(len(names)) // the stack ends with a null word
	sp := (t.names - 10*word) &^ 15
	memory := make([]byte, t.top-sp)
	for i, v := range []uint64{3, t.names, t.names + 10, t.names + 13, 0, 0, 6, 4096, 0, 0} {
		for j := range word {
			memory[uint64(i)*word+j] = byte(v >> (8 * j))
		}
	}
	copy(memory[t.names-sp:], names)
	return memory
}

// end ends the process.
func (t *tracee) end() {
	if t.pid > 0 {
		syscall.Kill(t.pid, syscall.SIGKILL)
		syscall.Wait4(t.pid, nil, 0, nil)
		t.mem.Close()
	}
	runtime.UnlockOSThread()
}

// registers returns the program's registers, in the order of a certificate.
func (t *tracee) registers() []*uint64 {
	r := &t.regs
	all := []*uint64{&r.Rax, &r.Rcx, &r.Rdx, &r.Rbx, &r.Rsp, &r.Rbp, &r.Rsi, &r.Rdi, &r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15}
	return append(all[:t.bits/4:t.bits/4], &r.Eflags)
}

func (t *tracee) setRegs() error { return unix.PtraceSetRegsAmd64(t.pid, &t.regs) }

func (t *tracee) poke(addr uint64, data []byte) error {
	_, err := t.mem.WriteAt(data, int64(addr))
	return err
}

// wait waits until the process has stopped.
func (t *tracee) wait() error {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &status, 0, nil); err != nil {
		return err
	}
	if !status.Stopped() || status.StopSignal() != syscall.SIGTRAP {
		return fmt.Errorf("at %#x: %v", t.regs.Rip, status.StopSignal())
	}
	return unix.PtraceGetRegsAmd64(t.pid, &t.regs)
}

// step executes one instruction.
func (t *tracee) step() error {
	if err := syscall.PtraceSingleStep(t.pid); err != nil {
		return err
	}
	return t.wait()
}

// run sets the process to a state, answers its system call, and executes it to the
// next call, which it returns in the notation of a certificate.
func (t *tracee) run(s *state, answer int) (call string, err error) {
	t.known, t.regs = map[uint64]bool{}, t.base
	t.regs.Rip = s.pc
	for i, r := range t.registers() {
		*r = s.regs[i]
	}
	for i, a := range s.live {
		t.known[a] = true
		if err := t.poke(a, s.memory[i:i+1]); err != nil {
			return "", err
		}
	}
	words := strings.Split(s.call, ":")
	switch words[0] {
	case "open":
		t.regs.Rax = map[string]uint64{"in": 3, "out": 4}[words[1]]
	case "write":
		t.regs.Rax = uint64(len(words[2]) / 2)
	case "read":
		if t.regs.Rax = 0; answer < endOfFile {
			var fd, addr uint64
			fmt.Sscanf(s.call, "read:%x:%x:", &fd, &addr)
			if err := t.store(addr, []byte{byte(answer)}); err != nil {
				return "", err
			}
			t.regs.Rax = 1
		}
	}
	if err := t.setRegs(); err != nil {
		return "", err
	}
	for range longest {
		var b [15]byte
		if t.regs.Rip > t.top-stackSize-uint64(len(b)) { // what is there need not be live
			return "", fmt.Errorf("at %#x, the program executes its stack", t.regs.Rip)
		}
		n, _ := t.mem.ReadAt(b[:], int64(t.regs.Rip))
		in, err := x86asm.Decode(b[:n], t.bits)
		if err != nil {
			return "", fmt.Errorf("at %#x, no instruction: %w", t.regs.Rip, err)
		}
		if in.Op == x86asm.SYSCALL && t.bits == 64 || in.Op == x86asm.INT && t.bits == 32 && in.Args[0] == x86asm.Imm(0x80) {
			return t.call(in)
		}
		err = t.access(in)
		if err == nil {
			err = t.step()
		}
		if err != nil {
			return "", fmt.Errorf("at %#x, %v: %w", t.regs.Rip, in, err)
		}
		t.steps++
	}
	return "", fmt.Errorf("more than %d instructions without a system call", longest)
}

// effects has the instructions that the checker knows, and what they do to a first
// operand in memory: load or store it. Other operands in memory are loaded.
var effects = map[x86asm.Op]string{
	x86asm.MOV: "store", x86asm.CMP: "load", x86asm.TEST: "load",
	x86asm.ADD: "load, store", x86asm.SUB: "load, store", x86asm.AND: "load, store", x86asm.OR: "load, store",
	x86asm.XOR: "load, store", x86asm.INC: "load, store", x86asm.DEC: "load, store", x86asm.NEG: "load, store",
	x86asm.PUSH: "", x86asm.CALL: "", x86asm.POP: "", x86asm.RET: "", x86asm.XCHG: "", x86asm.LEA: "", x86asm.CDQ: "",
	x86asm.SHL: "", x86asm.SHR: "", x86asm.MOVZX: "", x86asm.JMP: "", x86asm.JA: "", x86asm.JAE: "", x86asm.JB: "",
	x86asm.JBE: "", x86asm.JE: "", x86asm.JNE: "", x86asm.JG: "", x86asm.JGE: "", x86asm.JL: "", x86asm.JLE: "",
}

// access checks and notes what an instruction loads and stores.
func (t *tracee) access(in x86asm.Inst) error {
	effect, found := effects[in.Op]
	if !found || in.AddrSize != t.bits {
		return errors.New("the checker does not know this instruction")
	}
	for i, arg := range in.Args {
		if r, ok := arg.(x86asm.Reg); ok && r > x86asm.R15 { // no state has it
			return errors.New("the checker does not know this register")
		}
		m, ok := arg.(x86asm.Mem)
		if !ok || in.Op == x86asm.LEA {
			continue
		}
		addr, err := t.address(m)
		size := uint64(in.MemBytes)
		if i == 0 && effect == "" || in.Op == x86asm.XCHG {
			err = errors.New("the checker does not know this operand")
		}
		if err != nil {
			return err
		}
		if i > 0 || strings.Contains(effect, "load") {
			err = t.load(addr, size)
		}
		if i == 0 && strings.Contains(effect, "store") {
			err = errors.Join(err, t.stores(addr, size))
		}
		if err != nil {
			return err
		}
	}
	word := uint64(t.bits / 8)
	switch op := in.Op; {
	case op != x86asm.PUSH && op != x86asm.CALL && op != x86asm.POP && op != x86asm.RET:
		return nil
	case in.DataSize == 16: // half a word
		return errors.New("the checker does not know this operand")
	case op == x86asm.PUSH || op == x86asm.CALL:
		return t.stores(t.regs.Rsp-word, word)
	}
	return t.load(t.regs.Rsp, word)
}

// number returns the number of a register of a whole word, or -1.
func (t *tracee) number(r x86asm.Reg) int {
	if n := int(r) - int(t.first); n < t.bits/4 {
		return max(n, -1)
	}
	return -1
}

// address returns the address of an operand in memory.
func (t *tracee) address(m x86asm.Mem) (uint64, error) {
	if m.Segment != 0 {
		return 0, errors.New("the checker does not know this address")
	}
	addr, all := uint64(m.Disp), t.registers()
	for _, term := range [...]struct {
		reg   x86asm.Reg
		scale uint64
	}{{m.Base, 1}, {m.Index, uint64(m.Scale)}} {
		if term.reg != 0 {
			n := t.number(term.reg)
			if n < 0 {
				return 0, errors.New("the checker does not know this address")
			}
			addr += term.scale * *all[n]
		}
	}
	return addr & (1<<t.bits - 1), nil
}

// load checks that an instruction, or a write, may load bytes.
func (t *tracee) load(addr, size uint64) error {
	for a := addr; a < addr+size; a++ {
		if !t.known[a] {
			return fmt.Errorf("it loads %#x, which is not live", a)
		}
		if a >= t.names {
			return fmt.Errorf("it loads %#x, a byte of the arguments", a)
		}
	}
	return nil
}

// onStack reports whether bytes are on the stack.
func (t *tracee) onStack(addr, size uint64) bool {
	return addr >= t.top-stackSize && addr <= t.top && size <= t.top-addr
}

// stores checks and notes that bytes are stored to.
func (t *tracee) stores(addr, size uint64) error {
	if !t.onStack(addr, size) {
		return fmt.Errorf("it stores to %#x, outside of the stack", addr)
	}
	if addr+size > t.names {
		return fmt.Errorf("it stores to %#x, a byte of the arguments", addr)
	}
	for a := addr; a < addr+size; a++ {
		t.known[a] = true
	}
	return nil
}

// store stores bytes in the name of the kernel.
func (t *tracee) store(addr uint64, data []byte) error {
	return errors.Join(t.stores(addr, uint64(len(data))), t.poke(addr, data))
}

// bytes loads bytes in the name of the kernel: size, or those before a null byte.
func (t *tracee) bytes(addr, size uint64, text bool) (data []byte, err error) {
	for a := addr; a < addr+size; a++ {
		var b [1]byte
		if _, err := t.mem.ReadAt(b[:], int64(a)); err != nil || !t.known[a] {
			return nil, fmt.Errorf("%#x, which is not live, is needed", a)
		}
		if text && b[0] == 0 {
			break
		}
		data = append(data, b[0])
	}
	return data, nil
}

// call returns the system call that the instruction in makes, and does to the registers
// what it does, without making the call.
func (t *tracee) call(in x86asm.Inst) (string, error) {
	all := t.registers()
	a, b, c := *all[t.args[0]], *all[t.args[1]], *all[t.args[2]]
	name := t.calls[*all[rax]]
	t.regs.Rip += uint64(in.Len)
	if in.Op == x86asm.SYSCALL {
		t.regs.Rcx, t.regs.R11 = t.regs.Rip, t.regs.Eflags
	}
	switch name {
	case "open":
		if a != t.names+10 && a != t.names+13 {
			return "", fmt.Errorf("it opens a text at %#x, which is not an argument", a)
		}
		path, err := t.bytes(a, stackSize, true)
		return fmt.Sprintf("open:%s:%x:%x", path, b, c), err
	case "read":
		return fmt.Sprintf("read:%x:%x:%x", a, b, c), nil
	case "write":
		size := min(c, 2)
		if err := t.load(b, size); err != nil {
			return "", err
		}
		data, err := t.bytes(b, size, false)
		return fmt.Sprintf("write:%x:%x", a, data), err
	case "exit":
		return fmt.Sprintf("exit:%d", a&0xFF), nil
	}
	return "", fmt.Errorf("it makes system call %d", *all[rax])
}

// now returns the state that the process is in, making the call.
func (t *tracee) now(call string, live []span) (*state, error) {
	s := &state{pc: t.regs.Rip, call: call}
	var regs []string
	for _, r := range t.registers() {
		s.regs = append(s.regs, *r)
		regs = append(regs, fmt.Sprintf("%x", *r))
	}
	for _, r := range live {
		b, err := t.bytes(r.first, r.size, false)
		if err != nil {
			return nil, err
		}
		s.memory = append(s.memory, b...)
		for i := range r.size {
			s.live = append(s.live, r.first+i)
		}
	}
	memory := fmt.Sprintf("%x", s.memory)
	if memory == "" {
		memory = "-"
	}
	s.text = fmt.Sprintf("%x %s %s %s", s.pc, strings.Join(regs, ","), memory, call)
	return s, nil
}
