package cpu

// An Access is a load or a store that was allowed.
type Access struct {
	Addr  uint64
	Size  int // in bytes
	Store bool
}

// Observe has f told of every load that a single step does, before it is done,
// and of every store, also of a system call's; nobody, if f is nil. A clone is
// not observed.
func (m *Memory) Observe(f func(Access)) { m.observer = f }

// observe tells of an access.
func (m *Memory) observe(a uint64, n int, store bool) {
	if m.observer != nil {
		m.observer(Access{a, n, store})
	}
}
