package httppush

import (
	"context"
	"errors"
	"net/url"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// New returns the kind for one connection.
func New() link.Kind { return kind{} }

type kind struct{}

// Dial implements link.Kind. It makes no request to the other end, as no request is without meaning there: it checks what is needed for one,
// and fetches a token if that takes one.
func (kind) Dial(ctx context.Context, c link.Config) (link.Client, error) {
	base, err := baseOf(c.Connection.URI)
	if err != nil {
		return nil, err
	}
	if c.Connection.HTTPPush == nil {
		return nil, &link.Refusal{Cause: errors.New("the connection has no options for HTTP")}
	}
	client := newClient(base, c)
	if err := client.check(ctx); err != nil {
		client.Close(ctx)
		return nil, err
	}
	return client, nil
}

// baseOf reads where requests go.
func baseOf(uri string) (*url.URL, error) {
	base, err := url.Parse(uri)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, &link.Refusal{Cause: errors.New("the URI is not one of HTTP")}
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: base.Path, RawPath: base.RawPath}, nil
}
