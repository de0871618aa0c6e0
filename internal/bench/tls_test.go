package bench

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Over TLS the certificate must be one that is trusted, and be for the host.
func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/2/things/a:test-thing-7" || r.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	for name, test := range map[string]struct {
		options *tls.Config
		fails   bool
	}{
		"trusted":      {&tls.Config{RootCAs: trusted}, false},
		"another name": {&tls.Config{RootCAs: trusted, ServerName: "elsewhere"}, true},
		"not trusted":  {&tls.Config{RootCAs: x509.NewCertPool()}, true},
		"whatever":     {&tls.Config{InsecureSkipVerify: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := NewEndpoint(server.URL, Credentials{Token: "t"}, test.options)
			if err != nil {
				t.Fatal(err)
			}
			open := e.requests(newStock(Parameters{Namespace: "a"}), func(int, int) task { return task{kind: read, at: 7} })
			lane, err := open(t.Context(), 0)
			if (err != nil) != test.fails {
				t.Fatal(err)
			}
			if test.fails {
				return
			}
			defer lane.Close()
			for op := range 3 { // of one connection
				if err := lane.Send(Op{Number: op}); err != nil {
					t.Fatal(err)
				}
				if o, err := lane.Receive(); err != nil || o != (Outcome{Op: op}) {
					t.Errorf("%+v %v", o, err)
				}
			}
		})
	}
}
