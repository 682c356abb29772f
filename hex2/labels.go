package hex2

// A label is the place where a name is defined, and its address.
type label struct {
	address uint32
	text    uint32 // index in linker.srcs
	at      int    // offset of the name in the text
}

// define defines the label n. If a name has several labels, the last one
// counts.
func (l *linker) define(n token) error {
	before, again := l.labels[string(n.name)]
	l.labels[string(n.name)] = label{l.ip, uint32(l.index), n.at}
	if again {
		return l.opt.Report(l.src, n.at-1, "label %q is defined again; the one at %v is ignored", n.name, l.srcs[before.text].At(before.at-1))
	}
	return nil
}
