package entrance

import (
	"net/http"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Values of WWW-Authenticate (RFC 9110, section 11.6.1; RFC 7617; RFC 6750).
const (
	ChallengeBasic  = `Basic realm="twinway", charset="UTF-8"`
	ChallengeBearer = `Bearer realm="twinway"` //nolint:gosec // it asks for credentials
)

// Challenges are the values of WWW-Authenticate: what clients may authenticate with. Nil: HTTP Basic.
type Challenges func() []string

// Refuse answers a request with an error, in the form that HTTP clients of the protocol expect. It adds to the headers that there
// are.
func (c Challenges) Refuse(w http.ResponseWriter, err *protocol.Error) {
	h := w.Header()
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((err.RetryAfter+time.Second-1)/time.Second)))
	}
	if err.Status == http.StatusUnauthorized {
		c.challenge(h)
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(err.Status)
	_, _ = w.Write(err.Append(nil)) // the client may be gone
}

// challenge names the ways to authenticate. HTTP asks for it in each 401.
func (c Challenges) challenge(h http.Header) {
	challenges := []string{ChallengeBasic}
	if c != nil {
		challenges = c()
	}
	for _, challenge := range challenges {
		h.Add("WWW-Authenticate", challenge)
	}
}
