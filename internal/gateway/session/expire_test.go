package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
)

// A session ends with its token, neither before nor much later.
func TestExpire(t *testing.T) {
	at := time.Now().Add(24 * time.Hour)
	for name, test := range map[string]struct {
		expires, now time.Time
		ends         bool
	}{
		"never":                    {time.Time{}, at, false},
		"before":                   {at, at.Add(-1), false},
		"then":                     {at, at, true},
		"later":                    {at, at.Add(time.Second), true},
		"already at its beginning": {at.Add(-48 * time.Hour), time.Now(), true},
		"a lifetime of 100 days":   {at.Add(100 * 24 * time.Hour), at.Add(100 * 24 * time.Hour), true},
		"the end of all tokens":    {time.Unix(253402300799, 0), at, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, peer := peer(t, 1000*24*time.Hour)
			s.expireAt(test.expires)
			s.sweep(test.now)
			if got := s.conn.Closing(); got != test.ends {
				t.Fatalf("the session is closed: %v", got)
			}
			if !test.ends {
				return
			}
			frame := make([]byte, 4)
			if _, err := io.ReadFull(peer, frame); err != nil {
				t.Fatal(err)
			}
			reason := make([]byte, int(frame[1])-2)
			_, _ = io.ReadFull(peer, reason)
			if code := binary.BigEndian.Uint16(frame[2:]); frame[0] != 0x88 || code != 3000 || !bytes.Contains(reason, []byte("expired")) {
				t.Errorf("it was closed with %d %q", code, reason)
			}
		})
	}
}

// The registry is who ends sessions, within its interval.
func TestSessionsExpire(t *testing.T) {
	expires := time.Now().Add(300 * time.Millisecond)
	mortal := alice
	mortal.Expires = expires
	server, target := newTestServer(t, as(mortal), echo)
	sweeping(t, server)
	c := dial(t, target, nil)
	c.isOpen()
	if reason := c.mustClose(3000); !strings.Contains(reason, "expired") {
		t.Errorf("the reason is %q", reason)
	}
	if late := time.Since(expires); late < 0 || late > 10*sweepInterval {
		t.Errorf("it was closed %v after the token expired", late)
	}
}

