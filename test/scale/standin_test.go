package scale

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/management"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// standin plays one pod: its management port, which takes over whatever is
// pushed to it.
type standin struct {
	port   *management.Port
	server *http.Server

	mu     sync.Mutex
	status wire.Status
	// asked is called when somebody who knows nothing of the pod was answered, and
	// applied when it was answered that a snapshot was taken over.
	asked, applied func(at time.Time)
}

// tell says who is called from now on; nil: nobody.
func (s *standin) tell(asked, applied func(at time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.applied = asked, applied
}

// listen opens the management port of a pod that has booted from a snapshot. The
// certificates are those mounted at a directory.
func listen(address, certificates string, booted *snapshot.Snapshot) (*standin, error) {
	s := &standin{}
	s.take(booted)
	quiet := slog.New(slog.DiscardHandler)
	s.port = management.NewPort(management.Options{Gateway: s, Pushed: func(management.PushResult) {}, Logger: quiet})
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	listener = tls.NewListener(listener, management.NewCertificates(certificates, quiet).Config())
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)}
	go func() { // until close
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			panic(fmt.Sprintf("serve %s: %v", address, err))
		}
	}()
	return s, nil
}

func (s *standin) close() {
	s.port.End()
	_ = s.server.Close()
}

// ServeHTTP notes when the port has answered.
func (s *standin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	before := s.Report().Hash
	s.port.ServeHTTP(w, r)
	at := time.Now()
	s.mu.Lock()
	asked, applied, after := s.asked, s.applied, s.status.Hash
	s.mu.Unlock()
	switch {
	case r.Method == http.MethodPut && after != before && applied != nil:
		applied(at)
	case r.Method == http.MethodGet && r.URL.RawQuery == "" && asked != nil:
		asked(at)
	}
}

// Report implements management.Gateway.
func (s *standin) Report() wire.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Apply implements management.Gateway.
func (s *standin) Apply(next *snapshot.Snapshot) (wire.RefusalCode, error) {
	s.take(next)
	return "", nil
}

// TakeOut implements management.Gateway. Nobody asks for it here.
func (s *standin) TakeOut() {}

// Resume implements management.Gateway. Nobody asks for it here.
func (s *standin) Resume() {}

// take makes the status what a pod says that has a snapshot in force. It says of
// links what the data plane says.
func (s *standin) take(next *snapshot.Snapshot) {
	status := wire.Status{Gateway: next.Gateway, Hash: next.Hash(), Ready: true}
	for i := range next.Connections {
		status.Connections = append(status.Connections, wire.LinkStatus{
			Name: next.Connections[i].Name, State: wire.LinkConnecting, Message: "connecting",
		})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}
