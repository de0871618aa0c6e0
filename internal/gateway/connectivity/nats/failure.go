package nats

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// denials are errors that somebody has to mend, and what they come to.
var denials = map[error]string{
	nats.ErrAuthorization:                      "the server does not accept the credentials",
	nats.ErrAuthExpired:                        "the credentials have expired",
	nats.ErrAuthRevoked:                        "the credentials were revoked",
	nats.ErrAccountAuthExpired:                 "the credentials of the account have expired",
	nats.ErrSecureConnWanted:                   "the server does not speak TLS",
	nats.ErrSecureConnRequired:                 "the server wants TLS",
	nats.ErrBadSubject:                         "there is a subject that cannot be one",
	jetstream.ErrJetStreamNotEnabled:           "the server has no JetStream, which is needed for what is delivered at least once",
	jetstream.ErrJetStreamNotEnabledForAccount: "the account has no JetStream, which is needed for what is delivered at least once",
}

// failure returns what people are told of an error: a *link.Refusal if somebody has to mend something.
func failure(err error) error {
	for known, text := range denials {
		if errors.Is(err, known) {
			return refusal("%s", text)
		}
	}
	if errors.Is(err, nats.ErrPermissionViolation) {
		return refusal("not allowed to do that: %s", permission(err))
	}
	if api := (*jetstream.APIError)(nil); errors.As(err, &api) && api.Code >= 400 && api.Code < 500 {
		return refusal("the server does not want that: %s", api.Description)
	}
	told := link.Failure(err)
	if errors.Is(err, nats.ErrTLS) && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.As(told, new(*link.Refusal)) {
		// Servers do not say what they have against a certificate.
		return refusal("the server has broken off TLS: it may not accept the certificate, or that there is none")
	}
	return told
}

func refusal(format string, args ...any) error {
	return &link.Refusal{Cause: fmt.Errorf(format, args...)}
}

var notAllowed = regexp.MustCompile(`(?i)(publish|subscription) to "([^"]*)"`)

// permission returns what is not allowed.
func permission(err error) string {
	if found := notAllowed.FindStringSubmatch(err.Error()); found != nil {
		return strings.ToLower(found[1]) + " to " + found[2]
	}
	return "the server does not say what"
}

// notAllowedTo returns the subject that nothing may be published to, empty if an error is another one.
func notAllowedTo(err error) string {
	if found := notAllowed.FindStringSubmatch(err.Error()); found != nil && strings.EqualFold(found[1], "publish") {
		return found[2]
	}
	return ""
}
