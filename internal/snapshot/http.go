package snapshot

import (
	"fmt"
	"slices"
	"time"
)

// HTTP is how the HTTP API is served.
type HTTP struct {
	// CORS says which pages of other origins may use it; nil: none.
	CORS *CORS `json:"cors,omitempty"`
}

// CORS says which pages of other origins may use the HTTP API from a browser.
type CORS struct {
	// AllowedOrigins are those of the pages, sorted and at least one; AnyOrigin
	// stands for all.
	AllowedOrigins []string `json:"allowedOrigins"`
	// Credentials says whether browsers may send those that they keep. It is
	// Disabled for AnyOrigin.
	Credentials Toggle `json:"credentials"`
	// MaxAge is for how long browsers may remember what they may send; it may be
	// zero. Encoded in nanoseconds.
	MaxAge time.Duration `json:"maxAge"`
}

// AnyOrigin stands for all origins.
const AnyOrigin = "*"

// MaxOrigins is how many origins may be named.
const MaxOrigins = 64

func (s *Snapshot) httpProblem() string {
	const path = "http.cors"
	c := s.HTTP.CORS
	if c == nil {
		return ""
	}
	if n := len(c.AllowedOrigins); n < 1 || n > MaxOrigins {
		return fmt.Sprintf("%s.allowedOrigins must be 1 to %d, and are %d", path, MaxOrigins, n)
	}
	if c.Credentials == Enabled && slices.Contains(c.AllowedOrigins, AnyOrigin) {
		return path + ".credentials are not for all origins"
	}
	return first(
		unknown(path+".credentials", c.Credentials, Enabled, Disabled),
		outOfBounds(within(path+".maxAge", c.MaxAge, 0, 24*time.Hour)),
	)
}
