package session

import (
	"context"
	"errors"
	"net/http"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Values of WWW-Authenticate (RFC 9110, section 11.6.1; RFC 7617; RFC 6750).
const (
	ChallengeBasic  = `Basic realm="twinway", charset="UTF-8"`
	ChallengeBearer = `Bearer realm="twinway"` //nolint:gosec // it asks for credentials
)

// authenticate returns who sent the handshake.
func (s *Server) authenticate(r *http.Request, settings *Settings) (auth.Identity, *protocol.Error) {
	ctx, cancel := context.WithTimeout(r.Context(), settings.HandshakeTimeout)
	defer cancel()
	identity, err := s.options.Auth.Authenticate(ctx, r)
	if err != nil {
		// The client is told less than that.
		s.options.Logger.Debug("authentication failed", "error", err)
		return auth.Identity{}, authenticationError(err)
	}
	return identity, nil
}

// authenticationError returns what a client is told about an error of package
// auth. What is not known there is a refusal as well.
func authenticationError(err error) *protocol.Error {
	if limited := (*auth.RateLimitedError)(nil); errors.As(err, &limited) {
		return protocol.ErrTooManyRequests(limited.RetryAfter)
	}
	switch {
	case errors.Is(err, auth.ErrBusy):
		return protocol.ErrAuthenticationUnavailable()
	case errors.Is(err, auth.ErrKeysUnavailable):
		unavailable := protocol.ErrPublicKeyProviderUnavailable()
		unavailable.RetryAfter = retryAfter
		return unavailable
	case errors.Is(err, auth.ErrIssuerUnknown):
		return protocol.ErrJWTIssuerNotSupported()
	case errors.Is(err, auth.ErrConditionFailed):
		return protocol.ErrJWTConditionFailed()
	case errors.Is(err, auth.ErrTooManySubjects):
		return protocol.ErrHeadersTooLarge("The credentials stand for too many subjects, or for very long ones.")
	case errors.Is(err, auth.ErrDuplicate):
		return protocol.ErrDuplicateHeader("x-ditto-pre-authenticated")
	case errors.Is(err, auth.ErrMultipleTokens):
		return protocol.ErrAuthenticationFailed("There is more than one token. Send one.")
	case errors.Is(err, auth.ErrTokenInvalid):
		return protocol.ErrAuthenticationFailed("The token is malformed, expired, not for this gateway or not signed by its issuer.")
	case errors.Is(err, auth.ErrNoCredentials):
		return protocol.ErrAuthenticationFailed("There are no credentials that could be verified.")
	default:
		return protocol.ErrAuthenticationFailed("The credentials are wrong or malformed.")
	}
}

// challenge names the ways to authenticate. HTTP asks for it in each 401.
func (s *Server) challenge(h http.Header) {
	challenges := []string{ChallengeBasic}
	if s.options.Challenges != nil {
		challenges = s.options.Challenges()
	}
	for _, c := range challenges {
		h.Add("WWW-Authenticate", c)
	}
}
