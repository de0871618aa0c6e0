package connections_test

import (
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/test/process"
)

// build builds the program for a test.
func build(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "twinway")
	if out, err := exec.Command("go", "build", "-o", path, "../../cmd/twinway").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// program is a gateway in a process of its own.
type program struct {
	*world
	path, config string
	running      *process.Process
	output       process.Tail
}

// startProgram runs a gateway as users do, until the test ends.
func startProgram(t *testing.T, path string, manifests ...string) *program {
	t.Helper()
	p := &program{world: &world{t: t, data: t.TempDir(), public: free(t), private: free(t)}, path: path, config: t.TempDir()}
	text := strings.Join(append([]string{base}, manifests...), "\n---\n")
	if err := os.WriteFile(filepath.Join(p.config, "all.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.running.Kill() })
	p.start()
	return p
}

func (p *program) start() {
	p.t.Helper()
	var err error
	p.running, err = process.Start(process.Command{Path: p.path, Output: &p.output, Args: []string{
		"gateway", "--config", p.config, "--data", p.data, "--listen", p.public, "--admin", p.private,
	}})
	if err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the gateway listens", func() bool {
		if p.running.State() != nil {
			p.t.Fatalf("the gateway has ended:\n%s", p.output.String())
		}
		conn, err := (&net.Dialer{}).Dial("tcp", p.private)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}

// A gateway that is killed in the middle of it loses nothing that a device was told is safe.
func TestNothingIsMissingWhenTheGatewayIsKilled(t *testing.T) {
	t.Parallel()
	path := build(t)
	for kind, kills := range map[string]int{"MQTT": 2, "Kafka": 1, "NATS": 1} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			c := newChain(t, kind)
			c.sink.before = func() { time.Sleep(5 * time.Millisecond) } // so that much is under way at any time
			p := startProgram(t, path, c.manifests()...)
			c.w = p.world
			c.w.awaitState("devices", management.LinkOpen)
			c.things()
			spoken := c.speak()
			const all = chainThings * chainChanges
			for i := range kills {
				at := all*i/kills + random.IntN(all/kills)
				eventually(t, "some changes were pushed", func() bool { return c.sink.known() >= at })
				p.running.Kill()
				p.start()
			}
			spoken()
			c.present()
			t.Logf("since the last start: %v", c.w.figures("devices", "in", "up"))
		})
	}
}
