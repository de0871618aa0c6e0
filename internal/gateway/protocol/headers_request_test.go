package protocol

import (
	"net/http"
	"testing"
)

// TestRequestHeaders goes through what of an HTTP request a message is told.
func TestRequestHeaders(t *testing.T) {
	header := http.Header{}
	for _, name := range []string{
		"Host", "User-Agent", "Accept-Language", "Accept-Encoding", "Cookie", "Authorization", "Proxy-Authorization", "X-Forwarded-For",
		"X-Forwarded-Access-Token", "X-Auth-Request-User", "X-Amzn-Oidc-Data", "X-Ditto-Pre-Authenticated", "X-Id-Token", "X-Api-Key", "Ocp-Apim-Subscription-Key", "X-Access-Key",
		"X-My-Secret", "X-Password", "X-Csrf-Token", "Sec-Fetch-Mode", "Content-Length", "Origin", "Referer", "If-Modified-Since",
		"Range", "Ditto-Sudo", "Ditto-Auth-Context", "Ditto-Originator", "Etag", "X-Real-Ip", "X-Request-Id", "Upgrade", "Te",
		"Ssl-Client-Cert", "Cf-Connecting-Ip",
	} {
		header.Set(name, "hidden")
	}
	header.Set("Content-Type", "text/plain")
	header.Set("If-Match", `"rev:1"`)
	header.Set("X-Mine", "a")
	header.Add("X-Mine", "b")
	header.Set("Ditto-Own", "\xff\"")
	header.Set("Device", "lamp")
	h, err := RequestHeaders(header, map[string][]string{"timeout": {"5s"}, "fields": {"a"}, "device": {"other"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name, raw := range h.All() {
		got[name] = string(raw)
	}
	want := map[string]string{
		"content-type": `"text/plain"`, "if-match": `"\"rev:1\""`, "timeout": `"5s"`,
		"x-mine": `"a,b"`, "ditto-own": `"` + "\uFFFD" + `\""`, "device": `"lamp"`,
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s is %s, want %s", name, got[name], value)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("passes on %v", got)
	}
	header["Timeout"] = []string{"1s", "2s"}
	if _, err := RequestHeaders(header, nil); err == nil || err.Code != "gateway:duplicate.header.field" {
		t.Errorf("refused with %v", err)
	}
}

func TestAllShown(t *testing.T) {
	var h Headers
	h.SetString(HeaderCondition, "hidden")
	h.SetString(HeaderReplyTo, `a"b`)
	h.Set(HeaderRequestedAcks, []byte(`["a-b"]`))
	h.Set(HeaderEntityRevision, []byte(`3`))
	text := ""
	for name, value := range h.AllShown() {
		text += name + "=" + value + ";"
	}
	if want := `reply-to=a"b;requested-acks=["a-b"];entity-revision=3;`; text != want {
		t.Errorf("shown are %s, want %s", text, want)
	}
	for range h.AllShown() {
		break
	}
}

// TestRequestPolicyView takes the parameter, which is none of a handshake, like the header.
func TestRequestPolicyView(t *testing.T) {
	query := map[string][]string{"policy-view": {"resolved"}}
	h, err := RequestHeaders(map[string][]string{"Policy-View": {"resolved"}}, query)
	if view, _ := h.String(HeaderPolicyView); err != nil || view != "resolved" {
		t.Errorf("view %q, error %v", view, err)
	}
	if _, err := RequestHeaders(map[string][]string{"Policy-View": {"original"}}, query); err == nil || err.Code != "gateway:duplicate.header.field" {
		t.Errorf("two views: %v", err)
	}
	if h, err := SessionHeaders(nil, query); err != nil || h.Len() > 0 {
		t.Errorf("a handshake has %s, error %v", names(h), err)
	}
}
