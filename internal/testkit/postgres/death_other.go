//go:build !linux

package postgres

import "syscall"

// DiesWithParent does nothing here: only Linux tells a child of its parent's death.
func DiesWithParent(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{}
}
