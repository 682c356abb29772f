package hex2

import "stage0/source"

// A label is the place where a name is defined, and its address.
type label struct {
	address uint32
	text    uint32 // index in linker.texts
	at      int64  // offset of the name in the text
}

// define defines the label n. If a name has several labels, the last one
// counts.
func (l *linker) define(n token) error {
	before, again := l.labels[n.name]
	l.labels[n.name] = label{l.ip, uint32(l.index), n.at}
	if again {
		return l.opt.Report(l.src, n.at-1, "label %q is defined again; the one at %v is ignored", n.name, place{l.srcs[before.text], before.at - 1})
	}
	return nil
}

// A place is a position that is computed only if the message is formatted.
type place struct {
	src source.Source
	off int64
}

func (p place) String() string { return p.src.Position(p.off).String() }
