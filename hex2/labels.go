package hex2

import "stage0/source"

// A label is where a name is defined, and its address.
type label struct {
	address uint32
	text    uint32 // index of it
	at      int64  // of the name, in the text
}

// define notes the label n. Of several of one name the last counts.
func (l *linker) define(n token) error {
	before, again := l.labels[n.name]
	l.labels[n.name] = label{l.ip, uint32(l.index), n.at}
	if again {
		return l.opt.Report(l.src, n.at-1, "label %q is defined again; the one at %v is ignored", n.name, place{l.srcs[before.text], before.at - 1})
	}
	return nil
}

// A place is a position that messages ask for only if there is one.
type place struct {
	src source.Source
	off int64
}

func (p place) String() string { return p.src.Position(p.off).String() }
