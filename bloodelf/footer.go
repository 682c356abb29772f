package bloodelf

import (
	"bufio"
	"stage0/strtoint"
	"strings"
)

// The footer, with these placeholders in braces:
//
//	{6:32}      the number 6 in 32 bits
//	{high}      the upper half of a 64-bit word; nothing in 32-bit output
//	{symbols}   how many symbols there are, the NULL symbol included, in 32 bits
//	{symsize}   the size of a symbol in bytes, in 32 bits
//	{other}     a symbol's visibility
//	{name}      its name

const sections = `# Generated sections
:ELF_shstr
{0:8}	# NULL
:ELF_shstr__text
".text"
:ELF_shstr__shstr
".shstrtab"
:ELF_shstr__sym
".symtab"
:ELF_shstr__str
".strtab"

:ELF_section_headers
{0:32}	#sh_name
{0:32}	#sh_type
{0:32}{high}	#sh_flags
{0:32}{high}	#sh_addr
{0:32}{high}	#sh_offset
{0:32}{high}	#sh_size
{0:32}	#sh_link
{0:32}	#sh_info
{1:32}{high}	#sh_addralign
{0:32}{high}	#sh_entsize

:ELF_section_header_text
%ELF_shstr__text>ELF_shstr	#sh_name
{1:32}	#sh_type
{6:32}{high}	#sh_flags
&ELF_text{high}	#sh_addr
%ELF_text>ELF_base{high}	#sh_offset
%ELF_data>ELF_text{high}	#sh_size
{0:32}	#sh_link
{0:32}	#sh_info
{1:32}{high}	#sh_addralign
{0:32}{high}	#sh_entsize

:ELF_section_header_shstr
%ELF_shstr__shstr>ELF_shstr	#sh_name
{3:32}	#sh_type
{0:32}{high}	#sh_flags
&ELF_shstr{high}	#sh_addr
%ELF_shstr>ELF_base{high}	#sh_offset
%ELF_section_headers>ELF_shstr{high}	#sh_size
{0:32}	#sh_link
{0:32}	#sh_info
{1:32}{high}	#sh_addralign
{0:32}{high}	#sh_entsize

:ELF_section_header_str
%ELF_shstr__str>ELF_shstr	#sh_name
{3:32}	#sh_type
{0:32}{high}	#sh_flags
&ELF_str{high}	#sh_addr
%ELF_str>ELF_base{high}	#sh_offset
%ELF_sym>ELF_str{high}	#sh_size
{0:32}	#sh_link
{0:32}	#sh_info
{1:32}{high}	#sh_addralign
{0:32}{high}	#sh_entsize

:ELF_section_header_sym
%ELF_shstr__sym>ELF_shstr	#sh_name
{2:32}	#sh_type
{0:32}{high}	#sh_flags
&ELF_sym{high}	#sh_addr
%ELF_sym>ELF_base{high}	#sh_offset
%ELF_end>ELF_sym{high}	#sh_size
{3:32}	#sh_link
{symbols}	#sh_info
{1:32}{high}	#sh_addralign
{symsize}{high}	#sh_entsize
`

const (
	stringTable = `
# Generated string table
:ELF_str
{0:8}	# NULL string
`
	stringEntry = `:ELF_str_{name}	"{name}"
`
	stringTableEnd = `# END Generated string table

`
	symbolTable = `
# Generated symbol table
:ELF_sym
# Required NULL symbol entry
`
	symbolTableEnd = `# END Generated symbol table

:ELF_end
`
)

// A symbolFormat is the layout of a symbol in 32-bit or 64-bit ELF.
type symbolFormat struct {
	size            string
	null            string // the NULL symbol
	symbol          string
	hidden, visible string // {other}
}

var symbol32 = symbolFormat{
	size: "{16:32}",
	null: `{0:32}	# st_name
{0:32}	# st_value
{0:32}	# st_size
{0:8}	# st_info
{0:8}	# st_other
{1:16}	# st_shndx

`,
	symbol: `%ELF_str_{name}>ELF_str	# st_name
&{name}	#st_value
{0:32}	# st_size (unknown size)
{2:8}	# st_info (FUNC)
{other}
{1:16}	# st_shndx

`,
	hidden:  "{2:8}	# st_other (hidden)",
	visible: "{0:8}	# st_other (default)",
}

var symbol64 = symbolFormat{
	size: "{24:32}",
	null: `{0:32}	# st_name
{0:8}	# st_info
{0:8}	# st_other
{1:16}	# st_shndx
{0:32} {0:32}	# st_value
{0:32} {0:32}	# st_size

`,
	symbol: `%ELF_str_{name}>ELF_str	# st_name
{2:8}	# st_info (FUNC)
{other}
{1:16}	# st_shndx
&{name} {0:32}	# st_value
{0:32} {0:32}	# st_size (unknown size)

`,
	hidden:  "{2:8}	# st_other (hidden)",
	visible: "{0:8}	# st_other (other)",
}

// write writes the footer. out keeps its first error.
func write(out *bufio.Writer, syms *symbols, opt Options) {
	format, high := symbol32, ""
	if opt.Wide {
		format, high = symbol64, " {0:32}"
	}
	numbers := strings.NewReplacer(
		"{0:8}", opt.number(0, 1),
		"{2:8}", opt.number(2, 1),
		"{1:16}", opt.number(1, 2),
		"{0:32}", opt.number(0, 4),
		"{1:32}", opt.number(1, 4),
		"{2:32}", opt.number(2, 4),
		"{3:32}", opt.number(3, 4),
		"{6:32}", opt.number(6, 4),
		"{16:32}", opt.number(16, 4),
		"{24:32}", opt.number(24, 4),
		"{symbols}", opt.number(1+syms.count, 4),
	)
	fill := func(template string, pairs ...string) string {
		return numbers.Replace(strings.NewReplacer(pairs...).Replace(template))
	}

	out.WriteString(fill(sections, "{high}", high, "{symsize}", format.size))

	out.WriteString(fill(stringTable))
	entry := cut(stringEntry)
	for name := range syms.all {
		entry.write(out, name)
	}
	out.WriteString(stringTableEnd)

	out.WriteString(symbolTable)
	out.WriteString(fill(format.null))
	hidden := cut(fill(format.symbol, "{other}", format.hidden))
	visible := cut(fill(format.symbol, "{other}", format.visible))
	for name := range syms.all {
		if len(name) > 0 && name[0] == '_' && !opt.isEntry(name) {
			hidden.write(out, name)
		} else {
			visible.write(out, name)
		}
	}
	out.WriteString(symbolTableEnd)
}

// isEntry reports whether name is the program's entry: the last one in Entries.
func (opt Options) isEntry(name []byte) bool {
	n := len(opt.Entries)
	return n > 0 && opt.Entries[n-1] == string(name)
}

// An aroundNames is a template split at {name}; a name goes between the parts.
type aroundNames [3]string

func cut(template string) aroundNames {
	return aroundNames(strings.Split(template, "{name}"))
}

func (a *aroundNames) write(out *bufio.Writer, name []byte) {
	out.WriteString(a[0])
	out.Write(name)
	out.WriteString(a[1])
	out.Write(name)
	out.WriteString(a[2])
}

// number returns value in size bytes, quoted (upstream: get_string).
func (opt Options) number(value, size int) string {
	form, _ := strtoint.FormOf(opt.Radix)
	text := form.Append([]byte{'\''}, int64(value), size, !opt.BigEndian)
	return string(append(text, '\''))
}
