package main

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"
)

// stdio is the address that means standard input and output.
const stdio = "-"

// gdbAt returns a function that waits for gdb at an address.
func gdbAt(ctx context.Context, cmd *cobra.Command, addr string) func() (io.ReadWriteCloser, error) {
	if addr == stdio {
		return func() (io.ReadWriteCloser, error) {
			return pipe{&reader{ctx, cmd.InOrStdin()}, cmd.OutOrStdout()}, nil
		}
	}
	return func() (io.ReadWriteCloser, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fmt.Errorf("%w: expected [HOST]:PORT or - (--gdb)", err)
		}
		if host == "" {
			host = "localhost" // do not accept connections from other machines
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil {
			return nil, err
		}
		defer l.Close()
		defer context.AfterFunc(ctx, func() { l.Close() })()
		fmt.Fprintf(cmd.ErrOrStderr(), "stage0 run: waiting for gdb: target remote %s\n", l.Addr())
		conn, err := l.Accept()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return conn, err
	}
}

// A pipe is a connection with gdb over standard input and output.
type pipe struct {
	io.Reader
	io.Writer
}

// Close does nothing: the process exits anyway.
func (pipe) Close() error { return nil }
