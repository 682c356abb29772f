package gdb

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"stage0/internal/emu/cpu"
)

// Replies to packets.
const (
	ok          = "OK"
	unsupported = ""
	errPacket   = "E16" // EINVAL: not a valid packet
	errMemory   = "E0e" // EFAULT: no memory there, or no such register
	errMany     = "E1c" // ENOSPC: more than the maximum
)

// maxPoints is the maximum number of breakpoints and watchpoints.
const maxPoints = 1024

// answer executes a packet. It returns the reply, or the goal for which the process
// has to run. stop is the last stop reply sent to gdb.
func (s *session) answer(packet []byte, stop string) (reply string, next *goal, err error) {
	if len(packet) == 0 {
		return unsupported, nil, nil
	}
	args := packet[1:]
	switch packet[0] {
	case '?':
		return stop, nil, nil
	case 'g':
		return s.allRegisters(), nil, nil
	case 'G':
		return s.setRegisters(args), nil, nil
	case 'p':
		return s.oneRegister(args), nil, nil
	case 'P':
		return s.setRegister(args), nil, nil
	case 'm':
		return s.memory(args), nil, nil
	case 'M', 'X':
		return s.setMemory(args, packet[0] == 'M'), nil, nil
	case 'Z', 'z':
		return s.point(args, packet[0] == 'Z'), nil, nil
	case 's', 'c':
		return s.goOn(packet[0] == 's', args)
	case 'S', 'C':
		return s.goOnWith(packet[0] == 'S', args)
	case 'b':
		return s.goBack(string(args))
	case 'H', 'T':
		return ok, nil, nil // there is only one thread
	case 'k':
		return "", nil, ErrKilled
	case 'D':
		s.detached = true
		return ok, nil, nil
	case 'q', 'Q', 'v':
		return s.answerNamed(string(packet))
	}
	return unsupported, nil, nil
}

// answerNamed executes a packet with a long name.
func (s *session) answerNamed(packet string) (reply string, next *goal, err error) {
	name := packet
	if i := strings.IndexAny(packet, ":;,"); i >= 0 {
		name = packet[:i]
	}
	args := strings.TrimPrefix(packet, name)
	if args != "" {
		args = args[1:]
	}
	switch name {
	case "qSupported":
		s.swbreak = strings.Contains(args, "swbreak+")
		s.hwbreak = strings.Contains(args, "hwbreak+")
		s.exec = strings.Contains(args, "exec-events+")
		return fmt.Sprintf("PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;qXfer:exec-file:read+;"+
			"swbreak+;hwbreak+;exec-events+;vContSupported+;ReverseStep+;ReverseContinue+", maxPacket-16), nil, nil
	case "QStartNoAckMode":
		s.conn.noAck = true
		return ok, nil, nil
	case "qXfer":
		return s.transfer(args), nil, nil
	case "qC":
		return "QC1", nil, nil
	case "qfThreadInfo":
		return "m1", nil, nil
	case "qsThreadInfo":
		return "l", nil, nil
	case "qAttached":
		return "0", nil, nil // gdb should kill the process if it exits
	case "qRcmd":
		return s.monitor(args), nil, nil
	case "vCont?":
		return "vCont;c;C;s;S", nil, nil
	case "vCont":
		return s.vCont(args)
	case "vFile":
		return s.file(args), nil, nil
	case "vKill":
		return "", nil, s.kill()
	}
	return unsupported, nil, nil
}

// kill acknowledges that the process is killed.
func (s *session) kill() error {
	if err := s.conn.send(ok); err != nil {
		return ErrGone
	}
	return ErrKilled
}

func (s *session) target() *target { return targets()[s.at.Arch] }

func (s *session) allRegisters() string {
	var b strings.Builder
	for _, r := range s.target().registers() {
		b.WriteString(readRegister(s.at, r))
	}
	return b.String()
}

func (s *session) setRegisters(digits []byte) string {
	for _, r := range s.target().registers() {
		n := r.bits / 4
		if len(digits) < n {
			return errPacket
		}
		if value, err := hex.DecodeString(string(digits[:n])); err == nil && r.from != nowhere && r.from != isZero {
			if string(digits[:n]) != readRegister(s.at, r) && !s.change(edit{set: &r, num: number(value)}) {
				return errMemory
			}
		}
		digits = digits[n:]
	}
	return ok
}

func (s *session) oneRegister(args []byte) string {
	n, isNumber := parseHex(args)
	r, there := s.target().register(n)
	if !isNumber || !there {
		return errPacket
	}
	return readRegister(s.at, r)
}

func (s *session) setRegister(args []byte) string {
	digits, value, _ := bytes.Cut(args, []byte("="))
	n, isNumber := parseHex(digits)
	r, there := s.target().register(n)
	v, err := hex.DecodeString(string(value))
	if !isNumber || !there || err != nil || len(v) != r.bits/8 {
		return errPacket
	}
	if !s.change(edit{set: &r, num: number(v)}) {
		return errMemory
	}
	return ok
}

// parseRange parses a hexadecimal address and size.
func parseRange(args []byte) (addr, size uint64, ok bool) {
	first, second, _ := bytes.Cut(args, []byte(","))
	addr, ok1 := parseHex(first)
	size, ok2 := parseHex(second)
	return addr, size, ok1 && ok2
}

