package process

import "syscall"

// attributes make the kernel kill the program when the thread that started it
// ends; the threads of a Go program end with it, as long as no goroutine ends
// while it is locked to one.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
