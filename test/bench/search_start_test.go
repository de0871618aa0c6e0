package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart measures a gateway in a process of its own with -bench.things things: the start until it is ready, after a clean
// end and after SIGKILL under load; the memory it has then, with a tenth of the things read and searched for; and what it has on
// disk. Once is enough: -benchtime 1x.
func BenchmarkStart(b *testing.B) {
	for _, n := range numbers(b) {
		b.Run(fmt.Sprintf("things=%d", n), func(b *testing.B) {
			binary, data := build(b), b.TempDir()
			if err := os.CopyFS(data, os.DirFS(filled(b, n))); err != nil {
				b.Fatal(err)
			}
			run(b, binary, data).end(b, syscall.SIGTERM) // the index may have to be made anew
			for b.Loop() {
				p := run(b, binary, data)
				b.ReportMetric(p.ready.Seconds(), "ready-s")
				b.ReportMetric(float64(p.memory())/1e6, "idle-MB")
				p.warm(b, n)
				b.ReportMetric(float64(p.memory())/1e6, "warm-MB")
				p.killUnderLoad(b, n)
				p = run(b, binary, data)
				b.ReportMetric(p.ready.Seconds(), "ready-after-kill-s")
				p.end(b, syscall.SIGTERM)
			}
			b.ReportMetric(float64(size(b, data))/float64(n), "disk-B/thing")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func build(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "twinway")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/twinway").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// size returns what a directory has, in bytes.
func size(b *testing.B, dir string) (all int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			all += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// process is a gateway in a process of its own.
type process struct {
	command *exec.Cmd
	address string
	ready   time.Duration // from the start until it said so
}

// run starts a gateway on a data directory and waits until it is ready.
func run(b *testing.B, binary, data string) *process {
	b.Helper()
	began := time.Now()
	c := exec.Command(binary, "gateway", "--config", "../../config/samples", "--data", data,
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json")
	log, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	p := &process{command: c}
	b.Cleanup(func() { _ = c.Process.Kill() })
	lines, admin := bufio.NewScanner(log), ""
	for p.address == "" && lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Msg {
		case "admin listening":
			admin = line.Address
		case "listening":
			p.address = line.Address
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	for !isReady(admin) {
		if time.Since(began) > 5*time.Minute {
			b.Fatal("the gateway does not get ready")
		}
		time.Sleep(time.Millisecond)
	}
	p.ready = time.Since(began)
	return p
}

func isReady(admin string) bool {
	response, err := http.Get("http://" + admin + "/readyz")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// end ends the process with a signal.
func (p *process) end(b *testing.B, with os.Signal) {
	b.Helper()
	if err := p.command.Process.Signal(with); err != nil {
		b.Fatal(err)
	}
	_ = p.command.Wait()
}

// memory returns what the process has in memory, in bytes.
func (p *process) memory() int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
	fields := bytes.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.Atoi(string(fields[0]))
	return kilobytes << 10
}

// warm reads a tenth of the things, and searches in every way.
func (p *process) warm(b *testing.B, n int) {
	b.Helper()
	c := dial(b, p.address)
	defer c.Close()
	go func() {
		for i := range n / 10 {
			if c.send(fmt.Sprintf(retrieve, some(i, n), i)) != nil {
				return
			}
		}
	}()
	for range n / 10 {
		if reply, err := c.next(); err != nil || !bytes.Contains(reply, []byte(`"status":200`)) {
			b.Fatalf("retrieve: %s %v", reply, err)
		}
	}
	s := &searcher{client: c, flying: map[string]*pending{}}
	for _, scenario := range scenarios {
		for i := range 10 {
			if err := s.begin(scenario.of(n, i)); err != nil {
				b.Fatal(err)
			}
			for len(s.flying) > 0 {
				if _, err := s.read(); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// killUnderLoad kills the process while things change.
func (p *process) killUnderLoad(b *testing.B, n int) {
	b.Helper()
	var wg sync.WaitGroup
	for session := range 8 {
		c := dial(b, p.address)
		wg.Go(func() {
			go func() {
				for i := 0; c.send(fmt.Sprintf(modify, some(i*8+session, n), i, i+1)) == nil; i++ {
				}
			}()
			for {
				if _, err := c.next(); err != nil {
					return
				}
			}
		})
	}
	time.Sleep(3 * time.Second)
	p.end(b, syscall.SIGKILL)
	wg.Wait()
}
