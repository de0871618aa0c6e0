package auth

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	discoveryPath = "/.well-known/openid-configuration"
	maxAnswer     = 1 << 20 // bytes
	maxRedirects  = 3
)

// endpoint is where an issuer publishes its keys: below name, which has no scheme.
type endpoint struct {
	scheme, name string
	ca           string // PEM; "": the certificates of the system
}

func newEndpoint(issuer string, ca []byte) (endpoint, error) {
	at := endpoint{scheme: "https", name: issuerName(issuer), ca: string(ca)}
	if strings.HasPrefix(issuer, "http://") {
		at.scheme = "http"
	}
	u, err := url.Parse(at.scheme + "://" + at.name)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return at, fmt.Errorf("name %q is not a URL without user, query and fragment", issuer)
	}
	return at, nil
}

// client returns what to fetch with. It keeps no connections.
func (at endpoint) client() (*http.Client, error) {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if at.ca != "" {
		transport.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM([]byte(at.ca)) {
			return nil, errors.New("no certificate in the CA bundle")
		}
	}
	return &http.Client{Transport: transport, CheckRedirect: checkRedirect}, nil
}

func checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errors.New("too many redirects")
	}
	if next.URL.Scheme != "https" && next.URL.Scheme != via[0].URL.Scheme {
		return errors.New("redirect from https to another scheme")
	}
	return nil
}

// fetch asks the issuer where its keys are, and gets them (OpenID Connect Discovery 1.0, section 4).
func (at endpoint) fetch(ctx context.Context, client *http.Client) (keySet, error) {
	text, err := get(ctx, client, at.scheme+"://"+at.name+discoveryPath)
	if err != nil {
		return nil, err
	}
	var found struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("%s: the OpenID configuration is not JSON", at.name)
	}
	// Section 4.3: or the keys would be those of somebody else.
	if issuerName(found.Issuer) != at.name {
		return nil, fmt.Errorf("%s: the OpenID configuration is that of another issuer", at.name)
	}
	keys, err := url.Parse(found.Keys)
	if err != nil || keys.Host == "" || keys.Scheme != "https" && keys.Scheme != at.scheme {
		return nil, fmt.Errorf("%s: the OpenID configuration has no usable jwks_uri", at.name)
	}
	if text, err = get(ctx, client, found.Keys); err != nil {
		return nil, err
	}
	set, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", at.name, err)
	}
	return set, nil
}

// get returns the body of an answer of bounded size. Errors have nothing of the answer but its status.
func get(ctx context.Context, client *http.Client, from string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", from, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%s: the answer is larger than %d bytes", from, maxAnswer)
	}
	return body, nil
}
