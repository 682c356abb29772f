package audit

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"stage0/internal/disasm"
	"stage0/internal/lazyregexp"
)

// A machine is what the audit knows about an architecture: how authors write
// its instructions, and what ends a program.
type machine struct {
	fields bool // hex1 and hex2 have pointers that set bits, and words
	align  int  // of '<' in hex2

	registers []string
	renamed   map[string]string // other names of registers
	mnemonics map[string]string // other names of mnemonics
	spellings []spelling
	constants map[string]int64 // names of numbers
	riscv     bool             // instructions are written as a sum of fields
	x86       bool             // some authors use AT&T syntax

	// Names of digits that are no instruction by themselves: the digits, or
	// words that they are parts of; nil if there are none. They are made when
	// they are needed.
	digits func() map[string]string
	wholes func() map[string][]whole

	flags uint64 // e_flags of the ELF header

	// The register that holds the number of the system call that ends the
	// program.
	exitRegister string
	exits        []int64
}

// A spelling is a pattern of names that authors give to instructions. In its
// replacement, $1 and so on are the submatches in lower case.
type spelling struct {
	pattern *lazyregexp.Regexp
	means   []string
}

func spell(pattern string, means ...string) spelling {
	return spelling{lazyregexp.New(pattern), means}
}

var machines = map[string]*machine{
	"x86":     &x86,
	"x86-16":  &x86Real,
	"amd64":   &amd64,
	"aarch64": &aarch64,
	"armv7l":  &armv7l,
	"riscv32": &riscv32,
	"riscv64": &riscv64,

	"knight-native": &knight32,
	"knight-posix":  &knight32,
}

func (m *machine) isRegister(s string) bool {
	s = strings.ToLower(s)
	return slices.Contains(m.registers, s) || m.renamed[s] != ""
}

func (m *machine) register(s string) string {
	s = strings.ToLower(s)
	if r := m.renamed[s]; r != "" {
		return r
	}
	return s
}

// mnemonic returns the decoder's name for a mnemonic.
func (m *machine) mnemonic(s string) string {
	s = strings.ToLower(s)
	if r := m.mnemonics[s]; r != "" {
		return r
	}
	return s
}

// forms returns all possible meanings of a text that is an instruction.
func (s speaker) forms(text string) []form {
	text = s.fromATT(strings.TrimSpace(text))
	for _, sp := range s.spellings {
		m := sp.pattern.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		var forms []form
		for _, t := range sp.means {
			expanded := string(sp.pattern.ExpandString(nil, t, text, m))
			mnemonic, rest, _ := strings.Cut(expanded, " ")
			if f, ok := s.parseForm(s.mnemonic(mnemonic), s.numbered(rest)); ok {
				forms = append(forms, f)
			}
		}
		return forms
	}
	end := strings.IndexAny(text, " _\t")
	if end < 0 {
		end = len(text)
	}
	mnemonic := s.mnemonic(text[:end])
	if !knownMnemonics()[mnemonic] {
		return nil
	}
	f, ok := s.parseForm(mnemonic, strings.TrimLeft(text[end:], " _\t"))
	if !ok {
		return nil
	}
	return []form{f}
}

// numbered replaces named numbers by their values.
func (s speaker) numbered(text string) string {
	return constantWord.ReplaceAllStringFunc(text, func(w string) string {
		if v, ok := s.constants[w]; ok {
			return strconv.FormatInt(v, 10)
		}
		return w
	})
}

// actual returns the spellings of a decoded instruction.
func (m *machine) actual(inst disasm.Inst) []form {
	s := speaker{m, func(string) bool { return false }}
	forms := []form{s.decoded(inst.Mnemonic, inst.Operands)}
	if inst.Op != inst.Mnemonic || len(inst.Args) != len(inst.Operands) {
		forms = append(forms, s.decoded(inst.Op, inst.Args))
	}
	for _, f := range forms {
		if n := len(f.operands) - 1; n > 0 && f.operands[n].text == "lsl12" && f.operands[n-1].kind == number {
			shifted := slices.Clone(f.operands[:n])
			shifted[n-1].num <<= 12
			forms = append(forms, form{f.mnemonic, shifted})
		}
		if n := len(f.operands) - 1; n > 0 && f.operands[n].kind == number && strings.HasPrefix(f.operands[0].text, "w") && f.operands[n].num>>31 == 1 {
			f.operands[n].num -= 1 << 32 // 32 bits, signed
		}
		if byOne[f.mnemonic] && len(f.operands) == 2 && f.operands[1].num == 1 {
			forms = append(forms, form{f.mnemonic, f.operands[:1]})
		}
	}
	return forms
}

// byOne has the instructions for which the number 1 may be omitted.
var byOne = map[string]bool{"shl": true, "shr": true, "sar": true, "rol": true, "ror": true}

func (s speaker) decoded(mnemonic string, operands []string) form {
	f := form{mnemonic: s.mnemonic(mnemonic)}
	for _, t := range operands {
		o, ok := s.parseOperand(t)
		if !ok {
			o = operand{kind: verbatim, text: strings.ToLower(t)}
		}
		f.operands = append(f.operands, o)
	}
	return f
}

var constantWord = lazyregexp.New(`\b[A-Z][A-Z_0-9]+\b`)

// knownMnemonics has the first words of the decoders' instructions, for all
// architectures.
var knownMnemonics = sync.OnceValue(func() map[string]bool {
	return wordSet(`
	add adc sub sbb cmp and or xor test not neg inc dec mul imul div idiv
	shl shr sar rol ror mov movzx movsx movsxd lea push pop pushf popf pushfd popfd pushfq popfq
	xchg call ret jmp int syscall nop cdq cqo cld std cli sti hlt leave
	ja jae jb jbe je jne jg jge jl jle jo jno jp jnp js jns
	seta setae setb setbe sete setne setg setge setl setle
	lodsb lodsw lodsd stosb stosw stosd movsb movsw movsd scasb cmpsb
	rdmsr wrmsr ljmp lgdt lidt in out

	adds subs cmn tst ands orr eor mvn movn movz movk asr lsl lsr msub madd sdiv udiv
	ldr ldrb ldrh ldrsb ldrsh ldrsw str strb strh ldur stur ldp stp
	b b.eq b.ne b.lt b.le b.gt b.ge b.lo b.ls b.hs b.hi bl br blr cbz cbnz tbz tbnz svc

	rsb adcs rsblt sublt subge mvnlt movs bx blx

	lui auipc jal jalr beq bne blt bge bltu bgeu lb lh lw ld lbu lhu lwu sb sh sw sd
	addi slti sltiu xori ori andi slli srli srai sll slt sltu srl sra fence ecall ebreak
	addiw slliw srliw sraiw addw subw sllw srlw sraw
	mulh mulhsu mulhu divu rem remu mulw divw divuw remw remuw
	mv li negw sext.w seqz snez sltz sgtz beqz bnez blez bgez bltz bgtz j jr
`)
})

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}
