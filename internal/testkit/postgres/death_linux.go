package postgres

import "syscall"

// DiesWithParent makes the kernel send s to the child when its parent dies.
func DiesWithParent(s syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: s}
}
