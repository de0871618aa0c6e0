package auth

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestBearerToken(t *testing.T) {
	authorization := func(values ...string) http.Header { return http.Header{"Authorization": values} }
	offer := func(values ...string) http.Header { return http.Header{"Sec-Websocket-Protocol": values} }
	for _, tc := range []struct {
		name, query string
		header      http.Header
		want        string
		err         error
	}{
		{name: "nothing", err: ErrNoCredentials},
		{name: "header", header: authorization("Bearer a.b.c"), want: "a.b.c"},
		{name: "scheme in another case", header: authorization("bearer  a.b.c "), want: "a.b.c"},
		{name: "another scheme", header: authorization("Basic YTpi"), err: ErrNoCredentials},
		{name: "a scheme that begins the same", header: authorization("BearerX a.b.c"), err: ErrNoCredentials},
		{name: "an empty token is one", header: authorization("Bearer"), want: ""},
		{name: "two headers", header: authorization("Bearer a", "Bearer a"), err: ErrMultipleTokens},
		{name: "a token behind a password", header: authorization("Basic YTpi", "Bearer a"), err: ErrMultipleTokens},
		{name: "two passwords", header: authorization("Basic YTpi", "Basic YTpi"), err: ErrNoCredentials},

		{name: "query", query: "x=1&access_token=a.b.c", want: "a.b.c"},
		{name: "query beside a password", query: "access_token=a.b.c", header: authorization("Basic YTpi"), want: "a.b.c"},
		{name: "query twice", query: "access_token=a&access_token=a", err: ErrMultipleTokens},
		{name: "query in another case", query: "Access_Token=a", err: ErrNoCredentials},
		{name: "header and query", query: "access_token=a", header: authorization("Bearer a"), err: ErrMultipleTokens},

		{name: "subprotocol", header: offer("ditto.twinway.dev, bearer.twinway.dev.a.b.c"), want: "a.b.c"},
		{name: "subprotocol in a header of its own", header: offer("ditto.twinway.dev", "bearer.twinway.dev.a.b.c"), want: "a.b.c"},
		{name: "other subprotocols", header: offer("ditto.twinway.dev,mqtt,bearer.twinway.devs"), err: ErrNoCredentials},
		{name: "two subprotocols", header: offer("bearer.twinway.dev.a, bearer.twinway.dev.b"), err: ErrMultipleTokens},
		{name: "subprotocol and query", query: "access_token=a", header: offer("bearer.twinway.dev.a"), err: ErrMultipleTokens},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := &http.Request{Header: tc.header, URL: &url.URL{RawQuery: tc.query}}
			got, err := bearerToken(r)
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, tc.want, tc.err)
			}
		})
	}
}

func TestSubprotocol(t *testing.T) {
	for _, tc := range []struct {
		offered []string
		want    string
	}{
		{nil, ""},
		{[]string{"ditto.twinway.dev, bearer.twinway.dev.a.b.c"}, "ditto.twinway.dev"},
		{[]string{"bearer.twinway.dev.a.b.c", " ditto.twinway.dev "}, "ditto.twinway.dev"},
		{[]string{"ditto.twinway.dev"}, "ditto.twinway.dev"},
		{[]string{"bearer.twinway.dev.a.b.c"}, ""},
		{[]string{"mqtt"}, ""},
	} {
		if got := Subprotocol(http.Header{"Sec-Websocket-Protocol": tc.offered}); got != tc.want {
			t.Errorf("%q: %q, want %q", tc.offered, got, tc.want)
		}
	}
}

// FuzzBearerToken: a token that is found was sent, and nothing that may be secret is echoed.
func FuzzBearerToken(f *testing.F) {
	f.Add("Bearer a.b.c", "", "")
	f.Add("", "access_token=a", "")
	f.Add("Basic x", "a=b;c", "ditto.twinway.dev, bearer.twinway.dev.a")
	f.Fuzz(func(t *testing.T, authorization, query, offered string) {
		header := http.Header{"Authorization": {authorization}, "Sec-Websocket-Protocol": {offered}}
		token, err := bearerToken(&http.Request{Header: header, URL: &url.URL{RawQuery: query}})
		if err != nil && !errors.Is(err, ErrNoCredentials) && !errors.Is(err, ErrMultipleTokens) {
			t.Fatalf("error %v", err)
		}
		if query == "" && !strings.Contains(authorization+offered, token) {
			t.Fatalf("token %q", token)
		}
		if echo := Subprotocol(header); echo != "" && echo != PlainSubprotocol {
			t.Fatalf("echo %q", echo)
		}
	})
}
