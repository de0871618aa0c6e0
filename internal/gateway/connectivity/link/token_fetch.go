package link

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// maxTokenAnswer is how large what an endpoint says may be, in bytes.
const maxTokenAnswer = 1 << 20

// issued is a token that was fetched.
type issued struct {
	text snapshot.SecretContent
	life time.Duration // 0: not known
}

// fetcher fetches tokens.
type fetcher struct {
	loopbackHTTP bool
	// inBody says that the endpoint wants the client's secret in the body, and not as the user's password.
	inBody atomic.Bool
}

// fetch fetches a token. RFC 6749, section 2.3.1: every endpoint takes the secret as a password, and some only in the body, which is
// therefore tried next.
func (f *fetcher) fetch(ctx context.Context, c *snapshot.Connection) (issued, error) {
	client, err := f.client(c)
	if err != nil {
		return issued{}, err
	}
	inBody := f.inBody.Load()
	got, err := ask(ctx, client, c.Credentials.OAuth2, inBody)
	var answered *unissued
	if !errors.As(err, &answered) || !answered.unknownClient() {
		return got, refused(err)
	}
	other, otherErr := ask(ctx, client, c.Credentials.OAuth2, !inBody)
	if otherErr != nil {
		return issued{}, refused(err)
	}
	f.inBody.Store(!inBody)
	return other, nil
}

// refused says of an error what has to be mended.
func refused(err error) error {
	var answered *unissued
	if errors.As(err, &answered) && answered.status < 500 && answered.status != http.StatusTooManyRequests &&
		answered.status != http.StatusRequestTimeout {
		return &Refusal{Cause: err}
	}
	return Failure(err)
}

// client returns what to fetch with. It keeps no connections.
func (f *fetcher) client(c *snapshot.Connection) (*http.Client, error) {
	if err := f.secure(c.Credentials.OAuth2.TokenEndpoint); err != nil {
		return nil, err
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.TLS.CA != "" {
		roots, err := withSystem(c.TLS.CA)
		if err != nil {
			return nil, err
		}
		config.RootCAs = roots
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DisableKeepAlives:      true,
			TLSClientConfig:        config,
			TLSHandshakeTimeout:    tokenTimeout,
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect would take the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// secure refuses endpoints to which a secret would go in the clear.
func (f *fetcher) secure(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "":
		return &Refusal{Cause: errors.New("the token endpoint is not a URL")}
	case u.Scheme == "https", u.Scheme == "http" && f.loopbackHTTP && isLoopback(u.Hostname()):
		return nil
	}
	return &Refusal{Cause: errors.New("the token endpoint has no HTTPS URL")}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// withSystem returns the authorities of the system and some more: endpoints are often another's than the other end of the connection.
func withSystem(bundle snapshot.Content) (*x509.CertPool, error) {
	all, err := certificates(bundle)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	for _, certificate := range all {
		roots.AddCert(certificate)
	}
	return roots, nil
}

// ask asks for a token once. Errors: *unissued if the endpoint answers with something else; others of the network.
func ask(ctx context.Context, client *http.Client, o *snapshot.OAuth2ClientCredentials, inBody bool) (issued, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, o.TokenEndpoint, strings.NewReader(form(o, inBody)))
	if err != nil {
		return issued{}, errors.New("the token endpoint is not a URL")
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	if !inBody {
		// Section 2.3.1: both are encoded like values of forms, too.
		pair := url.QueryEscape(string(o.ClientID)) + ":" + url.QueryEscape(string(o.ClientSecret))
		request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	response, err := client.Do(request)
	if err != nil {
		return issued{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxTokenAnswer+1))
	if err != nil {
		return issued{}, err
	}
	return read(response.StatusCode, body)
}

func form(o *snapshot.OAuth2ClientCredentials, inBody bool) string {
	values := url.Values{"grant_type": {"client_credentials"}}
	if len(o.Scopes) > 0 {
		values.Set("scope", strings.Join(o.Scopes, " "))
	}
	if o.Audience != "" {
		values.Set("audience", o.Audience)
	}
	if inBody {
		values.Set("client_id", string(o.ClientID))
		values.Set("client_secret", string(o.ClientSecret))
	}
	return values.Encode()
}

// read takes an answer apart. RFC 6749, sections 5.1 and 5.2.
func read(status int, body []byte) (issued, error) {
	if len(body) > maxTokenAnswer {
		return issued{}, &unissued{status: status, code: "the answer is too large"}
	}
	var answer struct {
		Token   string          `json:"access_token"`
		Type    string          `json:"token_type"`
		Life    json.RawMessage `json:"expires_in"`
		Problem string          `json:"error"`
	}
	err := json.Unmarshal(body, &answer)
	switch {
	case status != http.StatusOK:
		return issued{}, &unissued{status: status, code: problem(answer.Problem)}
	case err != nil || !usable(answer.Token):
		return issued{}, &unissued{status: status, code: "there is no token in the answer"}
	case answer.Type != "" && !strings.EqualFold(answer.Type, "bearer"):
		return issued{}, &unissued{status: status, code: "the token is not a bearer token"}
	}
	return issued{text: snapshot.SecretContent(answer.Token), life: seconds(answer.Life)}, nil
}

// usable reports whether a token can be in a header.
func usable(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// seconds reads how long a token lasts; some endpoints write the number as a string. It returns 0 for what is not known.
func seconds(value json.RawMessage) time.Duration {
	const most = 10 * 365 * 24 * 60 * 60
	var number float64
	if json.Unmarshal(bytes.Trim(value, `"`), &number) != nil || number <= 0 {
		return 0
	}
	return time.Duration(min(number, most) * float64(time.Second))
}

// unissued says that an endpoint has answered without issuing a token.
type unissued struct {
	status int
	code   string
}

// Error implements error.
func (u *unissued) Error() string {
	if u.code == "" {
		return fmt.Sprintf("the token endpoint has answered with status %d", u.status)
	}
	return fmt.Sprintf("the token endpoint has answered with status %d: %s", u.status, u.code)
}

// unknownClient reports whether the endpoint has not taken the client for who it is.
func (u *unissued) unknownClient() bool {
	return u.status == http.StatusUnauthorized || u.status == http.StatusBadRequest && (u.code == "invalid_client" || u.code == "invalid_request")
}

// problem returns the code of an error if it is one of the kind that RFC 6749 has, and nothing that somebody has echoed.
func problem(code string) string {
	if len(code) > 64 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return code
}
