package auth

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
)

func basicValue(userPassword string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userPassword))
}

func TestBasicCredentials(t *testing.T) {
	for _, tc := range []struct {
		name           string
		values         []string
		user, password string
		err            error
	}{
		{name: "user and password", values: []string{basicValue("ditto:secret")}, user: "ditto", password: "secret"},
		{name: "the scheme is case-insensitive", values: []string{"bAsIc ZGl0dG86c2VjcmV0"}, user: "ditto", password: "secret"},
		{name: "a password may contain colons", values: []string{basicValue("ditto:a:b:")}, user: "ditto", password: "a:b:"},
		{name: "a password may be empty", values: []string{basicValue("ditto:")}, user: "ditto"},
		{name: "bytes beyond ASCII are taken as they are", values: []string{basicValue("dürer:\xff")}, user: "dürer", password: "\xff"},
		{name: "longest name", values: []string{basicValue(strings.Repeat("u", 256) + ":p")}, user: strings.Repeat("u", 256), password: "p"},

		{name: "no header", err: ErrNoCredentials},
		{name: "another scheme", values: []string{"Bearer abc"}, err: ErrNoCredentials},
		{name: "a scheme that begins the same", values: []string{"BasicX abc"}, err: ErrNoCredentials},
		{name: "empty value", values: []string{""}, err: ErrNoCredentials},

		{name: "no credentials after the scheme", values: []string{"Basic"}, err: ErrWrongCredentials},
		{name: "twice", values: []string{basicValue("a:b"), basicValue("a:b")}, err: ErrWrongCredentials},
		{name: "not base64", values: []string{"Basic ???"}, err: ErrWrongCredentials},
		{name: "no colon", values: []string{basicValue("ditto")}, err: ErrWrongCredentials},
		{name: "no user", values: []string{basicValue(":secret")}, err: ErrWrongCredentials},
		{name: "control character in the name", values: []string{basicValue("dit\nto:secret")}, err: ErrWrongCredentials},
		{name: "NUL in the password", values: []string{basicValue("ditto:sec\x00ret")}, err: ErrWrongCredentials},
		{name: "DEL in the password", values: []string{basicValue("ditto:sec\x7fret")}, err: ErrWrongCredentials},
		{name: "name too long", values: []string{basicValue(strings.Repeat("u", 257) + ":p")}, err: ErrWrongCredentials},
		{name: "header too long", values: []string{basicValue("u:" + strings.Repeat("p", 2048))}, err: ErrWrongCredentials},
	} {
		t.Run(tc.name, func(t *testing.T) {
			user, password, err := basicCredentials(http.Header{"Authorization": tc.values})
			if user != tc.user || password != tc.password || !errors.Is(err, tc.err) {
				t.Errorf("got %q, %q, %v; want %q, %q, %v", user, password, err, tc.user, tc.password, tc.err)
			}
		})
	}
}

// FuzzBasicHeader holds the parser against net/http's: what is accepted here means the same there, and it is within the
// bounds.
func FuzzBasicHeader(f *testing.F) {
	for _, seed := range []string{
		"", "Basic", "Basic ", basicValue("ditto:ditto"), basicValue("a:b:c"), basicValue(":"), basicValue("ditto"),
		"basic ZGl0dG86ZGl0dG8", "Bearer x", "Basic  ZGl0dG86ZGl0dG8=", basicValue("a\x00:b"), "Basic Zm9v\nOmJhcg==",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		header := http.Header{"Authorization": {value}}
		user, password, err := basicCredentials(header)
		if err != nil {
			if user != "" || password != "" {
				t.Fatalf("credentials %q, %q beside the error %v", user, password, err)
			}
			if !errors.Is(err, ErrNoCredentials) && !errors.Is(err, ErrWrongCredentials) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if !validUserName(user) || hasControl(password) || len(password) > maxAuthorization {
			t.Fatalf("accepted %q, %q", user, password)
		}
		wantUser, wantPassword, ok := (&http.Request{Header: header}).BasicAuth()
		if !ok || user != wantUser || password != wantPassword {
			t.Fatalf("got %q, %q; net/http has %q, %q, %v", user, password, wantUser, wantPassword, ok)
		}
	})
}
