package gdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxPacket is the maximum length of a packet between $ and #, in bytes.
const maxPacket = 16 << 10

// interruptByte is sent by gdb to stop the running program.
const interruptByte = 0x03

// A conn is a connection to gdb, with a goroutine that reads from it.
type conn struct {
	rw         io.ReadWriteCloser
	messages   chan message
	interrupts chan struct{} // gdb asked to stop the program
	done       chan struct{} // messages are no longer received
	closed     chan struct{} // gdb has closed the connection
	last       []byte        // the last packet sent, with its frame
	noAck      bool          // packets are no longer acknowledged
	once       sync.Once     // closes done
}

// A message is received from gdb.
type message struct {
	packet []byte // without $, # and checksum
	bad    bool   // a packet with a wrong checksum
	again  bool   // gdb asks for the last packet again
}

func newConn(rw io.ReadWriteCloser) *conn {
	return &conn{
		rw:         rw,
		messages:   make(chan message),
		interrupts: make(chan struct{}, 1),
		done:       make(chan struct{}),
		closed:     make(chan struct{}),
	}
}

// serve reads until gdb closes the connection or sends invalid data. Then it calls
// gone, unless close was called.
func (c *conn) serve(gone func()) {
	c.read(bufio.NewReader(c.rw))
	close(c.closed)
	select {
	case <-c.done:
	default:
		gone()
	}
}

// read receives messages until the connection ends.
func (c *conn) read(r *bufio.Reader) {
	for {
		b, err := r.ReadByte()
		if err != nil {
			return
		}
		var m message
		switch b {
		case '$':
			m.packet, err = readPacket(r)
			m.bad = err == errChecksum
			if err != nil && !m.bad {
				return
			}
			select {
			case <-c.interrupts: // from before the packet, which may continue the program
			default:
			}
		case '-':
			m.again = true
		case interruptByte:
			select {
			case c.interrupts <- struct{}{}:
			default: // already requested
			}
			continue
		default: // including +, which acknowledges a packet
			continue
		}
		select {
		case c.messages <- m:
		case <-c.done:
			return
		}
	}
}

// receive returns the next packet.
func (c *conn) receive() ([]byte, error) {
	for {
		select {
		case m := <-c.messages:
			answer := "+"
			switch {
			case c.noAck:
				answer = ""
			case m.bad:
				answer = "-"
			case m.again:
				answer = string(c.last)
			}
			if _, err := io.WriteString(c.rw, answer); err != nil {
				return nil, err
			}
			if !m.bad && !m.again {
				return m.packet, nil
			}
		case <-c.closed:
			return nil, io.ErrUnexpectedEOF
		}
	}
}

// interrupted reports whether gdb wants to stop the running program. It discards
// packets, which are not expected while the program runs.
func (c *conn) interrupted() bool {
	select {
	case <-c.interrupts:
		return true
	case <-c.messages:
	default:
	}
	return false
}

// send sends a packet.
func (c *conn) send(data string) error {
	c.last = frame([]byte(data))
	_, err := c.rw.Write(c.last)
	return err
}

// leave makes the session ignore all further messages.
func (c *conn) leave() { c.once.Do(func() { close(c.done) }) }

// close ends the connection.
func (c *conn) close() {
	c.leave()
	c.rw.Close()
}

var errChecksum = errors.New("wrong checksum")

// readPacket reads a packet after its $, and returns it unescaped.
func readPacket(r *bufio.Reader) ([]byte, error) {
	var data []byte
	var sum byte
	for {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		if b == '#' {
			break
		}
		if b == '$' { // gdb started a new packet
			data, sum = data[:0], 0
			continue
		}
		if len(data) == maxPacket {
			return nil, fmt.Errorf("a packet has more than %d bytes", maxPacket)
		}
		data = append(data, b)
		sum += b
	}
	var digits [2]byte
	if _, err := io.ReadFull(r, digits[:]); err != nil {
		return nil, err
	}
	if want, ok := parseHex(digits[:]); !ok || byte(want) != sum {
		return nil, errChecksum
	}
	return unescape(data), nil
}

// unescape decodes binary data, in which } escapes a byte xor 0x20.
func unescape(data []byte) []byte {
	if bytes.IndexByte(data, '}') < 0 {
		return data
	}
	plain := data[:0]
	for i := 0; i < len(data); i++ {
		b := data[i]
		if b == '}' && i+1 < len(data) {
			i++
			b = data[i] ^ 0x20
		}
		plain = append(plain, b)
	}
	return plain
}

// frame adds $, # and the checksum to a packet.
func frame(data []byte) []byte {
	out := make([]byte, 0, len(data)+4)
	out = append(out, '$')
	var sum byte
	for _, b := range data {
		if b == '$' || b == '#' || b == '}' || b == '*' {
			out = append(out, '}')
			sum += '}'
			b ^= 0x20
		}
		out = append(out, b)
		sum += b
	}
	return fmt.Appendf(out, "#%02x", sum)
}

// parseHex parses a hexadecimal number of at most 16 digits.
func parseHex(digits []byte) (v uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 16 {
		return 0, false
	}
	for _, d := range digits {
		n := bytes.IndexByte([]byte("0123456789abcdef"), d|0x20)
		if n < 0 || d < '0' {
			return 0, false
		}
		v = v<<4 | uint64(n)
	}
	return v, true
}
