package packaging

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// patience is how long anything may take before the test gives up.
const patience = 30 * time.Second

// scrape runs a gateway, gives it something to count and returns its metrics
// with their labels. It does so once for all tests.
func scrape(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := scraped()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]map[string]bool{}
	sample := regexp.MustCompile(`^([a-z_]+)(?:\{(.*)\})? `)
	label := regexp.MustCompile(`(?:^|,)([a-z_]+)="`)
	for line := range strings.Lines(text) {
		match := sample.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		if known[match[1]] == nil {
			known[match[1]] = map[string]bool{}
		}
		for _, name := range label.FindAllStringSubmatch(match[2], -1) {
			known[match[1]][name[1]] = true
		}
	}
	return known
}

var scraped = sync.OnceValues(func() (text string, err error) {
	dir, err := os.MkdirTemp("", "twinway-packaging-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	defer cancel()
	binary := filepath.Join(dir, "twinway")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/twinway")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the gateway: %w: %s", err, out)
	}
	gateway := exec.CommandContext(ctx, binary, "gateway", "--config", "config/samples/mqtt", "--data", filepath.Join(dir, "data"),
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	gateway.Dir = root
	gateway.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log, err := gateway.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := gateway.Start(); err != nil {
		return "", err
	}
	defer func() {
		_ = gateway.Process.Kill()
		_ = gateway.Wait()
	}()
	clients, admin, err := addresses(log)
	if err != nil {
		return "", err
	}
	go func() { _, _ = io.Copy(io.Discard, log) }() // until the process ends
	if err := traffic(ctx, clients); err != nil {
		return "", fmt.Errorf("traffic: %w", err)
	}
	return counted(ctx, admin)
})

// addresses returns where the gateway listens, as its log says.
func addresses(log io.Reader) (clients, admin string, err error) {
	address := regexp.MustCompile(`address=(\S+)`)
	lines := bufio.NewScanner(log)
	var seen strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&seen, lines.Text())
		match := address.FindStringSubmatch(lines.Text())
		switch {
		case match == nil:
		case strings.Contains(lines.Text(), "admin listening"):
			admin = match[1]
		case strings.Contains(lines.Text(), "listening"):
			return match[1], admin, nil
		}
	}
	return "", "", fmt.Errorf("the gateway does not listen: %s", &seen)
}

// traffic has a handshake refused, and a session opened, used and closed.
func traffic(ctx context.Context, clients string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	url := "ws://" + clients + "/ws/2"
	if refused, _, err := websocket.Dial(ctx, url, nil); err == nil {
		_ = refused.CloseNow()
		return fmt.Errorf("a handshake without credentials was accepted")
	}
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ditto:ditto"))}}
	session, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		return err
	}
	defer func() { _ = session.CloseNow() }()
	command := `{"topic":"org.example/lamp/things/twin/commands/create","headers":{"correlation-id":"1"},"path":"/","value":{}}`
	if err := session.Write(ctx, websocket.MessageText, []byte(command)); err != nil {
		return err
	}
	if _, _, err := session.Read(ctx); err != nil {
		return err
	}
	return session.Close(websocket.StatusNormalClosure, "")
}

// counted returns the metrics as soon as the end of the session is among them.
func counted(ctx context.Context, admin string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		text, err := get(ctx, "http://"+admin+"/metrics")
		if err != nil || strings.Contains(text, "twinway_sessions_closed_total{") {
			return text, err
		}
	}
}

func get(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}
