package management

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// MaxWait is the longest that a request waits for a change.
const MaxWait = time.Minute

// getStatus answers with the Status, at once or when there is another one than
// the caller has.
func (p *Port) getStatus(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	after, wait := query.Get(management.ParameterAfter), query.Get(management.ParameterWait)
	if after == "" || wait == "" {
		respond(w, http.StatusOK, p.Status())
		return
	}
	patience, err := time.ParseDuration(wait)
	if err != nil {
		http.Error(w, fmt.Sprintf("%s is not a duration", management.ParameterWait), http.StatusBadRequest)
		return
	}
	select {
	case p.waiters <- struct{}{}:
		defer func() { <-p.waiters }()
	default:
		busy(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), min(patience, MaxWait))
	defer cancel()
	respond(w, http.StatusOK, p.board.await(ctx, p.ended, after))
}

// respond answers with a Status.
func respond(w http.ResponseWriter, code int, status management.Status) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(status) // the caller may be gone
}

// busy answers a request that finds no place.
func busy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many requests at once", http.StatusServiceUnavailable)
}
