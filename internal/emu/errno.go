package emu

import (
	"errors"
	"fmt"
	"io/fs"
)

// An errno is an error number as a program sees it. The numbers are the same on all
// architectures here.
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

// number returns the error number that a program sees for err, or err itself if it
// ends the run.
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

// errorNames are Linux's names of error numbers.
var errorNames = map[errno]string{
	ePERM: "EPERM", eNOENT: "ENOENT", e2BIG: "E2BIG", eNOEXEC: "ENOEXEC",
	eBADF: "EBADF", eCHILD: "ECHILD", eACCES: "EACCES", eFAULT: "EFAULT",
	eEXIST: "EEXIST", eNOTDIR: "ENOTDIR", eISDIR: "EISDIR", eINVAL: "EINVAL",
	eMFILE: "EMFILE", eNOTTY: "ENOTTY", eTXTBSY: "ETXTBSY", eSPIPE: "ESPIPE", eRANGE: "ERANGE",
	eNAMETOOLONG: "ENAMETOOLONG", eNOSYS: "ENOSYS",
}

// ErrorName returns the name of the error in the result of a system call, or "" if
// the result is not an error known here.
func ErrorName(result int64) string { return errorNames[errno(-result)] }
