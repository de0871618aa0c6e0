package link_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

func TestFailure(t *testing.T) {
	here := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Addr: here, Err: err} }
	for name, test := range map[string]struct {
		err     error
		says    string
		refusal bool
	}{
		"nobody listens": {
			err: dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), says: "nobody listens at 127.0.0.1:9", refusal: true,
		},
		"nobody listens, and that is all there is": {err: syscall.ECONNREFUSED, says: "nobody listens there", refusal: true},
		"no such name": {
			err:  dial(&net.DNSError{Err: "no such host", Name: "broker.example", IsNotFound: true}),
			says: "there is no host with the name broker.example", refusal: true,
		},
		"names cannot be looked up": {
			err:  dial(&net.DNSError{Err: "server misbehaving", Name: "broker.example", IsTemporary: true}),
			says: "server misbehaving",
		},
		"it takes too long":    {err: dial(os.ErrDeadlineExceeded), says: "i/o timeout"},
		"reset":                {err: dial(syscall.ECONNRESET), says: "connection reset"},
		"ended":                {err: fmt.Errorf("reading: %w", io.EOF), says: "EOF"},
		"a request, shown":     {err: &url.Error{Op: "Get", URL: "https://a/?token=hunter2", Err: io.EOF}, says: "EOF"},
		"within another error": {err: fmt.Errorf("a: %w", &url.Error{Op: "Get", URL: "https://a/?hunter2", Err: dial(syscall.ECONNREFUSED)}), says: "nobody listens at", refusal: true},
		"an error of TLS":      {err: fmt.Errorf("handshake: %w", errors.New("tls: server selected unsupported protocol version 301")), says: "unsupported protocol version", refusal: true},
		"a refusal":            {err: fmt.Errorf("dialling: %w", &link.Refusal{Cause: errors.New("wrong password")}), says: "dialling: wrong password", refusal: true},
	} {
		t.Run(name, func(t *testing.T) {
			err := link.Failure(test.err)
			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it says %q, want %q", err, test.says)
			}
			refusal := (*link.Refusal)(nil)
			if errors.As(err, &refusal) != test.refusal {
				t.Errorf("%v is a refusal: %v, want %v", err, !test.refusal, test.refusal)
			}
		})
	}
	if link.Failure(nil) != nil {
		t.Error("nothing that fails is a failure")
	}
	for _, err := range []error{context.Canceled, context.DeadlineExceeded} {
		if got := link.Failure(&url.Error{Op: "Get", URL: "https://a", Err: err}); !errors.Is(got, err) {
			t.Errorf("%v has become %v", err, got)
		}
	}
}

// TestFailureOfSchemes checks what is told to who has mistaken one of HTTP and HTTPS for the other.
func TestFailureOfSchemes(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	response, err := http.Get(strings.Replace(server.URL, "http://", "https://", 1))
	if err == nil {
		_ = response.Body.Close()
	}
	checkRefusal(t, link.Failure(err), "the other end does not speak TLS")
}
