package postgres

import "syscall"

// DiesWithParent makes the kernel send s to a child whose parent has died.
func DiesWithParent(s syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: s}
}
