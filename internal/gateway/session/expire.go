package session

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// expireAt has sweep close the session at that time, never if it is zero.
func (s *Session) expireAt(t time.Time) {
	if t.IsZero() {
		s.expires.Store(nil)
		return
	}
	s.expires.Store(&t)
}

// expire closes the session if its identity has ended, and reports whether it
// did.
func (s *Session) expire(now time.Time) bool {
	at := s.expires.Load()
	if at == nil || now.Before(*at) {
		return false
	}
	s.close(closeUnauthorized, "the token has expired; connect with a new one")
	return true
}

// renew takes a token that is to let the session live longer. Protocol rule:
// there is no answer if it does; if the token stands for anybody else than the
// session does, or for nobody, the session ends without an error.
//
// If there is no telling, since the keys of the issuer are not available, the
// session stays as it is until it expires, and is told.
func (s *Session) renew(ctx context.Context, c protocol.Control) {
	reason, err := s.tryToken(ctx, c.Token)
	switch {
	case errors.Is(err, auth.ErrKeysUnavailable):
		s.refuseControl(c, protocol.ErrPublicKeyProviderUnavailable())
		return
	case reason != "":
		s.log().Debug("session not renewed", "reason", reason, "error", err)
		s.close(closePolicy, reason)
	}
	s.NoReply()
}

// tryToken has the session expire with the token, or says why it cannot.
func (s *Session) tryToken(ctx context.Context, token string) (reason string, err error) {
	if s.identity.Kind != auth.KindJWT || s.server.options.Renew == nil {
		return "the session was not opened with a token, so none can renew it", nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.settings.HandshakeTimeout)
	defer cancel()
	identity, err := s.server.options.Renew(ctx, token)
	switch {
	case err != nil:
		return "the new token is not valid", err
	case !identity.SameContext(s.identity):
		return "the new token has other subjects than the session", nil
	}
	s.expireAt(identity.Expires)
	return "", nil
}
