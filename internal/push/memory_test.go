package push_test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/push"
)

// podsProcess makes the test binary serve pods on standard input's terms: see
// TestPodsProcess.
const podsProcess = "TWINWAY_TEST_PODS"

// BenchmarkMemory is what the operator's side of 1,000 pods takes when all of
// them are polled. The pods are another process, so that theirs does not count.
func BenchmarkMemory(b *testing.B) {
	const pods = 1000
	authority := newAuthority(b)
	address := startPods(b, authority)
	before := memory()
	f := &fleet{t: b, authority: authority, Fleet: push.New(push.Options{Credentials: credentials(b, authority)})}
	run(b, f.Fleet)
	desired := desire(strings.Repeat("x", 16<<10))
	for i := range pods {
		desired.Pods = append(desired.Pods, push.Pod{UID: fmt.Sprint(i), Name: fmt.Sprint("gw-", i), Address: address})
	}
	for b.Loop() {
		f.Set(plant, desired)
		f.acked(plant, desired)
	}
	b.ReportMetric(float64(memory()-before)/pods/1024, "KiB/pod")
	b.ReportMetric(float64(runtime.NumGoroutine()), "goroutines")
}

// memory returns what is in use after garbage is collected and stacks have
// shrunk.
func memory() uint64 {
	for range 4 {
		debug.FreeOSMemory()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}

// startPods starts the process of the pods and returns their common address.
func startPods(b *testing.B, a *pki.Authority) string {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestPodsProcess$")
	cmd.Env = append(os.Environ(), podsProcess+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close() // Which ends it.
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	// The pods are of the same authority.
	for _, name := range []string{"current.crt", "current.key"} {
		block, _ := pem.Decode(a.Encode()[name])
		if err := pem.Encode(in, block); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Fprintln(in, "end")
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := net.SplitHostPort(strings.TrimSpace(line)); err != nil {
		b.Fatal(line)
	}
	return strings.TrimSpace(line)
}

// TestPodsProcess is no test: it is the process of startPods, which gets an
// authority, says where it listens, and ends with its input.
func TestPodsProcess(t *testing.T) {
	if os.Getenv(podsProcess) == "" {
		t.Skip("only for BenchmarkMemory")
	}
	in := bufio.NewReader(os.Stdin)
	var text strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "end\n" {
			break
		}
		text.WriteString(line)
	}
	certificate, key, _ := strings.Cut(text.String(), "-----BEGIN PRIVATE")
	authority, err := pki.ParseAuthority(map[string][]byte{
		"current.crt": []byte(certificate), "current.key": []byte("-----BEGIN PRIVATE" + key),
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(newPod(t, authority, plant).address)
	_, _ = io.Copy(io.Discard, in)
}