// memory returns the requested bytes, as many as exist.
func (s *session) memory(args []byte) string {
	addr, size, valid := parseRange(args)
	if !valid {
		return errPacket
	}
	var b []byte
	for size = min(size, maxPacket/2-16); size > 0; {
		n := min(size, cpu.PageSize-addr%cpu.PageSize)
		page := s.at.Memory.Bytes(addr, int(n), 0)
		if page == nil {
			break
		}
		b = append(b, page...)
		addr, size = addr+n, size-n
	}
	if len(b) == 0 && size > 0 {
		return errMemory
	}
	return hex.EncodeToString(b)
}

// setMemory writes to memory. The data is hexadecimal if digits is set, otherwise
// binary.
func (s *session) setMemory(args []byte, digits bool) string {
	where, data, _ := bytes.Cut(args, []byte(":"))
	addr, size, valid := parseRange(where)
	if digits {
		var err error
		data, err = hex.DecodeString(string(data))
		valid = valid && err == nil
	}
	if !valid || uint64(len(data)) != size {
		return errPacket
	}
	if size > 0 && !s.change(edit{num: addr, mem: bytes.Clone(data)}) {
		return errMemory
	}
	return ok
}

// watchKinds are the kinds of watchpoints of the packets Z2, Z3 and Z4.
var watchKinds = map[byte]watchKind{'2': writes, '3': reads, '4': accesses}

// point sets or removes a breakpoint or watchpoint. args are a digit for its type, an
// address and a size.
func (s *session) point(args []byte, set bool) string {
	if len(args) < 2 || args[1] != ',' {
		return errPacket
	}
	rest, _, _ := bytes.Cut(args[2:], []byte(";")) // without conditions, which gdb evaluates too
	addr, size, valid := parseRange(rest)
	if !valid {
		return errPacket
	}
	if kind := watchKinds[args[0]]; kind != "" {
		return s.watchpoint(watch{kind, addr, max(size, 1)}, set)
	}
	which := args[0] - '0'
	if which > 1 {
		return unsupported
	}
	b := s.breaks[addr]
	b[which] = set
	switch {
	case b == breakpoint{}:
		delete(s.breaks, addr)
	case len(s.breaks) >= maxPoints:
		return errMany
	default:
		s.breaks[addr] = b
	}
	return ok
}

func (s *session) watchpoint(w watch, set bool) string {
	var rest []watch
	for _, have := range s.watches {
		if have != w {
			rest = append(rest, have)
		}
	}
	if s.watches = rest; set {
		if len(s.watches) >= maxPoints {
			return errMany
		}
		s.watches = append(s.watches, w)
	}
	s.observe()
	return ok
}

// goOn continues, at an address if there is one.
func (s *session) goOn(step bool, args []byte) (string, *goal, error) {
	if len(args) > 0 {
		addr, valid := parseHex(args)
		if !valid {
			return errPacket, nil, nil
		}
		s.change(edit{set: &register{from: fromPC}, num: addr})
	}
	next := forward(step)
	return "", &next, nil
}

// goOnWith continues with a signal. The signal is ignored unless the run has ended,
// in which case it ends the process.
func (s *session) goOnWith(step bool, args []byte) (string, *goal, error) {
	digits, addr, _ := bytes.Cut(args, []byte(";"))
	signal, valid := parseHex(digits)
	switch {
	case !valid || signal > 0xFF:
		return errPacket, nil, nil
	case s.ended:
		s.conn.send(fmt.Sprintf("X%02x", signal))
		return "", nil, ErrKilled
	}
	return s.goOn(step, addr)
}

// vCont executes the first of a list of actions: there is only one thread.
func (s *session) vCont(args string) (string, *goal, error) {
	action, _, _ := strings.Cut(args, ";")
	action, _, _ = strings.Cut(action, ":")
	if action == "" {
		return errPacket, nil, nil
	}
	switch rest := []byte(action[1:]); action[0] {
	case 'c', 's':
		return s.goOn(action[0] == 's', nil)
	case 'C', 'S':
		return s.goOnWith(action[0] == 'S', rest)
	}
	return errPacket, nil, nil
}

// goBack executes the packets bs and bc.
func (s *session) goBack(what string) (string, *goal, error) {
	if what != "s" && what != "c" {
		return unsupported, nil, nil
	}
	first := stopped(sigTrap, "replaylog:begin;")
	if s.at.Steps == 0 {
		return first, nil, nil
	}
	next := backward(s.at.Steps, what == "s")
	if what == "c" && len(s.breaks)+len(s.watches) == 0 {
		next = reach(0, first)
	}
	return "", &next, nil
}

// transfer executes the packet qXfer: OBJECT:read:ANNEX:OFFSET,LENGTH.
func (s *session) transfer(args string) string {
	parts := strings.SplitN(args, ":", 4)
	if len(parts) != 4 || parts[1] != "read" {
		return unsupported
	}
	var data string
	switch {
	case parts[0] == "features" && parts[2] == "target.xml":
		data = s.target().description()
	case parts[0] == "exec-file":
		data = s.path
	default:
		return "E00" // no such annex
	}
	from, size, valid := parseRange([]byte(parts[3]))
	if !valid {
		return errPacket
	}
	from = min(from, uint64(len(data)))
	piece := data[from:]
	if n := min(size, maxPacket/2); uint64(len(piece)) > n {
		return "m" + piece[:n]
	}
	return "l" + piece
}

// monitor executes a monitor command, which is in hexadecimal.
func (s *session) monitor(args string) string {
	command, err := hex.DecodeString(args)
	if err != nil {
		return errPacket
	}
	if strings.TrimSpace(string(command)) != "steps" {
		return hexText("monitor steps: how many instructions were executed\n")
	}
	return hexText(fmt.Sprintf("%d\n", s.at.Steps))
}

func hexText(s string) string { return hex.EncodeToString([]byte(s)) }
