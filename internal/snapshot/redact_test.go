package snapshot_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNothingShowsSecrets(t *testing.T) {
	s := sample()
	logged := func(handler func(*bytes.Buffer) slog.Handler, value any) string {
		var out bytes.Buffer
		slog.New(handler(&out)).Info("loaded", "snapshot", value)
		return out.String()
	}
	text := func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) }
	jsonLog := func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) }
	marshalled, err := json.Marshal(map[string]any{"pointer": s, "value": *s})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{
		"String":          s.String(),
		"%v":              fmt.Sprintf("%v %v", s, *s),
		"%+v":             fmt.Sprintf("%+v %+v", s, *s),
		"%#v":             fmt.Sprintf("%#v %#v", s, *s),
		"%s %q":           fmt.Sprintf("%s %q", s, *s),
		"%x of a hash":    fmt.Sprintf("%x", s.Authentication.Basic.Users["ditto"]),
		"users":           fmt.Sprintf("%v %+v %#v", s.Authentication.Basic.Users, s.Authentication, *s.Authentication.Basic),
		"secrets":         fmt.Sprintf("%v %+v %#v %x", s.Connections, *s.Listener.TLS, s.Connections[1], s.Listener.TLS.Key),
		"credentials":     fmt.Sprintf("%v %+v %#v", *s.Connections[0].Credentials.Basic, *s.Connections[4].Credentials.OAuth2, *s.Connections[1].Credentials.ClientCertificate),
		"signing key":     fmt.Sprintf("%v %+v %#v", *s.Connections[5].Credentials.HMAC, s.Connections[5].Credentials, *s.Connections[5].Credentials),
		"JSON":            string(marshalled),
		"text log":        logged(text, s),
		"text log, value": logged(text, *s),
		"JSON log":        logged(jsonLog, s),
		"JSON log, value": logged(jsonLog, *s),
	}
	for how, what := range shown {
		if strings.Contains(what, "$2a$") || strings.Contains(what, fmt.Sprintf("%x", "$2a$")) {
			t.Errorf("%s shows a password hash: %s", how, what)
		}
		if strings.Contains(what, secret) || strings.Contains(what, fmt.Sprintf("%x", secret)) {
			t.Errorf("%s shows a secret: %s", how, what)
		}
	}
	if !bytes.Contains(s.Encode(), []byte(hash)) {
		t.Error("Encode must hold the password hashes")
	}
	if !bytes.Contains(s.Encode(), []byte(`"bearer":"`+secret+`"`)) {
		t.Error("Encode must hold the secrets")
	}
}

func TestStringNamesGatewayAndHash(t *testing.T) {
	s := sample()
	want := "snapshot " + s.Hash()[:12] + " of Gateway default/demo"
	if got := s.String(); got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}

// Keys and certificates are public, but nobody wants to read them in a log.
func TestContentFormatsAsItsIdentity(t *testing.T) {
	provider := sample().Authentication.OIDC[0]
	for how, what := range map[string]string{
		"%v":       fmt.Sprintf("%v", provider.JWKS),
		"%#v":      fmt.Sprintf("%#v", provider.JWKS),
		"provider": fmt.Sprintf("%v %+v %#v", provider, provider, provider),
	} {
		if strings.Contains(what, "2026-01") || !strings.Contains(what, "[39 bytes, sha256 6093dae4a260]") {
			t.Errorf("%s: %s", how, what)
		}
	}
	if !bytes.Contains(sample().Encode(), []byte("2026-01")) {
		t.Error("Encode must hold keys")
	}
}
