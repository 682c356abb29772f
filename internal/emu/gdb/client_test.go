package gdb_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A client talks to the debugger like gdb.
type client struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{t, conn, bufio.NewReader(conn)}
}

// packet returns a packet with the given text.
func packet(text string) string {
	var sum byte
	for i := range len(text) {
		sum += text[i]
	}
	return fmt.Sprintf("$%s#%02x", text, sum)
}

// ask sends a packet, acknowledges the reply and returns it.
func (c *client) ask(text string) string {
	c.t.Helper()
	c.send(packet(text))
	return c.reply()
}

func (c *client) send(raw string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, raw); err != nil {
		c.t.Error(err)
	}
}

// reply returns the next packet, and acknowledges it.
func (c *client) reply() string {
	c.t.Helper()
	text, err := c.r.ReadString('#')
	if err != nil {
		c.t.Errorf("%v after %q", err, text)
		return ""
	}
	io.ReadFull(c.r, make([]byte, 2))
	c.send("+")
	_, text, _ = strings.Cut(text, "$")
	return strings.TrimSuffix(text, "#")
}

// want sends a packet and checks the reply.
func (c *client) want(text, reply string) {
	c.t.Helper()
	if got := c.ask(text); got != reply {
		c.t.Errorf("%s: %q, want %q", text, got, reply)
	}
}

// monitor executes a monitor command.
func (c *client) monitor(command string) string {
	c.t.Helper()
	reply := c.ask("qRcmd," + hex.EncodeToString([]byte(command)))
	text, err := hex.DecodeString(reply)
	if err != nil {
		c.t.Errorf("%q: %v", reply, err)
	}
	return string(text)
}

// at checks how many instructions the run has executed.
func (c *client) at(steps int) {
	c.t.Helper()
	if got, want := c.monitor("steps"), fmt.Sprintf("%d\n", steps); got != want {
		c.t.Errorf("at %q, want %q", got, want)
	}
}
