package gateway

import (
	"net/http"
	"strings"
	"time"
)

// front gives requests of clients to who serves them.
type front struct {
	sessions *http.ServeMux
	rest     http.Handler
}

func newFront(sessions, rest http.Handler) *front {
	f := &front{sessions: http.NewServeMux(), rest: rest}
	f.sessions.Handle("/ws/{version}", sessions)
	return f
}

// lastAnswer is how long who is refused a session may take to read why.
const lastAnswer = 10 * time.Second

// ServeHTTP implements http.Handler. Paths of the API get there as they are: a mux would clean them, and send clients elsewhere
// that mean an empty name, or one with slashes or dots.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/ws/") {
		f.rest.ServeHTTP(w, r)
		return
	}
	// An answer on this connection before may have had a time of its own. It ends when the connection becomes a session's.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(lastAnswer))
	f.sessions.ServeHTTP(w, r)
}
