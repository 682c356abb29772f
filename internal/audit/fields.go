package audit

// Fields returns the names of the ELF header and program header fields at the
// start of a listing, as in the System V ABI, by the address of their first
// byte. If headers overlap, an address has several.
func (l *Listing) Fields() map[uint64][]string {
	var data []byte
	var gaps []bool
	for _, line := range l.Lines {
		data = append(data, line.Bytes...)
		gaps = append(gaps, line.Unresolved...)
		gaps = append(gaps, make([]bool, len(data)-len(gaps))...)
	}
	h, ok := parseHeader(data, gaps)
	if !ok {
		return nil
	}
	names := map[uint64][]string{}
	for _, r := range h.records() {
		for _, f := range r.Fields {
			at := l.Base + uint64(f.Offset)
			names[at] = append(names[at], f.Name)
		}
	}
	return names
}
