package prove

// A world is an environment: it answers a seed's system calls.
type world struct {
	name   string
	args   []string // of the seed
	closed bool     // no descriptor is open at the start; otherwise 0 to 2 are

	openIn, openOut int32 // the error of opening the input and the output; 0: it succeeds
	read, write     fault
	bytes           []byte // that may occur in the input
}

// first returns the lowest descriptor that is free at the start.
func (w *world) first() int32 {
	if w.closed {
		return 0
	}
	return 3
}

// mayFail reports whether a read or a write may fail.
func (w *world) mayFail() bool { return w.read.when != never || w.write.when != never }

// A fault is a result of read or write other than success.
type fault struct {
	when   when
	result int32 // 0, or a negative errno
}

// answers returns the answers that are the fault. only reports that there are no others.
func (f fault) answers(s worldState) (list []answer, only bool) {
	only = f.when == always || f.when == forGood && s.failed
	if f.when == never {
		return nil, false
	}
	s.failed = true
	return []answer{{f.result, nothing, s}}, only
}

// A when says at which calls a fault happens.
type when int

const (
	never   when = iota
	always       // at all calls
	forGood      // at all calls from some call on, whichever that is
	atTimes      // at any calls
)

// Names of the files of a world: its arguments.
const (
	inPath  = "in"
	outPath = "out"
)

// Results of system calls, from Linux's include/uapi/asm-generic/errno-base.h.
const (
	noEntry     = -2  // ENOENT
	interrupted = -4  // EINTR
	ioError     = -5  // EIO
	badFile     = -9  // EBADF
	noAccess    = -13 // EACCES
	badAddress  = -14 // EFAULT
	isDirectory = -21 // EISDIR
	tooMany     = -24 // EMFILE
	diskFull    = -28 // ENOSPC
	noCall      = -38 // ENOSYS
)

// normal is the world of the theorem: all calls succeed, a read returns one byte, and
// the input consists of any bytes.
var normal = world{name: "all system calls succeed", args: []string{"hex0-seed", inPath, outPath}, bytes: allBytes()}

func allBytes() []byte {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return all
}

// A worldState is what a world remembers.
type worldState struct {
	opened [2]file // in the order of their descriptors, from world.first
	atEnd  bool    // the end of the input has been read
	failed bool    // a fault has happened
}

// append appends the state to key.
func (s *worldState) append(key []byte) []byte {
	return appendBits(append(key, byte(s.opened[0]), byte(s.opened[1])), []bool{s.atEnd, s.failed})
}

// appendBits appends at most eight booleans as a byte.
func appendBits(key []byte, set []bool) []byte {
	var b byte
	for i, s := range set {
		if s {
			b |= 1 << i
		}
	}
	return append(key, b)
}

// A file says which of a world's files is open, if any.
type file byte

const (
	noFile file = iota
	inFile
	outFile
)

// file returns the file behind a descriptor.
func (w *world) file(s worldState, fd int32) file {
	if i := fd - w.first(); i >= 0 && int(i) < len(s.opened) {
		return s.opened[i]
	}
	return noFile
}

// An answer is what a world answers to a system call.
type answer struct {
	result int32
	input  input // of read
	next   worldState
}

// An input is what a read returns: a byte, or one of these.
type input int

const (
	endOfFile input = 256
	nothing   input = -1
)

// answers returns all answers that a known call may have.
func (w *world) answers(s worldState, c call) (list []answer) {
	switch f := w.file(s, c.fd); {
	case c.name == "open":
		return []answer{w.open(s, c)}
	case c.name == "read" && f == inFile && c.bad, c.name == "write" && f == outFile && c.bad:
		return []answer{{badAddress, nothing, s}}
	case c.name == "read" && f == inFile:
		list, only := w.read.answers(s)
		if only {
			return list
		}
		if !s.atEnd {
			for _, b := range w.bytes {
				list = append(list, answer{1, input(b), s})
			}
		}
		s.atEnd = true
		return append(list, answer{0, endOfFile, s})
	case c.name == "write" && f == outFile:
		list, only := w.write.answers(s)
		if only {
			return list
		}
		return append(list, answer{int32(c.count), nothing, s})
	case c.name == "read", c.name == "write":
		return []answer{{badFile, nothing, s}}
	}
	return []answer{{noCall, nothing, s}}
}

// open answers a call of open.
func (w *world) open(s worldState, c call) answer {
	var result int32
	var opened file
	switch {
	case c.bad:
		result = badAddress
	case c.path == inPath:
		result, opened = w.openIn, inFile
	case c.path == outPath && c.flags&create != 0:
		result, opened = w.openOut, outFile
	default:
		result = noEntry
	}
	if result != 0 {
		return answer{result, nothing, s}
	}
	for i := range s.opened {
		if s.opened[i] == noFile {
			s.opened[i] = opened
			return answer{w.first() + int32(i), nothing, s}
		}
	}
	return answer{tooMany, nothing, s}
}
