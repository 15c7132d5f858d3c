//go:build !linux

package postgres

import "syscall"

// DiesWithParent has no effect, because only Linux can signal a child when its parent
// dies.
func DiesWithParent(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{}
}
