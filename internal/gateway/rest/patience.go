package rest

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// How long requests wait that do not say, and at most. Protocol rules: messages are answered soon or not at all; who is asked
// whether somebody may claim a thing may be a human being.
const (
	usualMessage = 10 * time.Second
	usualClaim   = time.Minute
	longest      = time.Minute
	longestClaim = 10 * time.Minute
)

// longest is how long the request may wait at most.
func (q *request) longest() time.Duration {
	if q.claims() {
		return longestClaim
	}
	return longest
}

// patience is how long commands of the request may wait if that is longer than is configured for all.
func (q *request) patience() time.Duration {
	if q.claims() {
		return longestClaim
	}
	return 0
}

// claims reports whether the request is one to claim a thing.
func (q *request) claims() bool {
	s := q.segments
	return len(s) == 4 && s[0] == "things" && s[2] == "inbox" && s[3] == claim
}

// readTimeout reads how long the request wants to wait.
//
// Errors: gateway:timeout.invalid.
func (q *request) readTimeout() *protocol.Error {
	timeout, given, err := q.headers.Timeout()
	if err != nil || given && timeout > q.longest() {
		text, _ := q.headers.String(protocol.HeaderTimeout)
		return protocol.ErrRequestTimeoutInvalid(text, q.longest())
	}
	if given {
		own := timeout // so that requests that say nothing need no memory for it
		q.timeout = &own
	}
	return nil
}

// ofTimeout returns the error of a header as that of a request. Protocol rule: HTTP has one of its own for a timeout that is none.
func (q *request) ofTimeout(err *protocol.Error) *protocol.Error {
	if err.Code != protocol.ErrTimeoutInvalid("").Code {
		return err
	}
	text := q.http.Header.Get("timeout")
	if text == "" {
		text = q.query.Get("timeout")
	}
	return protocol.ErrRequestTimeoutInvalid(text, longest)
}

// defaultTimeout says how long to wait in an envelope that does not.
func (q *request) defaultTimeout(env *protocol.Envelope, timeout time.Duration) {
	if q.timeout != nil {
		return
	}
	env.Headers.SetString(protocol.HeaderTimeout, strconv.Itoa(int(timeout/time.Second))+"s")
}
