//go:build unix

package wire

import "syscall"

// readsNow tells that readNow is there.
const readsNow = true

// readNow reads from a socket that does not block. Nothing without an error is
// the end; later tells that nothing has arrived yet.
func readNow(fd uintptr, p []byte) (n int, later bool, err error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if err != syscall.EINTR {
			return n, err == syscall.EAGAIN, err
		}
	}
}
