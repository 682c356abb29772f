package tool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// A tempOutput is a temporary file beside its target.
type tempOutput struct {
	files  files
	file   *os.File
	name   string // of file, as files has it
	target string
	done   bool
	temps  *temporaries
}

// files is what temporary files are made in: the host's, or an *os.Root.
type files interface {
	OpenFile(name string, flag int, perm Perm) (*os.File, error)
	Rename(from, to string) error
	Remove(name string) error
}

// hostFiles is all files of the host.
type hostFiles struct{}

func (hostFiles) OpenFile(name string, flag int, perm Perm) (*os.File, error) {
	return os.OpenFile(name, flag, perm)
}
func (hostFiles) Rename(from, to string) error { return os.Rename(from, to) }
func (hostFiles) Remove(name string) error     { return os.Remove(name) }

func (o *tempOutput) Write(p []byte) (int, error) { return o.file.Write(p) }

func (o *tempOutput) Commit() error {
	o.done = true
	err := o.file.Close()
	return o.temps.finish(o.file.Name(), func() error {
		if err == nil {
			err = o.files.Rename(o.name, o.target)
		}
		if err != nil {
			o.files.Remove(o.name)
		}
		return err
	})
}

func (o *tempOutput) Discard() {
	if !o.done {
		o.done = true
		o.file.Close()
		o.temps.finish(o.file.Name(), func() error { return o.files.Remove(o.name) })
	}
}

// temporaries is the names of the temporary files that are there, for a
// signal that ends the process. A nil *temporaries keeps no names.
type temporaries struct {
	mu    sync.Mutex
	names map[string]bool
}

// create makes a temporary file beside target, which is a name in dir.
func (t *temporaries) create(dir files, target string, perm Perm) (*tempOutput, error) {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	for try := 0; ; try++ {
		// os.CreateTemp would make it 0600; here the umask has its say.
		name := filepath.Join(filepath.Dir(target), fmt.Sprintf(".stage0-%d-%d", os.Getpid(), try))
		file, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) && try < 1000 {
			continue
		}
		if err != nil {
			return nil, err
		}
		if t != nil {
			t.names[file.Name()] = true
		}
		return &tempOutput{files: dir, file: file, name: name, target: target, temps: t}, nil
	}
}

// reserve makes an empty temporary file that is called name.
func (t *temporaries) reserve(name string, perm Perm) error {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if t != nil {
		t.names[name] = true
	}
	return file.Close()
}

// finish calls end, after which the temporary file called name is no longer
// there.
func (t *temporaries) finish(name string, end func() error) error {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.names, name)
	}
	return end()
}

// EndSignals returns the signals that end the process, but for those that it is
// to ignore, as what nohup runs is.
func EndSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
	return slices.DeleteFunc(all, signal.Ignored)
}

// removeOnSignal has a signal that ends the process remove the temporary files
// first.
func (t *temporaries) removeOnSignal() {
	signals := make(chan os.Signal, 1)
	for _, sig := range EndSignals() {
		if sig == syscall.SIGPIPE { // hostStream sees what it says
			signal.Notify(make(chan os.Signal, 1), sig)
			continue
		}
		signal.Notify(signals, sig)
	}
	go func() { t.end(<-signals) }()
}

// end removes the temporary files, and ends the process as sig does.
func (t *temporaries) end(sig os.Signal) {
	t.remove()
	// Whoever waits for the process is to see the signal as its end.
	signal.Reset(sig)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(sig) == nil {
		select {}
	}
	os.Exit(1)
}

// remove removes the temporary files. None is made or renamed from then on.
func (t *temporaries) remove() {
	t.mu.Lock() // for good
	for name := range t.names {
		os.Remove(name)
	}
}
