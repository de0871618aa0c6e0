package httppush

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

func TestTarget(t *testing.T) {
	for name, test := range map[string]struct {
		uri     string // https://host by default
		address string
		headers external.Headers
		want    string // method and URL
		err     error
	}{
		"a path":                      {address: "POST:/twins", want: "POST https://host/twins"},
		"a query":                     {address: "GET:/twins?a=b&c", want: "GET https://host/twins?a=b&c"},
		"below the URI":               {uri: "https://host:8443/a/b", address: "PUT:/c", want: "PUT https://host:8443/a/b/c"},
		"below a URI that is a slash": {uri: "https://host/a/", address: "PATCH:/c/", want: "PATCH https://host/a/c/"},
		"an encoded URI":              {uri: "https://host/a%2Fb", address: "DELETE:/c", want: "DELETE https://host/a%2Fb/c"},
		"without a slash":             {uri: "https://host/a", address: "POST:b", want: "POST https://host/a/b"},
		"only a slash":                {uri: "https://host/a", address: "POST:/", want: "POST https://host/a/"},
		"only a query":                {uri: "https://host/a", address: "POST:?b=c", want: "POST https://host/a?b=c"},
		"nothing":                     {uri: "https://host/a", address: "POST:", want: "POST https://host/a"},
		"an id":                       {address: "POST:/things/org.acme:lamp~1", want: "POST https://host/things/org.acme:lamp~1"},
		"a space":                     {address: "POST:/a b?c d", want: "POST https://host/a%20b?c%20d"},
		"another alphabet":            {address: "POST:/ä?ö", want: "POST https://host/%C3%A4?%C3%B6"},
		"what is encoded":             {address: "POST:/a%2Fb%20?%26", want: "POST https://host/a%2Fb%20?%26"},
		"what only looks so":          {address: "POST:/100%/%zz/%2?50%", want: "POST https://host/100%25/%25zz/%252?50%25"},
		"a fragment is none":          {address: "POST:/a#b?c#d", want: "POST https://host/a%23b?c%23d"},
		"two question marks":          {address: "POST:/a?b?c", want: "POST https://host/a?b?c"},
		"a plus stays one":            {address: "POST:/a+b?c+d", want: "POST https://host/a+b?c+d"},
		"lines":                       {address: "POST:/a\r\nHost: b", want: "POST https://host/a%0D%0AHost:%20b"},
		"brackets and the like":       {address: `POST:/<"{|}^>[\` + "`", want: "POST https://host/%3C%22%7B%7C%7D%5E%3E%5B%5C%60"},
		"no UTF-8":                    {address: "POST:/\xff", want: "POST https://host/%FF"},

		"another host as path":        {address: "POST://evil.example/a", want: "POST https://host/evil.example/a"},
		"another URL as path":         {address: "POST:https://evil.example/a", want: "POST https://host/https://evil.example/a"},
		"another user":                {address: "POST:@evil.example/a", want: "POST https://host/@evil.example/a"},
		"another port":                {address: "POST::99/a", want: "POST https://host/:99/a"},
		"a backslash":                 {address: `POST:/\evil.example`, want: "POST https://host/%5Cevil.example"},
		"up":                          {address: "POST:/a/../b", err: errDots},
		"up at the end":               {address: "POST:/a/..", err: errDots},
		"up, encoded":                 {address: "POST:/a/%2e%2E/b", err: errDots},
		"up, half encoded":            {address: "POST:/a/.%2e/b", err: errDots},
		"up, with encoded slashes":    {address: "POST:/a%2f..%2fb", err: errDots},
		"up, with backslashes":        {address: `POST:/a\..\b`, err: errDots},
		"up, with encoded ones":       {address: "POST:/a%5c..%5cb", err: errDots},
		"up from the URI":             {uri: "https://host/tenant", address: "POST:../b", err: errDots},
		"here":                        {address: "POST:/./a", err: errDots},
		"dots that lead nowhere else": {address: "POST:/.../..a/a../a..b/.a", want: "POST https://host/.../..a/a../a..b/.a"},
		"dots in a query":             {address: "POST:/?../..", want: "POST https://host/?../.."},

		"another method":    {address: "CONNECT:/a", err: errMethod},
		"a method in lower": {address: "post:/a", err: errMethod},
		"no method":         {address: "/a", err: errMethod},
		"no address":        {address: "", err: errMethod},
		"a method and more": {address: "POST /x HTTP/1.1\r\n:/a", err: errMethod},
		"too long":          {address: "POST:/" + strings.Repeat("a", maxTarget), err: errTooLong},
		"too long, encoded": {address: "POST:/" + strings.Repeat("ä", maxTarget/4), err: errTooLong},

		"a path of a header": {
			uri: "https://host/a", address: "POST:/b?c", headers: external.Headers{"http.path": "/d e"}, want: "POST https://host/d%20e?c",
		},
		"a path of a header without a slash": {address: "POST:/b", headers: external.Headers{"http.path": "d"}, want: "POST https://host/d"},
		"a path of a header is no query":     {address: "POST:/b", headers: external.Headers{"http.path": "/d?e"}, want: "POST https://host/d%3Fe"},
		"a path of a header in any case":     {address: "POST:/b", headers: external.Headers{"HTTP.Path": "/d"}, want: "POST https://host/d"},
		"a path of a header is no host":      {address: "POST:/b", headers: external.Headers{"http.path": "//evil.example"}, want: "POST https://host/evil.example"},
		"a path of a header leads up":        {address: "POST:/b", headers: external.Headers{"http.path": "/%2e./d"}, err: errDots},
		"a query of a header":                {address: "POST:/b?c", headers: external.Headers{"http.query": "d=e f"}, want: "POST https://host/b?d=e%20f"},
		"a query of a header with its mark":  {address: "POST:/b?c", headers: external.Headers{"http.query": "?d"}, want: "POST https://host/b?d"},
		"a query of a header that is empty":  {address: "POST:/b?c", headers: external.Headers{"http.query": ""}, want: "POST https://host/b"},
		"both of headers":                    {address: "POST:/b?c", headers: external.Headers{"http.path": "/d", "http.query": "e"}, want: "POST https://host/d?e"},
	} {
		t.Run(name, func(t *testing.T) {
			uri := test.uri
			if uri == "" {
				uri = "https://host"
			}
			base, err := baseOf(uri)
			if err != nil {
				t.Fatal(err)
			}
			method, at, err := target(base, &external.Message{Address: test.address, Headers: test.headers})
			if !errors.Is(err, test.err) {
				t.Fatalf("got %v, want %v", err, test.err)
			}
			if err == nil && method+" "+at.String() != test.want {
				t.Errorf("got  %s %s\nwant %s", method, at, test.want)
			}
		})
	}
}

// FuzzTarget checks that no address, path or query leads elsewhere, or makes more of a request than its first line.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"/a", "//evil.example", "/../..", "/%2e%2e/", `\\evil.example`, "@evil.example", ":443/", "https://evil.example", "/a?b#c", "/%00\r\n",
		"/%252e%252e/", "/ä/%C3", "/a%2f..%2f", "?", "#", "/;a=b/..;/", "",
	} {
		f.Add(seed, seed, "a=b", true)
		f.Add(seed, "", seed, false)
	}
	base, err := baseOf("https://host.example:8443/tenant%2F1/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, address, path, query string, headers bool) {
		m := &external.Message{Address: "POST:" + address}
		if headers {
			m.Headers = external.Headers{"http.path": path, "http.query": query}
		}
		_, at, err := target(base, m)
		if err != nil {
			return
		}
		line := at.RequestURI()
		if !strings.HasPrefix(line, "/") || strings.HasPrefix(line, "//") || len(line) > maxTarget+2 {
			t.Fatalf("the request is for %q", line)
		}
		if !headers && !strings.HasPrefix(line, "/tenant%2F1") {
			t.Fatalf("the request is for %q, outside of the URI", line)
		}
		for i := range len(line) {
			if line[i] <= ' ' || line[i] >= 0x7f || line[i] == '#' || line[i] == '\\' {
				t.Fatalf("%q has %q in it", line, line[i])
			}
		}
		again, err := url.Parse(at.String())
		if err != nil || again.Scheme != "https" || again.Host != "host.example:8443" || again.User != nil || again.RequestURI() != line {
			t.Fatalf("read again %q is %+v: %v", at, again, err)
		}
		// What a server that tidies paths up makes of it is below the same place.
		if resolved := again.ResolveReference(&url.URL{}); resolved.EscapedPath() != at.EscapedPath() {
			t.Fatalf("%q is the same as %q", at, resolved)
		}
		if strings.Contains("/"+strings.ReplaceAll(at.Path, `\`, "/")+"/", "/../") {
			t.Fatalf("%q leads up", at)
		}
	})
}
