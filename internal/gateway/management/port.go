package management

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"sync"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// Gateway is what the port is about. Its methods may be called by several
// goroutines at once, and Report under a lock of the port: it must not call the
// port.
type Gateway interface {
	// Report returns what the gateway is now. Boot, Version and Refused are the
	// port's, and left empty. Texts in it may change only when something else
	// does that is worth telling.
	Report() management.Status
	// Apply takes over a snapshot of this Gateway, or says why not: for programs,
	// and for people in words that hold no secret.
	Apply(next *snapshot.Snapshot) (management.RefusalCode, error)
	// TakeOut begins to take the gateway out of service, unless it is already.
	TakeOut()
	// Resume puts it back, unless it is ending.
	Resume()
}

// PushResult says what became of a pushed snapshot.
type PushResult string

// What can become of a push.
const (
	PushApplied   PushResult = "applied"
	PushUnchanged PushResult = "unchanged" // it was in force already
	PushRefused   PushResult = "refused"
)

// Options of a Port. All must be set.
type Options struct {
	Gateway Gateway
	// Pushed counts a push.
	Pushed func(PushResult)
	Logger *slog.Logger
}

// Limits of what may go on at once.
const (
	// MaxWaiters bounds the requests that wait for a change.
	MaxWaiters = 16
	// MaxHeaderBytes bounds the headers of a request, in bytes.
	MaxHeaderBytes = 8 << 10
)

// Port is the HTTP handler of the management port. Its server must listen
// by way of Certificates.
type Port struct {
	options Options
	mux     *http.ServeMux
	board   *board
	pushing chan struct{} // holds one while a push is handled
	waiters chan struct{} // holds one for each request that waits

	end   sync.Once
	ended chan struct{}
}

// NewPort returns a port of a gateway that has just been started.
func NewPort(o Options) *Port {
	p := &Port{
		options: o, mux: http.NewServeMux(), board: newBoard(o.Gateway.Report, rand.Text()),
		pushing: make(chan struct{}, 1), waiters: make(chan struct{}, MaxWaiters), ended: make(chan struct{}),
	}
	p.mux.HandleFunc("PUT "+management.PathSnapshot, p.putSnapshot)
	p.mux.HandleFunc("GET "+management.PathStatus, p.getStatus)
	p.mux.HandleFunc("PUT "+management.PathDrain, p.putDrain)
	p.mux.HandleFunc("DELETE "+management.PathDrain, p.deleteDrain)
	return p
}

// ServeHTTP implements http.Handler.
func (p *Port) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// Status returns what the pod says of itself now.
func (p *Port) Status() management.Status {
	status, _ := p.board.look()
	return status
}

// Changed tells those who wait that the gateway may have changed.
func (p *Port) Changed() { p.board.look() }

// End lets nobody wait any more, so that the server can be closed.
func (p *Port) End() { p.end.Do(func() { close(p.ended) }) }
