package gdb

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// maxOpened is the maximum number of files that gdb may have open.
const maxOpened = 16

// Error numbers of the protocol's file operations ("Errno Values").
const (
	fileNotFound = 2
	fileBad      = 9
	fileInvalid  = 22
	fileMany     = 24
)

func fileError(number int) string { return fmt.Sprintf("F-1,%x", number) }

// file executes the packet vFile. gdb reads the program's file and its symbols from
// the file system of the program.
func (s *session) file(args string) string {
	what, rest, _ := strings.Cut(args, ":")
	list := strings.Split(rest, ",")
	if what == "setfs" {
		return "F0"
	}
	if what == "open" {
		return s.openFile(list)
	}
	fd, err := strconv.ParseUint(list[0], 16, 32)
	if err != nil || fd >= maxOpened || s.opened[fd] == nil {
		return fileError(fileBad)
	}
	data := s.opened[fd]
	switch what {
	case "close":
		s.opened[fd] = nil
		return "F0"
	case "fstat":
		stat := fileStat(len(data))
		return fmt.Sprintf("F%x;%s", len(stat), stat)
	case "pread":
		if len(list) != 3 {
			return fileError(fileInvalid)
		}
		n, err1 := strconv.ParseUint(list[1], 16, 64)
		at, err2 := strconv.ParseUint(list[2], 16, 64)
		if err1 != nil || err2 != nil {
			return fileError(fileInvalid)
		}
		piece := data[min(at, uint64(len(data))):]
		piece = piece[:min(uint64(len(piece)), n, maxPacket/2)]
		return fmt.Sprintf("F%x;%s", len(piece), piece)
	}
	return unsupported
}

// openFile opens a file for reading. list contains its name and flags.
func (s *session) openFile(list []string) string {
	name, err := hex.DecodeString(list[0])
	if err != nil || len(list) != 3 || list[1] != "0" {
		return fileError(fileInvalid)
	}
	data, err := s.files.ReadFile(string(name))
	if err != nil {
		return fileError(fileNotFound)
	}
	for fd := range s.opened {
		if s.opened[fd] == nil {
			s.opened[fd] = data[:len(data):len(data)]
			if data == nil {
				s.opened[fd] = []byte{}
			}
			return fmt.Sprintf("F%x", fd)
		}
	}
	return fileError(fileMany)
}

// fileStat returns the protocol's struct stat of a file, in which all numbers are
// big-endian.
func fileStat(size int) []byte {
	var b []byte
	be := binary.BigEndian
	b = append(b, make([]byte, 8)...)            // st_mode: a regular file
	b = be.AppendUint32(b, 0o100755)             // st_mode: a file
	b = be.AppendUint32(b, 1)                    // st_nlink
	b = append(b, make([]byte, 12)...)           // st_uid, st_gid, st_rdev
	b = be.AppendUint64(b, uint64(size))         // st_size
	b = be.AppendUint64(b, 512)                  // st_blksize
	b = be.AppendUint64(b, uint64(size+511)/512) // st_blocks
	return append(b, make([]byte, 12)...)        // st_atime, st_mtime, st_ctime
}
