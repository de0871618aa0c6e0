package rest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// What somebody else says in headers orders nothing of proxies, caches and browsers.
func TestHeadersOfOthers(t *testing.T) {
	var env protocol.Envelope
	if err := protocol.Decode([]byte(`{"topic":"a/b/things/live/messages/c","path":"/inbox/messages/c","headers":{
		"X-Accel-Redirect":"/x", "x-accel-expires":"9", "X-Sendfile":"/x", "X-LIGHTTPD-send-file":"/x", "X-Reproxy-URL":"/x",
		"x-envoy-immediate-health-check-fail":"1", "Surrogate-Control":"max-age=9", "CDN-Cache-Control":"max-age=9",
		"Cache-Control":"max-age=9", "Expires":"9", "Last-Modified":"9", "Age":"9", "Pragma":"9",
		"Set-Cookie":"a=b", "Content-Length":"9", "Transfer-Encoding":"chunked", "Access-Control-Allow-Origin":"*", "Content-Security-Policy":"x",
		"Content-Disposition":"inline", "x-mine":"1"}}`), &env); err != nil {
		t.Fatal(err.Message)
	}
	a := &answer{status: http.StatusOK}
	a.show(&env.Headers)
	w := httptest.NewRecorder()
	a.write(w, httptest.NewRequest(http.MethodGet, "/", nil), nil)
	if got := map[string][]string(w.Header()); len(got) != 2 || got["x-mine"] == nil || got["content-disposition"] == nil {
		t.Errorf("shown were %v", got)
	}
}

// A payload that a browser shows as a page runs nothing there.
func TestPagesOfOthers(t *testing.T) {
	for media, confined := range map[string]bool{
		"text/html": true, "TEXT/HTML; charset=utf-8": true, "image/svg+xml": true, "application/xhtml+xml": true,
		"application/json": false, "application/octet-stream": false, "": false,
	} {
		a := &answer{status: http.StatusOK}
		a.payload(media, []byte(`"<script>"`))
		w := httptest.NewRecorder()
		a.write(w, httptest.NewRequest(http.MethodPost, "/", nil), nil)
		if got := map[string][]string(w.Header())["content-security-policy"]; (len(got) == 1 && got[0] == "default-src 'none'; sandbox") != confined {
			t.Errorf("%q: content-security-policy %q", media, got)
		}
	}
}
