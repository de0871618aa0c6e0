package management

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	// bodyTimeout is how long a snapshot may take to arrive.
	bodyTimeout = 10 * time.Second
	// turnTimeout is how long a push waits for the one before it.
	turnTimeout = 10 * time.Second
	// maxMessage bounds why a snapshot was refused, in bytes.
	maxMessage = 1024
)

// putSnapshot takes a snapshot over, one at a time: what is in memory for it is
// bounded by that.
func (p *Port) putSnapshot(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > snapshot.MaxEncodedSize {
		tooLarge(w)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), turnTimeout)
	defer cancel()
	select {
	case p.pushing <- struct{}{}:
		defer func() { <-p.pushing }()
	case <-p.ended:
		busy(w)
		return
	case <-ctx.Done():
		busy(w)
		return
	}
	data, err := body(w, r)
	switch {
	case err == nil:
		code, status := p.push(data)
		respond(w, code, status)
	case errors.As(err, new(*http.MaxBytesError)):
		tooLarge(w)
	default:
		http.Error(w, "the snapshot did not arrive", http.StatusBadRequest)
	}
}

func tooLarge(w http.ResponseWriter) {
	http.Error(w, snapshot.ErrTooLarge.Error(), http.StatusRequestEntityTooLarge)
}

// body reads the request's body, as much of it as a snapshot may have.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout)) // where there is none, nothing needs it
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, snapshot.MaxEncodedSize))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	_ = control.SetReadDeadline(time.Time{})
	return data, nil
}

// push takes over what was sent, unless it is in force, and returns the status
// of the answer.
func (p *Port) push(data []byte) (int, management.Status) {
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	now := p.options.Gateway.Report()
	if hash == now.Hash {
		p.options.Pushed(PushUnchanged)
		return http.StatusOK, p.board.refuse(nil)
	}
	code, err := p.take(data, now.Gateway)
	if err != nil {
		p.options.Pushed(PushRefused)
		p.options.Logger.Error("a snapshot was refused; the running configuration stays in force",
			"hash", hash, "code", code, "error", err)
		refusal := &management.Refusal{Hash: hash, Code: code, Message: bounded(err.Error())}
		return statusOf(code), p.board.refuse(refusal)
	}
	p.options.Pushed(PushApplied)
	return http.StatusOK, p.board.refuse(nil)
}

// take decodes a snapshot and applies it, if it is the Gateway's.
func (p *Port) take(data []byte, self snapshot.Identity) (management.RefusalCode, error) {
	next, err := snapshot.Decode(data)
	switch {
	case errors.Is(err, snapshot.ErrUnusable):
		return management.RefusedUnusable, err
	case err != nil:
		return management.RefusedUnreadable, err
	case next.Gateway != self:
		return management.RefusedForeign, fmt.Errorf("it is the snapshot of Gateway %s, and this is Gateway %s", next.Gateway, self)
	}
	return p.options.Gateway.Apply(next)
}

// statusOf returns the HTTP status that goes with the reason of a refusal.
func statusOf(code management.RefusalCode) int {
	switch code {
	case management.RefusedForeign, management.RefusedRestart:
		return http.StatusConflict
	case management.RefusedUnusable:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusBadRequest
	}
}

// bounded returns a message of bounded size.
func bounded(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	return strings.ToValidUTF8(message[:maxMessage], "") + "…"
}
