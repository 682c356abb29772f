package emu

import (
	"errors"
	"fmt"
	"io/fs"
)

// An errno is an error as a program sees it. The numbers are the same on all
// of our architectures.
type errno int

const (
	eNOENT       errno = 2
	e2BIG        errno = 7
	eNOEXEC      errno = 8
	eBADF        errno = 9
	eCHILD       errno = 10
	eACCES       errno = 13
	eFAULT       errno = 14
	eEXIST       errno = 17
	eNOTDIR      errno = 20
	eISDIR       errno = 21
	eINVAL       errno = 22
	eMFILE       errno = 24
	eNOTTY       errno = 25
	eTXTBSY      errno = 26
	eSPIPE       errno = 29
	eRANGE       errno = 34
	ePERM        errno = 1
	eNAMETOOLONG errno = 36
	eNOSYS       errno = 38
)

func (e errno) Error() string {
	if name, ok := errorNames[e]; ok {
		return name
	}
	return fmt.Sprintf("errno %d", int(e))
}

// number returns what a program sees of err, or err itself if it ends the run.
func number(err error) (errno, error) {
	var e errno
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return 0, err
	case errors.As(err, &e):
		return e, nil
	case errors.Is(err, fs.ErrNotExist):
		return eNOENT, nil
	case errors.Is(err, fs.ErrExist):
		return eEXIST, nil
	case errors.Is(err, fs.ErrPermission):
		return eACCES, nil
	}
	return 0, err
}

// errorNames are Linux's names for them.
var errorNames = map[errno]string{
	ePERM: "EPERM", eNOENT: "ENOENT", e2BIG: "E2BIG", eNOEXEC: "ENOEXEC",
	eBADF: "EBADF", eCHILD: "ECHILD", eACCES: "EACCES", eFAULT: "EFAULT",
	eEXIST: "EEXIST", eNOTDIR: "ENOTDIR", eISDIR: "EISDIR", eINVAL: "EINVAL",
	eMFILE: "EMFILE", eNOTTY: "ENOTTY", eTXTBSY: "ETXTBSY", eSPIPE: "ESPIPE", eRANGE: "ERANGE",
	eNAMETOOLONG: "ENAMETOOLONG", eNOSYS: "ENOSYS",
}

// ErrorName returns the name of the error that the result of a system call
// stands for; it is empty if the result is none of ours.
func ErrorName(result int64) string { return errorNames[errno(-result)] }
