package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the HTTP servers. A handshake is a few hundred bytes.
const (
	// readHeaderTimeout covers the TLS handshake as well.
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 32 << 10
	// lastRequests is how long requests under way may take to end.
	lastRequests = time.Second
)

// serving is how an HTTP server serves, where that is not the same for all.
type serving struct {
	tls            *tls.Config                     // nil: without
	admit          func(net.Listener) net.Listener // whom it lets in; nil: everybody
	writeTimeout   time.Duration                   // from a request's header to the end of its answer; 0: not bounded here
	maxHeaderBytes int                             // 0: maxHeaderBytes
}

// server is an HTTP server on its listener.
type server struct {
	http     *http.Server
	listener net.Listener
	done     chan struct{}
}

// serve listens and serves until close. If it ends otherwise, failed is told.
func serve(address string, handler http.Handler, how serving, log *slog.Logger, failed func(error)) (*server, error) {
	listener, err := how.listen(address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &server{
		http: &http.Server{
			Handler: handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, WriteTimeout: how.writeTimeout,
			MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		},
		listener: listener,
		done:     make(chan struct{}),
	}
	if how.maxHeaderBytes > 0 {
		s.http.MaxHeaderBytes = how.maxHeaderBytes
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve %s: %w", address, err))
		}
	}()
	return s, nil
}

func (how serving) listen(address string) (net.Listener, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, err
	}
	if how.admit != nil {
		listener = how.admit(listener)
	}
	if how.tls != nil {
		listener = tls.NewListener(listener, how.tls)
	}
	return listener, nil
}

func (s *server) address() string { return s.listener.Addr().String() }

// close stops listening and ends the requests under way, after a moment to end
// on their own, since they use what is closed next. WebSocket sessions are no
// longer the server's.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), lastRequests)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	<-s.done
	if err != nil {
		return fmt.Errorf("close listener: %w", err)
	}
	return nil
}
