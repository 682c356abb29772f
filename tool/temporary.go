package tool

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
)

// A tempOutput is a temporary file beside its target.
type tempOutput struct {
	file   *os.File
	buf    *bufio.Writer
	target string
	done   bool
	temps  *temporaries
}

func (o *tempOutput) Write(p []byte) (int, error) { return o.buf.Write(p) }

func (o *tempOutput) Commit() error {
	o.done = true
	err := o.buf.Flush()
	if e := o.file.Close(); err == nil {
		err = e
	}
	return o.temps.finish(o.file.Name(), func(name string) error {
		if err == nil {
			err = os.Rename(name, o.target)
		}
		if err != nil {
			os.Remove(name)
		}
		return err
	})
}

func (o *tempOutput) Discard() {
	if !o.done {
		o.done = true
		o.file.Close()
		o.temps.finish(o.file.Name(), os.Remove)
	}
}

// temporaries is the names of the temporary files that are there, for a
// signal that ends the process. A nil *temporaries keeps no names.
type temporaries struct {
	mu    sync.Mutex
	names map[string]bool
}

// create makes a temporary file beside target.
func (t *temporaries) create(target string, perm Perm) (*tempOutput, error) {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
	}
	for try := 0; ; try++ {
		// os.CreateTemp would make it 0600; here the umask has its say.
		name := filepath.Join(filepath.Dir(target), fmt.Sprintf(".stage0-%d-%d", os.Getpid(), try))
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if errors.Is(err, fs.ErrExist) && try < 1000 {
			continue
		}
		if err != nil {
			return nil, err
		}
		if t != nil {
			t.names[name] = true
		}
		return &tempOutput{file: file, buf: bufio.NewWriterSize(file, 64<<10), target: target, temps: t}, nil
	}
}

// finish calls end, after which the temporary file is no longer there.
func (t *temporaries) finish(name string, end func(name string) error) error {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.names, name)
	}
	return end(name)
}

// removeOnSignal has a signal that ends the process remove the temporary files
// first.
func (t *temporaries) removeOnSignal() {
	signals := make(chan os.Signal, 1)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) { // as it is for what nohup runs
			signal.Notify(signals, sig)
		}
	}
	go func() {
		sig := <-signals
		t.mu.Lock() // for good: no file is made or renamed from here on
		for name := range t.names {
			os.Remove(name)
		}
		// Whoever waits for the process is to see the signal as its end.
		signal.Reset(sig)
		if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(sig) == nil {
			select {}
		}
		os.Exit(1)
	}()
}
