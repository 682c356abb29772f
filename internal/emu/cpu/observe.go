package cpu

// An Access is a load or a store that was allowed.
type Access struct {
	Addr  uint64
	Size  int // in bytes
	Store bool
}

// Observe makes the memory call f for every load of a single step, before it is done,
// and for every store, including those of system calls. If f is nil, it calls
// nothing. A clone is not observed.
func (m *Memory) Observe(f func(Access)) { m.observer = f }

// observe reports an access.
func (m *Memory) observe(a uint64, n int, store bool) {
	if m.observer != nil {
		m.observer(Access{a, n, store})
	}
}
