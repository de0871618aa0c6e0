package controllers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// What passes by itself is waited for. What somebody has to repair ends the
// process, so that it is seen.
func TestIsUnreachable(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"refused", refused, true},
		{"refused, as clients say it", &url.Error{Op: "Get", URL: "https://x", Err: refused}, true},
		{"no such host", &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}}, true},
		{"too slow", &url.Error{Op: "Get", Err: context.DeadlineExceeded}, true},
		{"closed", &url.Error{Op: "Get", Err: io.EOF}, true},
		{"overloaded", apierrors.NewTooManyRequests("later", 1), true},
		{"unavailable", apierrors.NewServiceUnavailable("no etcd"), true},
		{"unauthorized", apierrors.NewUnauthorized("who"), false},
		{"forbidden", apierrors.NewForbidden(schema.GroupResource{}, "x", nil), false},
		{"no definitions", explained(&meta.NoKindMatchError{}), false},
		{"another authority", &url.Error{Op: "Get", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, false},
		{"a certificate that is not taken", &url.Error{Op: "Get", Err: &net.OpError{Op: "remote error", Err: tls.AlertError(42)}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := isUnreachable(fmt.Errorf("start: %w", test.err)); got != test.want {
				t.Errorf("%t for %v", got, test.err)
			}
		})
	}
}

func TestReach(t *testing.T) {
	for status, unreachable := range map[int]bool{200: false, 401: false, 403: false, 429: true, 500: true, 503: true} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/prefix/version" {
				t.Errorf("asked for %s", r.URL.Path)
			}
			w.WriteHeader(status)
		}))
		err := reach(t.Context(), &rest.Config{Host: server.URL + "/prefix"})
		server.Close()
		if (err != nil) != unreachable || (err != nil && !isUnreachable(err)) {
			t.Errorf("%d: %v", status, err)
		}
	}
}
