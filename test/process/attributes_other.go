//go:build unix && !linux

package process

import "syscall"

// attributes cannot tie the program to the test binary here.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
