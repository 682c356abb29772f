package emu

import "slices"

// A systemCall is a system call by name.
type systemCall struct {
	name   string
	do     func(m *machine, p *process, a [6]uint64) (int64, error)
	leaves bool   // may change which program runs
	count  uint64 // number of calls made, in a machine's table
}

// A numbered is a row of an architecture's table of system calls.
type numbered struct {
	number int
	name   string
}

// systemCalls are the implemented system calls. Those with a dirfd accept only
// AT_FDCWD. Those that would change more than files and processes fail as they do for
// an ordinary user. A call whose result depends on anything but its process and the
// files it names must say so with process.shares.
func systemCalls() []systemCall {
	return []systemCall{
		{name: "access", do: sysAccess},
		{name: "brk", do: sysBrk},
		{name: "chdir", do: sysChdir},
		{name: "chmod", do: sysChmod},
		{name: "chroot", do: sysRefuse},
		{name: "clone", do: sysClone, leaves: true},
		{name: "close", do: sysClose},
		{name: "dup", do: sysDup},
		{name: "execve", do: sysExecve, leaves: true},
		{name: "exit", do: sysExit, leaves: true},
		{name: "faccessat", do: at(sysAccess)},
		{name: "fchdir", do: sysFchdir},
		{name: "fchmod", do: sysFchmod},
		{name: "fchmodat", do: at(sysChmod)},
		{name: "fork", do: sysFork, leaves: true},
		{name: "getcwd", do: sysGetcwd},
		{name: "getegid", do: sysZero},
		{name: "geteuid", do: sysZero},
		{name: "imageuname", do: sysImageUname},
		{name: "ioctl", do: sysIoctl},
		{name: "llseek", do: sysLlseek},
		{name: "lseek", do: sysLseek},
		{name: "mkdir", do: sysMkdir},
		{name: "mkdirat", do: at(sysMkdir)},
		{name: "mknod", do: sysRefuse},
		{name: "mount", do: sysRefuse},
		{name: "olduname", do: sysOldUname},
		{name: "open", do: sysOpen},
		{name: "openat", do: at(sysOpen)},
		{name: "read", do: sysRead},
		{name: "symlink", do: sysRefuse},
		{name: "umask", do: sysUmask},
		{name: "uname", do: sysUname},
		{name: "unlink", do: sysUnlink},
		{name: "unlinkat", do: sysUnlinkat},
		{name: "unshare", do: sysRefuse},
		{name: "wait4", do: sysWait4},
		{name: "waitid", do: sysWaitid},
		{name: "write", do: sysWrite},
	}
}

// maxCall is the highest number in a table plus one.
const maxCall = 1080

// legacy is the first of the numbers, up to maxCall, of calls that newer ones have
// replaced. Linux on aarch64 has none of them. A program that makes such a call gets
// an error and continues; programs of releases up to 1.7.0 do so when they remove a
// file.
const legacy = 1024

// callTable returns the system calls of a processor, indexed by number.
func (m *machine) callTable(on *processor) []systemCall {
	if table := m.tables[on]; table != nil {
		return table
	}
	table := make([]systemCall, maxCall)
	all := systemCalls()
	for _, row := range on.calls {
		i := slices.IndexFunc(all, func(c systemCall) bool { return c.name == row.name })
		table[row.number] = all[i]
	}
	for n := legacy; on.legacy && n < maxCall; n++ {
		table[n] = systemCall{name: "legacy", do: sysNone}
	}
	m.tables[on] = table
	return table
}

// Linux system call numbers by architecture, from the kernel's
// include/uapi/asm-generic/unistd.h and arch/*/entry/syscalls/*.tbl: those that the
// programs of release 1.9.1 contain.

var riscv64Calls = []numbered{
	{17, "getcwd"}, {23, "dup"}, {29, "ioctl"}, {33, "mknod"}, {34, "mkdirat"},
	{35, "unlinkat"}, {36, "symlink"}, {40, "mount"}, {48, "faccessat"},
	{49, "chdir"}, {50, "fchdir"}, {51, "chroot"}, {52, "fchmod"},
	{53, "fchmodat"}, {56, "openat"}, {57, "close"}, {62, "lseek"},
	{63, "read"}, {64, "write"}, {93, "exit"}, {94, "exit"}, {95, "waitid"},
	{97, "unshare"}, {160, "uname"}, {166, "umask"}, {175, "geteuid"},
	{177, "getegid"}, {214, "brk"}, {220, "clone"}, {221, "execve"},
	{260, "wait4"},
}

