package push_test

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

// pod is a pod's management port, as a gateway serves it, with what a test wants
// to go wrong.
type pod struct {
	t       testing.TB
	gateway snapshot.Identity
	address string
	config  *tls.Config

	mu       sync.Mutex
	server   *http.Server // nil while it is down
	listener *listener
	boots    int
	status   management.Status
	news     chan struct{} // closed when status changes
	requests map[string]int
	client   []byte // the certificate that was shown last
	mounted  string // the hash that it boots with
	// What goes wrong; nil: nothing.
	refuse   func(hash string) management.RefusalCode
	override http.HandlerFunc
	before   func() // what it does before it takes a snapshot
	ending   bool   // stays out of service whatever it is told
}

// newPod starts a pod of a Gateway.
func newPod(t testing.TB, a *pki.Authority, id snapshot.Identity) *pod {
	t.Helper()
	p := stoppedPod(t, a, id)
	p.start()
	return p
}

// stoppedPod returns one that is not up yet.
func stoppedPod(t testing.TB, a *pki.Authority, id snapshot.Identity) *pod {
	t.Helper()
	reserved, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer reserved.Close()
	p := &pod{
		t: t, gateway: id, address: reserved.Addr().String(), config: serverConfig(t, a, id),
		requests: map[string]int{}, news: make(chan struct{}),
	}
	t.Cleanup(p.stop)
	return p
}

func serverConfig(t testing.TB, a *pki.Authority, id snapshot.Identity) *tls.Config {
	t.Helper()
	cert, key, err := a.IssueServer(id, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair},
		ClientCAs: a.Roots(), ClientAuth: tls.RequireAndVerifyClientCert,
	}
}

// start boots the pod: a new process, with what is mounted.
func (p *pod) start() {
	p.t.Helper()
	socket, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.boots++
	p.status = management.Status{Gateway: p.gateway, Boot: fmt.Sprintf("boot %d", p.boots), Version: 1, Ready: true, Hash: p.mounted}
	p.tell()
	p.listener = &listener{Listener: socket}
	p.server = &http.Server{Handler: p, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	server, encrypted := p.server, tls.NewListener(p.listener, p.config)
	go func() { _ = server.Serve(encrypted) }()
}

// stop is what kill -9 does.
func (p *pod) stop() {
	p.mu.Lock()
	server := p.server
	p.server = nil
	p.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
}

// change changes what the pod says of itself, as if it had come about by itself.
func (p *pod) change(f func(*management.Status)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.status)
	p.status.Version++
	p.tell()
}

// tell wakes up who waits. The lock is held.
func (p *pod) tell() {
	close(p.news)
	p.news = make(chan struct{})
}

func (p *pod) hash() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status.Hash
}

// count returns how many requests of a kind there were, such as "PUT /v1/drain".
func (p *pod) count(request string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.requests[request]
}

// fault sets what goes wrong.
func (p *pod) fault(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// ServeHTTP serves the management port.
func (p *pod) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests[r.Method+" "+r.URL.Path]++
	if shown := r.TLS.PeerCertificates; len(shown) > 0 {
		p.client = shown[0].Raw
	}
	override := p.override
	p.mu.Unlock()
	if override != nil {
		override(w, r)
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET " + management.PathStatus:
		p.wait(r)
		p.answer(w, http.StatusOK)
	case "PUT " + management.PathSnapshot:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if p.before != nil {
			p.before()
		}
		p.answer(w, p.take(body))
	case "PUT " + management.PathDrain:
		p.drain(true)
		p.answer(w, http.StatusOK)
	case "DELETE " + management.PathDrain:
		p.drain(false)
		p.answer(w, http.StatusOK)
	default:
		http.NotFound(w, r)
	}
}

// wait waits until there is something new for r, or its time is over.
func (p *pod) wait(r *http.Request) {
	duration, err := time.ParseDuration(r.URL.Query().Get(management.ParameterWait))
	if err != nil {
		return
	}
	p.mu.Lock()
	news, now := p.news, fmt.Sprintf("%s/%d", p.status.Boot, p.status.Version)
	p.mu.Unlock()
	if r.URL.Query().Get(management.ParameterAfter) != now {
		return
	}
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-news:
	case <-timer.C:
	case <-r.Context().Done():
	}
}

func (p *pod) take(body []byte) (code int) {
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	p.mu.Lock()
	defer p.mu.Unlock()
	if hash == p.status.Hash {
		return http.StatusOK
	}
	defer p.tell()
	p.status.Version++
	if p.refuse != nil {
		if why := p.refuse(hash); why != "" {
			p.status.Refused = &management.Refusal{Hash: hash, Code: why, Message: "no"}
			return http.StatusConflict
		}
	}
	p.status.Hash, p.status.Refused = hash, nil
	return http.StatusOK
}

func (p *pod) drain(out bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if out = out || p.ending; out == p.status.Draining {
		return
	}
	p.status.Draining, p.status.Ready = out, !out
	p.status.Version++
	p.tell()
}

func (p *pod) answer(w http.ResponseWriter, code int) {
	p.mu.Lock()
	body, err := json.Marshal(p.status)
	p.mu.Unlock()
	if err != nil {
		p.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// target returns the pod as the fleet knows it.
func (p *pod) target(name string) push.Pod {
	return push.Pod{UID: "uid of " + name, Name: name, Address: p.address}
}

// listener counts connections.
type listener struct {
	net.Listener
	mu          sync.Mutex
	made, ended int
}

func (l *listener) Accept() (net.Conn, error) {
	socket, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	return &counted{Conn: socket, listener: l}, nil
}

type counted struct {
	net.Conn
	listener *listener
	once     sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() {
		c.listener.mu.Lock()
		defer c.listener.mu.Unlock()
		c.listener.ended++
	})
	return c.Conn.Close()
}

func (p *pod) connections() (made, open int) {
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.made, l.made - l.ended
}
