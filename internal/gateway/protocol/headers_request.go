package protocol

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// RequestHeaders returns the headers of the messages that an HTTP request becomes, from its headers and query parameters: those of
// SessionHeaders, with the same errors, the parameter policy-view, and those that the protocol does not know and passes on. The names of the latter are in
// lower case, and what is given several times is a list with commas.
//
// What concerns the way from client to gateway is not passed on, nor anything that may be a secret: who receives it is somebody
// else.
func RequestHeaders(header, query map[string][]string) (Headers, *Error) {
	h, err := SessionHeaders(header, query)
	if err == nil {
		err = h.readSession(HeaderPolicyView, query[HeaderPolicyView.String()])
	}
	if err != nil {
		return Headers{}, err
	}
	for _, name := range custom(header) {
		h.put(field{
			name: document.AppendString(nil, strings.ToLower(name)),
			raw:  document.AppendString(nil, strings.ToValidUTF8(strings.Join(header[name], ","), "\uFFFD")),
		})
	}
	return h, nil
}

// custom returns the names of headers that the protocol does not know and passes on, in an order that does not vary.
func custom(header map[string][]string) (names []string) {
	for name := range header {
		if lookup(name) == customHeader && passes(strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// requestOnly are headers of HTTP requests that concern the request and no message.
var requestOnly = map[string]bool{
	"accept-charset": true, "accept-datetime": true, "accept-language": true, "baggage": true, "content-disposition": true,
	"content-encoding": true, "content-language": true, "content-length": true, "content-location": true, "content-md5": true,
	"content-range": true, "cdn-loop": true, "date": true, "dnt": true, "early-data": true, "expect": true, "forwarded": true,
	"from": true, "host": true, "http2-settings": true, "if-modified-since": true, "if-range": true, "if-unmodified-since": true,
	"keep-alive": true, "last-event-id": true, "max-forwards": true, "origin": true, "pragma": true, "prefer": true, "priority": true,
	"range": true, "referer": true, "save-data": true, "te": true, "trailer": true, "transfer-encoding": true, "true-client-ip": true,
	"upgrade": true, "upgrade-insecure-requests": true, "user-agent": true, "via": true, "warning": true, "x-http-method-override": true,
	"x-real-ip": true, "x-request-id": true, "x-request-start": true, "x-requested-with": true,
}

// requestFamilies are what the names of more of those begin with: mostly what proxies add.
var requestFamilies = []string{
	"access-control-", "cf-", "fastly-", "fly-", "proxy-", "sec-", "x-amz", "x-aws-", "x-azure-", "x-b3-", "x-client-", "x-cloud-",
	"x-datadog-", "x-ditto-", "x-envoy-", "x-forwarded-", "x-goog-", "x-gitlab-", "x-github-", "x-ms-", "x-original-", "x-remote-",
	"x-scheme", "x-ssl-", "x-vercel-",
}

// secrets are what the names of headers contain that may be credentials.
var secrets = []string{
	"auth", "token", "cookie", "secret", "passw", "credential", "jwt", "session", "api-key", "apikey", "access-key",
	"subscription-key", "signature", "cert", "userinfo",
}

// passes reports whether a header that the protocol does not know, whose name is in lower case, is passed on.
func passes(name string) bool {
	if requestOnly[name] {
		return false
	}
	for _, family := range requestFamilies {
		if strings.HasPrefix(name, family) {
			return false
		}
	}
	for _, secret := range secrets {
		if strings.Contains(name, secret) {
			return false
		}
	}
	return true
}