var riscv32Calls = []numbered{
	{17, "getcwd"}, {23, "dup"}, {29, "ioctl"}, {33, "mknod"}, {34, "mkdirat"},
	{35, "unlinkat"}, {36, "symlink"}, {40, "mount"}, {48, "faccessat"},
	{49, "chdir"}, {50, "fchdir"}, {51, "chroot"}, {52, "fchmod"},
	{53, "fchmodat"}, {56, "openat"}, {57, "close"}, {62, "llseek"},
	{63, "read"}, {64, "write"}, {93, "exit"}, {94, "exit"}, {95, "waitid"},
	{97, "unshare"}, {160, "uname"}, {166, "umask"}, {175, "geteuid"},
	{177, "getegid"}, {214, "brk"}, {220, "clone"}, {221, "execve"},
}

var aarch64Calls = riscv64Calls // both use the generic numbers

var amd64Calls = []numbered{
	{0, "read"}, {1, "write"}, {2, "open"}, {3, "close"}, {8, "lseek"},
	{12, "brk"}, {16, "ioctl"}, {21, "access"}, {32, "dup"}, {57, "fork"},
	{59, "execve"}, {60, "exit"}, {61, "wait4"}, {63, "uname"},
	{79, "getcwd"}, {80, "chdir"}, {81, "fchdir"}, {83, "mkdir"},
	{87, "unlink"}, {88, "symlink"}, {90, "chmod"}, {91, "fchmod"},
	{95, "umask"}, {107, "geteuid"}, {108, "getegid"}, {133, "mknod"},
	{161, "chroot"}, {165, "mount"}, {231, "exit"}, {272, "unshare"},
}

var x86Calls = []numbered{
	{1, "exit"}, {2, "fork"}, {3, "read"}, {4, "write"}, {5, "open"},
	{6, "close"}, {7, "wait4"}, {10, "unlink"}, {11, "execve"},
	{12, "chdir"}, {14, "mknod"}, {15, "chmod"}, {19, "lseek"},
	{21, "mount"}, {33, "access"}, {39, "mkdir"}, {41, "dup"}, {45, "brk"},
	{54, "ioctl"}, {60, "umask"}, {61, "chroot"}, {83, "symlink"},
	{94, "fchmod"}, {109, "olduname"}, {114, "wait4"}, {122, "uname"},
	{133, "fchdir"}, {183, "getcwd"}, {201, "geteuid"}, {202, "getegid"},
	{252, "exit"}, {310, "unshare"},
}

// armv7lCalls are the calls that M2libc contains, and ioctl and dup. Release 1.9.1
// has two wrong numbers there: symlink is 21, and mount is 31, which is not a system
// call.
var armv7lCalls = []numbered{
	{1, "exit"}, {2, "fork"}, {3, "read"}, {4, "write"}, {5, "open"},
	{6, "close"}, {10, "unlink"}, {11, "execve"}, {12, "chdir"},
	{14, "mknod"}, {15, "chmod"}, {19, "lseek"}, {21, "mount"},
	{33, "access"}, {39, "mkdir"}, {41, "dup"}, {45, "brk"}, {54, "ioctl"},
	{60, "umask"}, {61, "chroot"}, {83, "symlink"}, {94, "fchmod"},
	{114, "wait4"}, {122, "uname"}, {133, "fchdir"}, {183, "getcwd"},
	{201, "geteuid"}, {202, "getegid"}, {248, "exit"}, {337, "unshare"},
}

// knightCalls are the HALCODEs of POSIX mode, which have amd64's numbers: those in
// vm_decode.c of stage0, and those that only M2libc's knight_defs.M1 has.
var knightCalls = []numbered{
	{0x00, "read"}, {0x01, "write"}, {0x02, "open"}, {0x03, "close"},
	{0x08, "lseek"}, {0x15, "access"}, {0x3C, "exit"}, {0x3F, "imageuname"},
	{0x4F, "getcwd"}, {0x50, "chdir"}, {0x51, "fchdir"}, {0x5A, "chmod"},

	{0x39, "fork"}, {0x3B, "execve"}, {0x3D, "wait4"}, {0x53, "mkdir"},
	{0x57, "unlink"}, {0x5B, "fchmod"}, {0x5F, "umask"}, {0x85, "mknod"},
}
