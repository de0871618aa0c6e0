package crash

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// startTimeout bounds how long a gateway may take to listen, recovery of its
// store included. It is a guard against hanging, not a measurement.
const startTimeout = time.Minute

// build compiles the binary once for a test.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "twinway")
	out, err := exec.Command("go", "build", "-o", binary, "../../cmd/twinway").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// process is a running gateway.
type process struct {
	t       *testing.T
	command *exec.Cmd
	address string
	log     *tail
}

// start runs a gateway on the data directory and waits until it listens.
func start(t *testing.T, binary, data string) *process {
	t.Helper()
	c := exec.Command(binary, "gateway", "--config", "../../config/samples", "--data", data,
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json")
	out, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, command: c, log: &tail{}}
	listening := make(chan string, 1)
	go p.follow(out, listening)
	select {
	case p.address = <-listening:
	case <-time.After(startTimeout):
	}
	if p.address == "" {
		p.kill()
		t.Fatalf("the gateway does not listen; its log ends:\n%s", p.log)
	}
	return p
}

// follow reads the log to its end, and the address out of it.
func (p *process) follow(log io.Reader, listening chan<- string) {
	defer close(listening)
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		p.log.add(lines.Text())
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			listening <- line.Address
		}
	}
}

// kill ends the process without any notice.
func (p *process) kill() {
	_ = p.command.Process.Signal(syscall.SIGKILL)
	_ = p.command.Wait()
}

// terminate asks the process to end and reports how it did.
func (p *process) terminate() error {
	if err := p.command.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return p.command.Wait()
}
