package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is asked of a gateway that runs without a cluster.
func TestConnectionsOfALocalGateway(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /connections", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"name":"field","type":"MQTT","state":"Failed","message":"nobody listens at 127.0.0.1:1883","subscriptions":[]}]`))
	})
	mux.HandleFunc("GET /connections/field/events", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`[{"time":"2026-01-02T03:04:05Z","kind":"lost","failure":true,"message":"EOF"}]`))
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	admin := strings.TrimPrefix(server.URL, "http://")
	for name, test := range map[string]struct {
		args      []string
		code      int
		out, errs string
	}{
		"all":        {[]string{"--admin", admin}, exitOK, "Connection field (MQTT)  Failed: nobody listens at 127.0.0.1:1883", ""},
		"as JSON":    {[]string{"--admin", admin, "-o", "json"}, exitOK, `"state": "Failed"`, ""},
		"events":     {[]string{"--admin", admin, "--events", "field"}, exitOK, "FAILED  lost", ""},
		"no such":    {[]string{"--admin", admin, "--events", "a/b"}, exitFailed, "", "404 Not Found"},
		"nobody":     {[]string{"--admin", "127.0.0.1:1"}, exitFailed, "", "ask the gateway at 127.0.0.1:1"},
		"no address": {[]string{"--admin", "a b"}, exitUsage, "", "it is no address"},
		"more":       {[]string{"field"}, exitUsage, "", "connections [flags]"},
		"format":     {[]string{"-o", "xml"}, exitUsage, "", "is not json"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := outcome(append([]string{"connections"}, test.args...)...)
			if code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, errs)
			}
			mustSay(t, "out", out, test.out)
			mustSay(t, "errors", errs, test.errs)
		})
	}
}
