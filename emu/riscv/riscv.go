// Package riscv is the emulator's processors riscv64 and riscv32: the base
// instruction sets RV64I and RV32I, and the extension M.
package riscv
