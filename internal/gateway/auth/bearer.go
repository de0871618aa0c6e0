package auth

import (
	"net/http"
	"strings"
)

const (
	tokenParameter = "access_token"
	// TokenSubprotocol begins the name of a WebSocket subprotocol that carries a token. Browsers can send a token in no
	// other header, and a query ends up in the logs of proxies. A token is made of characters that such a name may have.
	TokenSubprotocol = "bearer.twinway.dev." //nolint:gosec // not a credential, but where one follows
	// PlainSubprotocol is what a client offers besides, because it must be told a subprotocol that it has offered, and
	// the one with the token must not come back.
	PlainSubprotocol = "ditto.twinway.dev"
)

// Subprotocol returns the WebSocket subprotocol to answer a handshake with, "" for none. It is never one with a token in
// it. Browsers give up a connection on which they have offered subprotocols and none is selected (WHATWG WebSockets,
// "establish a WebSocket connection"), so they offer [PlainSubprotocol] besides the one with the token.
//
// Protocol rule: no subprotocol is negotiated, so others are ignored.
func Subprotocol(h http.Header) string {
	for name := range subprotocols(h) {
		if name == PlainSubprotocol {
			return PlainSubprotocol
		}
	}
	return ""
}

// bearerToken finds the token of a request: in the header Authorization with the scheme Bearer (RFC 6750), in the query
// parameter access_token, or in an offered subprotocol. ErrNoCredentials: there is none. ErrMultipleTokens: there are
// several, or several Authorization headers, which leaves open who is meant.
func bearerToken(r *http.Request) (string, error) {
	var found []string
	authorization := r.Header["Authorization"]
	for _, value := range authorization {
		scheme, token, _ := strings.Cut(value, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		if len(authorization) > 1 {
			return "", ErrMultipleTokens
		}
		found = append(found, strings.Trim(token, " "))
	}
	found = append(found, queryValues(r, tokenParameter)...)
	for name := range subprotocols(r.Header) {
		if token, ok := strings.CutPrefix(name, TokenSubprotocol); ok {
			found = append(found, token)
		}
	}
	switch len(found) {
	case 0:
		return "", ErrNoCredentials
	case 1:
		return found[0], nil
	}
	return "", ErrMultipleTokens
}

// subprotocols yields the names of the subprotocols that a handshake offers.
func subprotocols(h http.Header) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, value := range h["Sec-Websocket-Protocol"] {
			for name := range strings.SplitSeq(value, ",") {
				if !yield(strings.TrimSpace(name)) {
					return
				}
			}
		}
	}
}
