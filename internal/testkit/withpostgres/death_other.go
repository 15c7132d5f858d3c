//go:build !linux

package main

import "syscall"

// diesWithParent can promise nothing here: only Linux tells a child of its
// parent's death. The keeper's pipe works everywhere.
func diesWithParent(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{}
}
