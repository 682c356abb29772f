//go:build linux && amd64

package recheck

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/arch/x86/x86asm"
)

// A tracee is a stopped process that contains the program's memory, all of it readable,
// writable and executable. The rest of its memory is still there, so a wrong store may
// hit that in place of a fault.
type tracee struct {
	cert *certificate
	bits int // 32 or 64: of the program's code segment
	pid  int
	mem  *os.File           // its memory
	base syscall.PtraceRegs // as prepared, before the first state is set
	regs syscall.PtraceRegs // now

	from    *state          // where the stretch began
	stored  map[uint64]bool // bytes stored to since then
	written map[uint64]bool // bytes ever stored to
	code    map[uint64]x86asm.Inst
	steps   int
}

const (
	page       = 4096
	codePage   = 0x10000  // of a system call instruction, to make the mappings with
	longest    = 10_000   // instructions between system calls
	exitKill   = 0x100000 // PTRACE_O_EXITKILL
	userCode32 = 0x23     // Linux's 32-bit code segment
	userData   = 0x2b     // its data segment
)

// start makes a process with the program's segments and two pages of stack.
func start(program []byte, cert *certificate) (*tracee, error) {
	t := &tracee{cert: cert, bits: map[string]int{"x86": 32, "amd64": 64}[cert.arch], written: map[uint64]bool{}, code: map[uint64]x86asm.Inst{}}
	if t.bits == 0 {
		return nil, fmt.Errorf("this processor does not execute programs for %s", cert.arch)
	}
	runtime.LockOSThread() // all requests must come from the thread that started it
	var err error
	t.pid, err = syscall.ForkExec("/proc/self/exe", []string{"tracee"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	if err = t.prepare(program); err != nil {
		t.end()
		return nil, err
	}
	return t, nil
}

// end ends the process.
func (t *tracee) end() {
	syscall.Kill(t.pid, syscall.SIGKILL)
	syscall.Wait4(t.pid, nil, 0, nil)
	if t.mem != nil {
		t.mem.Close()
	}
	runtime.UnlockOSThread()
}

// prepare gives the process the program's memory.
func (t *tracee) prepare(program []byte) (err error) {
	if err := t.wait(); err != nil {
		return err
	}
	if err := syscall.PtraceSetOptions(t.pid, exitKill); err != nil {
		return err
	}
	if t.mem, err = os.OpenFile(fmt.Sprintf("/proc/%d/mem", t.pid), os.O_RDWR, 0); err != nil {
		return err
	}
	if err := syscall.PtraceGetRegs(t.pid, &t.base); err != nil {
		return err
	}
	list, err := segments(program, t.bits)
	if err != nil {
		return err
	}
	// The first mapping is made from the code that happens to be there.
	at := t.base.Rip
	for _, m := range append([][2]uint64{{codePage, page}}, t.mappings(list)...) {
		if err := t.mmap(at, m[0], m[1]); err != nil {
			return err
		}
		at = codePage
	}
	for _, s := range list {
		if _, err := t.mem.WriteAt(s.data, int64(s.addr)); err != nil {
			return err
		}
	}
	t.base.Orig_rax = ^uint64(0) // no system call is to be restarted
	if t.bits == 32 {
		t.base.Cs, t.base.Ss, t.base.Ds, t.base.Es = userCode32, userData, userData, userData
		return t.probe()
	}
	return nil
}

// probe executes an instruction in the 32-bit code segment. A kernel that runs no 32-bit
// programs may not have one.
func (t *tracee) probe() error {
	if _, err := t.mem.WriteAt([]byte{0x90}, codePage); err != nil {
		return err
	}
	r := t.base
	r.Rip = codePage
	if err := syscall.PtraceSetRegs(t.pid, &r); err != nil {
		return err
	}
	if t.step() != nil || t.regs.Rip != codePage+1 {
		return errors.New("this machine's kernel does not execute 32-bit code")
	}
	return nil
}

// mappings returns the ranges of pages that the program needs.
func (t *tracee) mappings(segments []segment) (list [][2]uint64) {
	for _, s := range segments {
		first := s.addr &^ (page - 1)
		list = append(list, [2]uint64{first, (s.addr+s.size+page-1)&^(page-1) - first})
	}
	sp := t.cert.states[0].regs[archs[t.cert.arch].sp]
	return append(list, [2]uint64{sp&^(page-1) - page, 2 * page})
}

// mmap makes the process map zero pages at addr, by a system call at the address at.
func (t *tracee) mmap(at, addr, size uint64) error {
	if _, err := t.mem.WriteAt([]byte{0x0f, 0x05}, int64(at)); err != nil {
		return err
	}
	r := t.base
	r.Rip, r.Rax, r.Rdi, r.Rsi = at, syscall.SYS_MMAP, addr, size
	r.Rdx, r.R10 = syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC, syscall.MAP_PRIVATE|syscall.MAP_ANONYMOUS|syscall.MAP_FIXED
	r.R8, r.R9, r.Orig_rax = ^uint64(0), 0, ^uint64(0)
	if err := syscall.PtraceSetRegs(t.pid, &r); err != nil {
		return err
	}
	if err := t.step(); err != nil {
		return err
	}
	if t.regs.Rax != addr {
		return fmt.Errorf("the process cannot map %d bytes at %#x", size, addr)
	}
	return nil
}

// A segment is what an ELF file has loaded.
type segment struct {
	addr, size uint64 // in memory
	data       []byte
}

// segments returns the segments of a program. It does not check more of the headers than
// it needs.
func segments(file []byte, bits int) (list []segment, err error) {
	le, word := binary.LittleEndian, bits/8
	// Where these fields are: the program headers' offset and number, the size of one,
	// and in it the offset, the address and the sizes in the file and in memory.
	at := map[int][7]int{32: {28, 44, 32, 4, 8, 16, 20}, 64: {32, 56, 56, 8, 16, 32, 40}}[bits]
	offset, count := number(file[at[0]:][:word]), int(le.Uint16(file[at[1]:]))
	size := uint64(len(file))
	if offset > size || uint64(count*at[2]) > size-offset {
		return nil, errors.New("its program headers are outside of the file")
	}
	for h := file[offset:]; len(list) < count; h = h[at[2]:] {
		field := func(i int) uint64 { return number(h[at[i]:][:word]) }
		if field(3) > size || field(5) > size-field(3) {
			return nil, errors.New("a segment is outside of the file")
		}
		list = append(list, segment{field(4), field(6), file[field(3) : field(3)+field(5)]})
	}
	return list, nil
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
	return nil
}

// step executes one instruction.
func (t *tracee) step() error {
	if err := syscall.PtraceSingleStep(t.pid); err != nil {
		return err
	}
	if err := t.wait(); err != nil {
		return err
	}
	return syscall.PtraceGetRegs(t.pid, &t.regs)
}

// register returns a register by its name in a certificate.
func register(r *syscall.PtraceRegs, name string) *uint64 {
	switch "r" + strings.TrimPrefix(strings.TrimPrefix(name, "e"), "r") {
	case "rax":
		return &r.Rax
	case "rcx":
		return &r.Rcx
	case "rdx":
		return &r.Rdx
	case "rbx":
		return &r.Rbx
	case "rsp":
		return &r.Rsp
	case "rbp":
		return &r.Rbp
	case "rsi":
		return &r.Rsi
	case "rdi":
		return &r.Rdi
	case "rflags":
		return &r.Eflags
	}
	for i, p := range []*uint64{&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15} {
		if name == fmt.Sprintf("r%d", i+8) {
			return p
		}
	}
	return new(uint64)
}

// follow sets the process to a state, answers its system call, and executes it to the
// next call, which it returns in the notation of a certificate.
func (t *tracee) follow(s *state, answer int) (call string, err error) {
	t.from, t.stored = s, map[uint64]bool{}
	t.regs = t.base
	t.regs.Rip = s.pc
	for i, name := range t.cert.registers {
		*register(&t.regs, name) = s.regs[i]
	}
	for i, addr := range t.cert.sites[s.pc] {
		if _, err := t.mem.WriteAt(s.memory[i:i+1], int64(addr)); err != nil {
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
		t.regs.Rax = 0
		if answer != endOfFile {
			p := parser{words: words[2:]}
			addr := p.hex()
			t.store(addr, 1)
			if _, err := t.mem.WriteAt([]byte{byte(answer)}, int64(addr)); err != nil {
				return "", err
			}
			t.regs.Rax = 1
		}
	}
	if err := syscall.PtraceSetRegs(t.pid, &t.regs); err != nil {
		return "", err
	}
	for range longest {
		in, err := t.decode()
		if err != nil {
			return "", err
		}
		switch {
		case t.bits == 64 && in.Op == x86asm.SYSCALL, t.bits == 32 && in.Op == x86asm.INT && in.Args[0] == x86asm.Imm(0x80):
			return t.call(in)
		}
		if err := t.access(in); err != nil {
			return "", fmt.Errorf("%#x: %v: %w", t.regs.Rip, in, err)
		}
		if err := t.step(); err != nil {
			return "", err
		}
		t.steps++
	}
	return "", fmt.Errorf("more than %d instructions without a system call", longest)
}

// decode decodes the instruction that is next.
func (t *tracee) decode() (x86asm.Inst, error) {
	in, found := t.code[t.regs.Rip]
	if found {
		return in, nil
	}
	var b [15]byte
	if _, err := t.mem.ReadAt(b[:], int64(t.regs.Rip)); err != nil {
		return in, err
	}
	in, err := x86asm.Decode(b[:], t.bits)
	if err != nil {
		return in, fmt.Errorf("%#x: % x: %w", t.regs.Rip, b, err)
	}
	t.code[t.regs.Rip] = in
	return in, nil
}

// Instructions by what they do to a first operand in memory, and to the stack. Others
// must not have an operand in memory.
var (
	writesFirst = []x86asm.Op{x86asm.MOV}
	readsFirst  = []x86asm.Op{x86asm.CMP, x86asm.TEST}
	both        = []x86asm.Op{x86asm.ADD, x86asm.SUB, x86asm.AND, x86asm.OR, x86asm.XOR, x86asm.INC, x86asm.DEC, x86asm.NEG, x86asm.NOT, x86asm.XCHG}
	pushes      = []x86asm.Op{x86asm.PUSH, x86asm.CALL}
	pops        = []x86asm.Op{x86asm.POP, x86asm.RET}
	none        = []x86asm.Op{x86asm.SHL, x86asm.SHR, x86asm.SAR, x86asm.CDQ, x86asm.JMP, x86asm.LEA, x86asm.MOVZX, x86asm.MOVSX,
		x86asm.JA, x86asm.JAE, x86asm.JB, x86asm.JBE, x86asm.JE, x86asm.JNE, x86asm.JG, x86asm.JGE, x86asm.JL, x86asm.JLE}
)

// access checks and notes what an instruction loads and stores.
func (t *tracee) access(in x86asm.Inst) error {
	word := uint64(t.bits / 8)
	if in.AddrSize != t.bits {
		return errors.New("the checker does not know this size of address")
	}
	switch op := in.Op; {
	case (slices.Contains(pushes, op) || slices.Contains(pops, op)) && in.DataSize == 16:
		return errors.New("the checker does not know this size of operand")
	case slices.Contains(pushes, op):
		t.store(t.regs.Rsp-word, word)
	case slices.Contains(pops, op):
		if err := t.load(t.regs.Rsp, word); err != nil {
			return err
		}
	case !slices.Contains(slices.Concat(writesFirst, readsFirst, both, none), op):
		return errors.New("the checker does not know this instruction")
	}
	for i, arg := range in.Args {
		mem, ok := arg.(x86asm.Mem)
		if !ok || in.Op == x86asm.LEA {
			continue
		}
		addr, err := t.address(in, mem)
		if err != nil {
			return err
		}
		stores := i == 0 && (slices.Contains(writesFirst, in.Op) || slices.Contains(both, in.Op))
		if !(i == 0 && slices.Contains(writesFirst, in.Op)) {
			if err := t.load(addr, uint64(in.MemBytes)); err != nil {
				return err
			}
		}
		if i == 0 && !stores && !slices.Contains(readsFirst, in.Op) {
			return errors.New("the checker does not know this operand")
		}
		if stores {
			t.store(addr, uint64(in.MemBytes))
		}
	}
	return nil
}

// address returns the address of an operand in memory.
func (t *tracee) address(in x86asm.Inst, m x86asm.Mem) (uint64, error) {
	if m.Segment != 0 {
		return 0, errors.New("the checker does not know segments")
	}
	addr := uint64(m.Disp)
	for _, term := range [...]struct {
		reg   x86asm.Reg
		scale uint64
	}{{m.Base, 1}, {m.Index, uint64(m.Scale)}} {
		switch {
		case term.reg == 0:
		case term.reg == x86asm.RIP:
			addr += t.regs.Rip + uint64(in.Len)
		default:
			addr += term.scale * *register(&t.regs, strings.ToLower(term.reg.String()))
		}
	}
	if t.bits == 32 {
		addr &= 0xFFFFFFFF
	}
	return addr, nil
}

// load checks that bytes may be loaded.
func (t *tracee) load(addr, size uint64) error {
	for a := addr; a < addr+size; a++ {
		if !t.known(a) {
			return fmt.Errorf("it loads %#x, which is not live", a)
		}
	}
	return nil
}

// known reports whether the value of a byte follows from the state where the stretch
// began.
func (t *tracee) known(addr uint64) bool {
	return t.stored[addr] || slices.Contains(t.cert.sites[t.from.pc], addr)
}

func (t *tracee) store(addr, size uint64) {
	for a := addr; a < addr+size; a++ {
		t.stored[a], t.written[a] = true, true
	}
}

// call returns the system call that the instruction in makes, and does to the registers
// what it does, without making the call.
func (t *tracee) call(in x86asm.Inst) (string, error) {
	r := &t.regs
	r.Rip += uint64(in.Len)
	number, args := r.Rax, [3]uint64{r.Rdi, r.Rsi, r.Rdx}
	name := map[uint64]string{0: "read", 1: "write", 2: "open", 60: "exit"}[number]
	if in.Op == x86asm.SYSCALL {
		r.Rcx, r.R11 = r.Rip, r.Eflags
	} else {
		args = [3]uint64{r.Rbx, r.Rcx, r.Rdx}
		name = map[uint64]string{3: "read", 4: "write", 5: "open", 1: "exit"}[number]
	}
	switch name {
	case "read":
		return fmt.Sprintf("read:%x:%x:%x", args[0], args[1], args[2]), nil
	case "write":
		data, err := t.bytes(args[1], args[2])
		return fmt.Sprintf("write:%x:%x", args[0], data), err
	case "open":
		var path []byte
		for {
			c, err := t.bytes(args[0]+uint64(len(path)), 1)
			if err != nil {
				return "", err
			}
			if c[0] == 0 {
				return fmt.Sprintf("open:%s:%x:%x", path, args[1], args[2]), nil
			}
			path = append(path, c...)
		}
	case "exit":
		return fmt.Sprintf("exit:%d", args[0]&0xFF), nil
	}
	return "", fmt.Errorf("system call %d", number)
}

// bytes loads bytes for a system call.
func (t *tracee) bytes(addr, size uint64) ([]byte, error) {
	if size > page {
		return nil, fmt.Errorf("a system call uses %d bytes", size)
	}
	if err := t.load(addr, size); err != nil {
		return nil, err
	}
	b := make([]byte, size)
	_, err := t.mem.ReadAt(b, int64(addr))
	return b, err
}

// compare returns an error if the process is not in state s, making the call.
func (t *tracee) compare(s *state, call string) error {
	if t.regs.Rip != s.pc {
		return fmt.Errorf("the address is %#x, not %#x", t.regs.Rip, s.pc)
	}
	for i, name := range t.cert.registers {
		if got := *register(&t.regs, name); got != s.regs[i] {
			return fmt.Errorf("%s is %#x, not %#x", name, got, s.regs[i])
		}
	}
	live := t.cert.sites[s.pc]
	got := make([]byte, len(live))
	for i, addr := range live {
		if !t.known(addr) {
			return fmt.Errorf("the byte at %#x is live, but not where the program came from", addr)
		}
		if _, err := t.mem.ReadAt(got[i:i+1], int64(addr)); err != nil {
			return err
		}
	}
	if !bytes.Equal(got, s.memory) {
		return fmt.Errorf("memory is %x, not %x", got, s.memory)
	}
	if call != s.call {
		return fmt.Errorf("the call is %s, not %s", call, s.call)
	}
	return nil
}

// codeChanged returns an error if the program has stored to its own code.
func (t *tracee) codeChanged() error {
	for pc, in := range t.code {
		for a := pc; a < pc+uint64(in.Len); a++ {
			if t.written[a] {
				return fmt.Errorf("the program changes its own code, at %#x", a)
			}
		}
	}
	return nil
}
