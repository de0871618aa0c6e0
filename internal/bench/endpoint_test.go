package bench

import (
	"strings"
	"testing"
)

func TestEndpoint(t *testing.T) {
	user := Credentials{User: "ada", Password: "secret"}
	for name, test := range map[string]struct {
		url           string
		credentials   Credentials
		address, host string
		base, header  string
		tls           bool
		fails         string
	}{
		"http":              {url: "http://localhost:8080", credentials: user, address: "localhost:8080", host: "localhost:8080", header: "Authorization: Basic YWRhOnNlY3JldA=="},
		"default port":      {url: "http://ditto", credentials: user, address: "ditto:80", host: "ditto", header: "Authorization: Basic YWRhOnNlY3JldA=="},
		"https":             {url: "https://ditto", credentials: Credentials{Token: "t"}, address: "ditto:443", host: "ditto", header: "Authorization: Bearer t", tls: true},
		"IPv6":              {url: "http://[::1]:1", credentials: user, address: "[::1]:1", host: "[::1]:1", header: "Authorization: Basic YWRhOnNlY3JldA=="},
		"base":              {url: "http://h:1/a/b/", credentials: Credentials{PreAuthenticated: "x:a,x:b"}, address: "h:1", host: "h:1", base: "/a/b", header: "x-ditto-pre-authenticated: x:a,x:b"},
		"other scheme":      {url: "ws://localhost", credentials: user, fails: "neither http:// nor https://"},
		"no scheme":         {url: "localhost", credentials: user, fails: "neither http:// nor https://"},
		"no host":           {url: "http:///a", credentials: user, fails: "more or less than"},
		"user in it":        {url: "http://a:b@h", credentials: user, fails: "more or less than"},
		"query":             {url: "http://h?a=b", credentials: user, fails: "more or less than"},
		"nobody":            {url: "http://h", fails: "one of a user, a token and"},
		"two at once":       {url: "http://h", credentials: Credentials{User: "a", Token: "t"}, fails: "one of a user, a token and"},
		"two lines":         {url: "http://h", credentials: Credentials{Token: "a\r\nHost: b"}, fails: "of one line"},
		"no URL in any way": {url: "http://h:port", credentials: user, fails: "the URL"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := NewEndpoint(test.url, test.credentials, nil)
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("error %v, want %q", err, test.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if e.address != test.address || e.host != test.host || e.base != test.base || e.header != test.header || (e.tls != nil) != test.tls {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestSubject(t *testing.T) {
	for _, test := range []struct {
		of   Credentials
		want string
	}{{Credentials{User: "ada"}, "nginx:ada"}, {Credentials{PreAuthenticated: "x:a, x:b"}, "x:a"}, {Credentials{Token: "t"}, ""}} {
		if got := test.of.Subject(); got != test.want {
			t.Errorf("%+v is %q, want %q", test.of, got, test.want)
		}
	}
}

// What is sent over HTTP, whole.
func TestRequests(t *testing.T) {
	e, err := NewEndpoint("http://h:1/base", Credentials{Token: "t"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newStock(Defaults())
	const rest = " HTTP/1.1\r\nHost: h:1\r\nAuthorization: Bearer t\r\n"
	for _, test := range []struct {
		task task
		want string
	}{
		{task{kind: read, at: 7}, "GET /base/api/2/things/org.eclipse.ditto:test-thing-7" + rest + "\r\n"},
		{task{modify, 7, 42}, "PUT /base/api/2/things/org.eclipse.ditto:test-thing-7/features/coffee-brewer/properties/brewed-coffees" + rest +
			"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n42"},
		{task{kind: searchID, at: 7}, "GET /base/api/2/search/things?filter=eq(thingId,%22org.eclipse.ditto:test-thing-7%22)" + rest + "\r\n"},
		{task{kind: searchAttribute, at: 1}, "GET /base/api/2/search/things?filter=eq(attributes/serial,%22SN0506952114%22)" + rest + "\r\n"},
		{task{kind: searchPage, at: 107}, "GET /base/api/2/search/things?filter=eq(attributes/line,%22line-07%22)&option=sort(%2Battributes/weight),size(25)" + rest + "\r\n"},
		{task{kind: message, at: 3}, "POST /base/api/2/things/org.eclipse.ditto.device3:device/inbox/messages/ask" + rest +
			"Content-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"brew\":\"coffee\"}"},
	} {
		if got := string(e.request(nil, s, test.task)); got != test.want {
			t.Errorf("%v is\n%q, want\n%q", test.task.kind, got, test.want)
		}
	}
}
