package entrance

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/lazily"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// retryAfter is when to come back if what is needed cannot be reached.
const retryAfter = 5 * time.Second

// Authenticate returns who sent a request. It takes no longer than that.
//
// Errors: those of the protocol for each reason, which the log knows better.
func Authenticate(r *http.Request, by auth.Provider, within time.Duration, log *slog.Logger) (auth.Identity, *protocol.Error) {
	ctx := lazily.WithTimeout(r.Context(), within) // most credentials are known, and nobody waits
	defer ctx.End()
	identity, err := by.Authenticate(ctx, r) //nolint:contextcheck // it is one that is derived from that of the request
	if err != nil {
		log.Debug("authentication failed", "error", err)
		return auth.Identity{}, errorOf(err)
	}
	return identity, nil
}

// errorOf returns what a client is told about an error of package auth. What is not known there is a refusal as well.
func errorOf(err error) *protocol.Error {
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