// sweeping sweeps until the test ends.
func sweeping(t *testing.T, server *Server) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Registry().Sweep(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

var errOutage = fmt.Errorf("%w: connection refused", auth.ErrKeysUnavailable)

func TestRenew(t *testing.T) {
	now := time.Now()
	soon, later := now.Add(time.Hour), now.Add(2*time.Hour)
	with := func(id auth.Identity, expires time.Time) auth.Identity {
		id.Expires = expires
		return id
	}
	swapped := auth.Identity{Kind: auth.KindJWT, User: alice.User, Subjects: auth.Subjects{"acme:staff", "acme:alice"}}
	otherKind := auth.Identity{Kind: auth.KindPreAuthenticated, User: alice.User, Subjects: alice.Subjects}
	for name, test := range map[string]struct {
		opened  auth.Identity
		renewed auth.Identity
		err     error
		none    bool // no token can be verified
		message string
		expires time.Time
		reason  string // of the close frame, "" if the session stays open
	}{
		"later":                        {opened: alice, renewed: with(alice, later), expires: later},
		"earlier":                      {opened: with(alice, later), renewed: with(alice, soon), expires: soon},
		"never":                        {opened: alice, renewed: alice},
		"subjects in another order":    {opened: alice, renewed: with(swapped, later), reason: "other subjects"},
		"another kind":                 {opened: alice, renewed: with(otherKind, later), reason: "other subjects"},
		"not valid":                    {opened: alice, err: auth.ErrTokenInvalid, reason: "not valid"},
		"of an issuer no longer known": {opened: alice, err: auth.ErrIssuerUnknown, reason: "not valid"},
		"valid, and an error":          {opened: alice, renewed: with(alice, later), err: errors.New("odd"), reason: "not valid"},
		"empty":                        {opened: alice, message: "JWT-TOKEN?jwtToken=", err: auth.ErrTokenInvalid, reason: "not valid"},
		"no token":                     {opened: alice, message: "JWT-TOKEN", err: auth.ErrTokenInvalid, reason: "not valid"},
		"broken":                       {opened: alice, message: "JWT-TOKEN?jwtToken=%", renewed: with(alice, later), reason: "cannot be read"},
		"two tokens":                   {opened: alice, message: "JWT-TOKEN?jwtToken=a&jwtToken=b", renewed: with(alice, later), reason: "cannot be read"},
		"a session of Basic":           {opened: auth.Identity{Kind: auth.KindBasic, Subjects: alice.Subjects}, renewed: with(alice, later), reason: "not opened with a token"},
		"a pre-authenticated one":      {opened: otherKind, renewed: otherKind, reason: "not opened with a token"},
		"tokens are not taken":         {opened: alice, none: true, reason: "not opened with a token"},
	} {
		t.Run(name, func(t *testing.T) {
			opened := test.opened
			if opened.Expires.IsZero() {
				opened.Expires = soon
			}
			server, target := newTestServer(t, as(opened), echo, func(o *Options) {
				o.Renew = func(_ context.Context, token string) (auth.Identity, error) {
					if test.message == "" && token != "a+b" {
						t.Errorf("the token arrived as %q", token)
					}
					return test.renewed, test.err
				}
				if test.none {
					o.Renew = nil
				}
			})
			c := dial(t, target, nil)
			message := test.message
			if message == "" {
				message = "JWT-TOKEN?jwtToken=" + url.QueryEscape("a+b")
			}
			// More often than there may be messages without an answer: none is one.
			for range 2 * 4 {
				c.send(message)
				if test.reason != "" {
					break
				}
			}
			if test.reason != "" {
				if reason := c.mustClose(1008); !strings.Contains(reason, test.reason) {
					t.Errorf("the reason is %q, want %q", reason, test.reason)
				}
				return
			}
			c.isOpen()
			if at := server.registry.all()[0].expires.Load(); at == nil != test.expires.IsZero() || at != nil && !at.Equal(test.expires) {
				t.Errorf("the session expires at %v, want %v", at, test.expires)
			}
		})
	}
}

// While the issuer cannot be reached the former token counts.
func TestRenewWhenKeysAreUnavailable(t *testing.T) {
	mortal := alice
	mortal.Expires = time.Now().Add(time.Hour)
	server, target := newTestServer(t, as(mortal), echo, func(o *Options) {
		o.Renew = func(context.Context, string) (auth.Identity, error) { return auth.Identity{}, errOutage }
	})
	c := dial(t, target, nil)
	c.send("JWT-TOKEN?jwtToken=secret&correlation-id=it")
	text := c.mustFail(503, "gateway:publickey.provider.unavailable")
	if !strings.Contains(text, `"correlation-id":"it"`) || strings.Contains(text, "secret") || strings.Contains(text, "refused") {
		t.Errorf("got %s", text)
	}
	c.isOpen()
	if at := server.registry.all()[0].expires.Load(); !at.Equal(mortal.Expires) {
		t.Errorf("the session expires at %v, want %v", at, mortal.Expires)
	}
}

// A token that takes long to verify does not hold the session forever.
func TestRenewIsBounded(t *testing.T) {
	_, target := newTestServer(t, as(alice), echo, func(o *Options) {
		o.Settings.HandshakeTimeout = 10 * time.Millisecond
		o.Renew = func(ctx context.Context, _ string) (auth.Identity, error) {
			<-ctx.Done()
			return auth.Identity{}, fmt.Errorf("%w: %w", auth.ErrKeysUnavailable, ctx.Err())
		}
	})
	c := dial(t, target, nil)
	c.send("JWT-TOKEN?jwtToken=x")
	c.mustFail(503, "gateway:publickey.provider.unavailable")
	c.isOpen()
}

// A renewal in time is what keeps a session.
func TestRenewedSessionsOutliveTheirToken(t *testing.T) {
	s, _, _ := peer(t, 1000*time.Hour)
	s.identity, s.gate = alice, newGate(1)
	first := time.Now().Add(time.Hour)
	s.expireAt(first)
	s.server = &Server{options: Options{Renew: func(context.Context, string) (auth.Identity, error) {
		renewed := alice
		renewed.Expires = first.Add(time.Hour)
		return renewed, nil
	}}}
	if reason, err := s.tryToken(t.Context(), "x"); reason != "" {
		t.Fatal(reason, err)
	}
	s.sweep(first.Add(time.Hour - 1))
	if s.conn.Closing() {
		t.Fatal("it ended with the first token")
	}
	s.sweep(first.Add(time.Hour))
	if !s.conn.Closing() {
		t.Error("it outlived the second")
	}
}
