package controllers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
)

// reachTimeout bounds the question whether the API server answers. Those that
// follow when a manager is made have no deadline of their own.
const reachTimeout = 10 * time.Second

// errNotServing is an API server, or what is before it, that answers and does not
// serve.
var errNotServing = errors.New("the API server does not serve")

// reach says whether the API server answers. That it lets the operator ask does not
// matter.
func reach(ctx context.Context, c *rest.Config) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	base, _, err := rest.DefaultServerUrlFor(c)
	if err != nil {
		return fmt.Errorf("address of the API server: %w", err)
	}
	asking, err := rest.HTTPClientFor(c)
	if err != nil {
		return fmt.Errorf("client of the API server: %w", err)
	}
	defer asking.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base.JoinPath("version").String(), http.NoBody)
	if err != nil {
		return fmt.Errorf("address of the API server: %w", err)
	}
	response, err := asking.Do(request)
	if err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	if isOverloaded(response.StatusCode) {
		return fmt.Errorf("%w: %s", errNotServing, response.Status)
	}
	return nil
}

// isOverloaded says whether a status is one that passes.
func isOverloaded(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// isUnreachable says whether an error means that no API server has answered, or
// that the one that did could not serve. One that cannot be trusted, or that does
// not trust the operator, has answered.
func isUnreachable(err error) bool {
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		return isOverloaded(int(status.ErrStatus.Code))
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op != opRefusedTLS {
		return true
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return true
	}
	for _, target := range []error{errNotServing, io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// opRefusedTLS is the operation of a net.OpError for an alert of TLS.
const opRefusedTLS = "remote error"
