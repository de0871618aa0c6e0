package gatewaytest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// Operator is a client of a management port. Its certificate and whom it trusts
// may be changed between requests: each request has a connection of its own.
type Operator struct {
	Address     string
	ServerName  string
	Certificate *tls.Certificate // nil: none is shown
	Roots       *x509.CertPool
}

// NewOperator returns the operator of an authority for the port of a Gateway.
func NewOperator(a *Authority, address string, of snapshot.Identity) *Operator {
	a.t.Helper()
	certificate := a.Operator()
	return &Operator{Address: address, ServerName: management.ServerName(of), Certificate: &certificate, Roots: a.Pool()}
}

// patience bounds every request. It guards against hanging and measures
// nothing.
const patience = 2 * time.Minute

// Answer is how a request was answered.
type Answer struct {
	Code   int
	Header http.Header
	Body   []byte
}

// Status returns the Status in the body, which must be one.
func (a Answer) Status(t testing.TB) management.Status {
	t.Helper()
	var s management.Status
	if err := json.Unmarshal(a.Body, &s); err != nil || a.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("answered %d with no Status (%v): %s", a.Code, err, a.Body)
	}
	return s
}

// Try sends a request.
func (o *Operator) Try(ctx context.Context, method, target string, body []byte) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "https://"+o.Address+target, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.ServerName, RootCAs: o.Roots}
	if o.Certificate != nil {
		// Not Certificates: a client would keep back one that is not asked for.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return o.Certificate, nil }
	}
	response, err := (&http.Transport{DisableKeepAlives: true, TLSClientConfig: config}).RoundTrip(r)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Code: response.StatusCode, Header: response.Header}
	a.Body, err = io.ReadAll(response.Body)
	return a, errors.Join(err, response.Body.Close())
}

// Do sends a request that must be answered.
func (o *Operator) Do(t testing.TB, method, target string, body []byte) Answer {
	t.Helper()
	a, err := o.Try(t.Context(), method, target, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	return a
}

// Push sends a snapshot and returns the status of the answer and the Status in
// it.
func (o *Operator) Push(t testing.TB, snap *snapshot.Snapshot) (int, management.Status) {
	t.Helper()
	a := o.Do(t, http.MethodPut, management.PathSnapshot, snap.Encode())
	return a.Code, a.Status(t)
}

// Status returns the Status.
func (o *Operator) Status(t testing.TB) management.Status {
	t.Helper()
	return o.Do(t, http.MethodGet, management.PathStatus, nil).Status(t)
}

// Await waits, by way of the port, until the Status is as it should be.
func (o *Operator) Await(t testing.TB, what string, is func(management.Status) bool) management.Status {
	t.Helper()
	guard := time.Now().Add(patience)
	status := o.Status(t)
	for !is(status) {
		if time.Now().After(guard) {
			t.Fatalf("never: %s; the Status stays %+v", what, status)
		}
		status = o.Do(t, http.MethodGet, Waiting(status, patience), nil).Status(t)
	}
	return status
}

// Waiting returns the target of a request that waits for another Status.
func Waiting(before management.Status, wait time.Duration) string {
	query := url.Values{
		management.ParameterAfter: {fmt.Sprintf("%s/%d", before.Boot, before.Version)},
		management.ParameterWait:  {wait.String()},
	}
	return management.PathStatus + "?" + query.Encode()
}
