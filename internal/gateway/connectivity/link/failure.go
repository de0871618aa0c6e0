package link

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Failure returns what people are told of an error of a network: a *Refusal if somebody has to mend something, such as a name that does not
// exist, a port at which nobody listens or a certificate that is not trusted; else one that says what happened. URLs, of which
// parts may come from messages, are not in it. Errors of contexts stay what they are, and so does a *Refusal.
func Failure(err error) error {
	var refusal *Refusal
	switch {
	case err == nil, errors.As(err, &refusal):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return withoutURL(err)
	}
	if cause := mendable(err); cause != nil {
		return &Refusal{Cause: cause}
	}
	return withoutURL(err)
}

// mendable returns what is to be mended, nil if the error does not tell.
func mendable(err error) error {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var operation *net.OpError
	isOperation := errors.As(err, &operation)
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return fmt.Errorf("there is no host with the name %s", name.Name)
	case errors.Is(err, syscall.ECONNREFUSED) && isOperation && operation.Addr != nil:
		return fmt.Errorf("nobody listens at %s", operation.Addr)
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("nobody listens there")
	case errors.As(err, &certificate):
		return fmt.Errorf("the certificate of the other end is not accepted: %w", distrust(certificate.Err))
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return errors.New("the other end does not speak TLS")
	case isOperation && operation.Op == "remote error":
		return fmt.Errorf("the other end has broken off TLS: %w", operation.Err)
	}
	// Most errors of handshakes have no type.
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if strings.HasPrefix(inner.Error(), "tls: ") {
			return fmt.Errorf("no TLS with the other end: %w", inner)
		}
	}
	return nil
}

// distrust shortens what is wrong with a certificate: it may name many hosts.
func distrust(err error) error {
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Errorf("it is not for %s", name.Host)
	}
	return err
}

// withoutURL returns what is within errors that show what was asked for.
func withoutURL(err error) error {
	var request *url.Error
	for errors.As(err, &request) {
		err = request.Err
	}
	return err
}
