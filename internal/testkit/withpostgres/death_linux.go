package main

import "syscall"

// diesWithParent makes the kernel send s to a child whose parent has died.
func diesWithParent(s syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: s}
}
