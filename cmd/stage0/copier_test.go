package main

import (
	"encoding/binary"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"stage0/internal/emu/emutest"
)

// copier is a program for Linux on x86 that copies its own bytes to each of
// names, in order. Then, if there is something to say, it writes that to
// standard error and exits with 1; else it exits with 0. No release has it, so
// it is executed.
func copier(say string, names ...string) []byte {
	var code []byte
	add := func(b ...byte) { code = append(code, b...) }
	number := func(v int) { code = binary.LittleEndian.AppendUint32(code, uint32(v)) }
	load := func(opcode byte, v int) { add(opcode); number(v) }
	call := func(n int) { load(0xB8, n); add(0xCD, 0x80) } // mov eax, n; int 0x80
	const codeSize, ebx, ecx, edx, esi = 109, 0xBB, 0xB9, 0xBA, 0xBE
	text := emutest.Entry + codeSize
	length := len(say) + 1 // of the names, each with a NUL, and one more
	for _, name := range names {
		length += len(name) + 1
	}
	load(esi, text)
	loop := len(code)
	add(0x80, 0x3E, 0x00) // cmp byte [esi], 0
	add(0x74, 0)          // je done
	toDone := len(code)
	add(0x89, 0xF3)  // mov ebx, esi
	load(ecx, 0x241) // O_WRONLY|O_CREAT|O_TRUNC
	load(edx, 0o700) // permissions
	call(5)          // open
	add(0x89, 0xC3)  // mov ebx, eax
	load(ecx, emutest.Base)
	load(edx, emutest.Entry-emutest.Base+codeSize+length)
	call(4) // write
	call(6) // close
	next := len(code)
	add(0x46)                   // inc esi
	add(0x80, 0x7E, 0xFF, 0x00) // cmp byte [esi-1], 0
	add(0x75, byte(next-len(code)-2))
	add(0xEB, byte(loop-len(code)-2))
	code[toDone-1] = byte(len(code) - toDone)
	load(ebx, 2)
	load(ecx, text+length-len(say))
	load(edx, len(say))
	call(4)
	load(ebx, min(len(say), 1))
	call(1) // exit
	for len(code) < codeSize {
		add(0x90) // nop
	}
	if len(code) > codeSize {
		panic("the code of copier is larger than it says")
	}
	for _, name := range names {
		add(append([]byte(name), 0)...)
	}
	add(0)
	add([]byte(say)...)
	return emutest.ELF(3, 32, code, 0)
}

// writeCopier is a command of scripts:
//
//	copier [-say TEXT] FILE NAME...    write such a program to FILE
func writeCopier(ts *testscript.TestScript, neg bool, args []string) {
	say := ""
	if len(args) > 1 && args[0] == "-say" {
		say, args = args[1]+"\n", args[2:]
	}
	if neg || len(args) == 0 {
		ts.Fatalf("usage: copier [-say TEXT] FILE NAME...")
	}
	file := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o777))
	ts.Check(os.WriteFile(file, copier(say, args[1:]...), 0o777))
}
