package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stage0/internal/disasm"
)

// decode finds the instructions. It follows all paths from the entry point and
// from every label before a line said to be code, and then decodes lines said
// to be code that were not reached.
func (u *unit) decode() {
	if !disasm.Known(u.Arch) {
		return
	}
	for _, root := range u.roots() {
		u.follow(root)
	}
	for i := range u.Lines {
		line := &u.Lines[i]
		if u.claims[i].kind != codeClaim || u.startsInst(line.Address) || u.insideInst(line.Address) {
			continue // if it is inside another, checkInstruction reports it
		}
		inst, err := disasm.Decode(u.Arch, line.Address, u.at(line.Address))
		if err != nil {
			if !u.unresolved(line.Address, len(line.Bytes)) && len(line.Findings) == 0 && u.claims[i].says() {
				u.report(i, u.codeCol(i), Error, "code", "%s is not an instruction", hexOf(line.Bytes))
			}
			continue
		}
		u.insts[line.Address] = inst
	}
}

func (u *unit) startsInst(addr uint64) bool { _, ok := u.insts[addr]; return ok }

// insideInst reports whether an address is inside an instruction.
func (u *unit) insideInst(addr uint64) bool {
	for back := uint64(1); back < 15 && addr >= u.Base+back; back++ {
		if inst, ok := u.insts[addr-back]; ok {
			return uint64(inst.Len) > back
		}
	}
	return false
}

// roots returns the addresses where decoding starts.
func (u *unit) roots() []uint64 {
	var roots []uint64
	if h, ok := parseHeader(u.data, u.gaps); ok {
		if entry, ok := h.Get("e_entry"); ok {
			roots = append(roots, entry)
		}
	}
	for _, d := range u.defined {
		at := d.addr
		if i := u.lineAt(at); i >= 0 && (u.claims[i].kind == codeClaim || d.name == "_start") {
			roots = append(roots, at)
		}
	}
	for i, c := range u.claims { // without labels, the first line said to be code
		if c.says() {
			roots = append(roots, u.Lines[i].Address)
			break
		}
	}
	return roots
}

// follow decodes all paths from an address.
func (u *unit) follow(root uint64) {
	todo := []uint64{root}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		var last disasm.Inst
		call := exitCall{machine: u.machine}
		for u.at(pc) != nil && !u.reached[pc] && !u.failed[pc] {
			i := u.lineAt(pc)
			if (last.Flow == disasm.Call || isSystemCall[last.Mnemonic]) && u.isData(i) {
				break // the call does not return
			}
			inst, err := disasm.Decode(u.Arch, pc, u.at(pc))
			if err != nil {
				u.failed[pc] = true
				if c := u.claims[i]; !u.unresolved(pc, 4) && (c.kind == noClaim || c.says()) {
					line := &u.Lines[i]
					bad := line.Bytes[pc-line.Address:]
					u.report(i, u.codeCol(i), Error, "code", "%s is not an instruction, and the processor gets here", hexOf(bad[:min(8, len(bad))]))
					line.Findings[len(line.Findings)-1].address = pc
				}
				break
			}
			u.insts[pc], u.reached[pc] = inst, true
			if inst.HasTarget && !u.unresolved(pc, inst.Len) {
				todo = append(todo, inst.Target)
			}
			if call.ends(inst) || inst.Flow == disasm.Jump {
				break
			}
			last, pc = inst, pc+uint64(inst.Len)
		}
	}
}

// isData reports whether a line is data: its author says so, or says nothing
// and it has a label.
func (u *unit) isData(i int) bool {
	switch u.claims[i].kind {
	case dataClaim:
		return true
	case noClaim:
		return u.names[u.Lines[i].Address] != ""
	}
	return false
}

var isSystemCall = map[string]bool{"int": true, "syscall": true, "svc": true, "ecall": true}

// An exitCall detects the system call that ends the program.
type exitCall struct {
	*machine
	number int64
	known  bool
	pushed int64
	push   bool
}

// ends reports whether the program ends with an instruction. It must be called
// for each instruction in order.
func (c *exitCall) ends(inst disasm.Inst) bool {
	switch {
	case isSystemCall[inst.Mnemonic]:
		return c.known && slices.Contains(c.exits, c.number)
	case len(inst.Operands) == 0:
	case inst.Mnemonic == "push":
		c.pushed, c.push = inst.Immediate, inst.HasImmediate
	case c.isExitRegister(inst.Operands[0]):
		switch {
		case inst.Mnemonic == "pop":
			c.number, c.known = c.pushed, c.push
		case inst.HasImmediate && (inst.Mnemonic == "mov" || inst.Mnemonic == "li"):
			c.number, c.known = inst.Immediate, true
		case inst.Mnemonic != "test" && inst.Mnemonic != "cmp":
			c.known = false
		}
	}
	return false
}

func (c *exitCall) isExitRegister(r string) bool {
	return r == c.exitRegister || len(r) == 3 && r[0] == 'r' && r[1:] == c.exitRegister[1:]
}

// missingIn returns the undefined label that n bytes at addr point to.
func (u *unit) missingIn(addr uint64, n int) string {
	for i := range uint64(n) {
		if name := u.missing[addr+i]; name != "" {
			return name
		}
	}
	return ""
}

// finish fills in the instructions of each line.
func (u *unit) finish() {
	for addr, inst := range u.insts {
		i := u.lineAt(addr)
		entry := Inst{Address: addr, Len: inst.Len, Text: inst.Text(), reached: u.reached[addr]}
		if inst.HasTarget {
			if name := u.missingIn(addr, inst.Len); name != "" {
				entry.Text = strings.TrimSuffix(entry.Text, fmt.Sprintf("%#x", inst.Target)) + name
			} else {
				entry.Target = u.names[inst.Target]
			}
		}
		u.Lines[i].Insts = append(u.Lines[i].Insts, entry)
	}
	for i := range u.Lines {
		line := &u.Lines[i]
		slices.SortFunc(line.Insts, func(a, b Inst) int { return cmp.Compare(a.Address, b.Address) })
		slices.SortStableFunc(line.Findings, func(a, b Finding) int { return a.Col - b.Col })
		if len(line.Insts) > 0 && !line.Checked && u.Format != Binary {
			u.Unchecked++
		}
	}
}
