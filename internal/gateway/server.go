package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of the HTTP servers. A handshake is a few hundred bytes.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 32 << 10
	// lastRequests is how long requests under way may take to end.
	lastRequests = time.Second
)

// server is an HTTP server on its listener.
type server struct {
	http     *http.Server
	listener net.Listener
	done     chan struct{}
}

// serve listens and serves until close. If it ends otherwise, failed is told.
func serve(address string, handler http.Handler, log *slog.Logger, failed func(error)) (*server, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s := &server{
		http: &http.Server{
			Handler: handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
			MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		},
		listener: listener,
		done:     make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed(fmt.Errorf("serve %s: %w", address, err))
		}
	}()
	return s, nil
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
