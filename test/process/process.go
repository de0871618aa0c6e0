package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Command says what to run.
type Command struct {
	// Path is the program's file.
	Path string
	// Args are its arguments, without the program itself.
	Args []string
	// Env is its whole environment; nil means that of the test binary.
	Env []string
	// Dir is its working directory; empty means that of the test binary.
	Dir string
	// Output takes what it prints, standard output and error alike.
	Output io.Writer
}

// Process is a program that was started. Its methods are safe for concurrent
// use.
type Process struct {
	name    string
	command *exec.Cmd
	done    chan struct{}
	err     error // valid when done is closed
}

// Start runs a program.
func Start(c Command) (*Process, error) {
	command := exec.Command(c.Path, c.Args...)
	command.Env, command.Dir = c.Env, c.Dir
	command.Stdout, command.Stderr = c.Output, c.Output
	command.SysProcAttr = attributes()
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &Process{name: filepath.Base(c.Path), command: command, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

// wait ends with the program.
func (p *Process) wait() {
	p.err = p.command.Wait()
	close(p.done)
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// PID returns the program's process id.
func (p *Process) PID() int { return p.command.Process.Pid }

// State returns how the program ended, or nil as long as it runs.
func (p *Process) State() *os.ProcessState {
	select {
	case <-p.done:
		return p.command.ProcessState
	default:
		return nil
	}
}

// Signal sends a signal to the program. One that has ended is no error.
func (p *Process) Signal(s syscall.Signal) error {
	if err := p.command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// Stop asks the program to end, kills it if it has not ended after grace, and
// waits for its end.
func (p *Process) Stop(grace time.Duration) {
	_ = p.Signal(syscall.SIGTERM)
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.Kill()
	}
}

// Kill ends the program without notice and waits for its end. A frozen program
// ends as well.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL)
	<-p.done
}
