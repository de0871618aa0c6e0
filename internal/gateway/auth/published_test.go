package auth

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"
)

// aged is a clock that begins at now, and tokens of an issuer that are valid for days.
func aged(t *testing.T) (o *oidc, tokens *Tokens, clock *fakeClock, token string) {
	t.Helper()
	o, clock = newOIDC(t), &fakeClock{}
	clock.now.Store(now.UnixNano())
	return o, newTokens(t, clock.Now, o.issuer()), clock, o.token(t, map[string]any{"exp": now.Add(72 * time.Hour).Unix()})
}

func (o *oidc) mustHaveBeenAsked(t *testing.T, want int64) {
	t.Helper()
	if got := o.asked.Load(); got != want {
		t.Fatalf("the keys were fetched %d times, want %d", got, want)
	}
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
}

func TestKeysAreFetchedOnce(t *testing.T) {
	o, tokens, clock, token := aged(t)
	o.mustHaveBeenAsked(t, 0)
	for range 10 {
		mustRenew(t, tokens, token)
	}
	clock.advance(refreshKeysAfter - 1)
	mustRenew(t, tokens, token)
	o.mustHaveBeenAsked(t, 1)
}

func TestKeyRotation(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	renewed := sign(t, jose.RS256, "next", otherRSA(), o.claims(map[string]any{"exp": now.Add(72 * time.Hour).Unix()}))

	clock.advance(fetchInterval)
	mustRefuse(t, tokens, renewed, errTokenKey)
	o.mustHaveBeenAsked(t, 2)

	// The new key counts as soon as the issuer may be asked again.
	o.publish("next", otherRSA().Public())
	o.withdraw("p256")
	clock.advance(fetchInterval - 1)
	mustRefuse(t, tokens, renewed, errTokenKey)
	mustRenew(t, tokens, token)
	o.mustHaveBeenAsked(t, 2)
	clock.advance(1)
	mustRenew(t, tokens, renewed)
	o.mustHaveBeenAsked(t, 3)

	// And the old one has gone with the same fetch.
	mustRefuse(t, tokens, token, errTokenKey)
	o.mustHaveBeenAsked(t, 3)
}

// A key that keeps its id must not stay what it was.
func TestKeyIsReplaced(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	o.publish("p256", p384Key().Public())
	clock.advance(keysFreshFor)
	mustRefuse(t, tokens, token, errTokenKey)
	mustRenew(t, tokens, sign(t, jose.ES384, "p256", p384Key(), o.claims(nil)))
}

// Keys are fetched again in time, and nobody waits for it.
func TestKeysAreRefreshed(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	release := make(chan struct{})
	o.answerWith("/keys", func(w http.ResponseWriter, r *http.Request) {
		<-release
		o.answerWith("/keys", nil)
		o.ServeHTTP(w, r)
	})
	clock.advance(refreshKeysAfter)
	mustRenew(t, tokens, token)
	close(release)
	tokens.fetches.done.Wait()
	asked := o.asked.Load()
	clock.advance(keysFreshFor - refreshKeysAfter)
	mustRenew(t, tokens, token)
	o.mustHaveBeenAsked(t, asked)
}

// A key that was withdrawn while no tokens came is not good for one more.
func TestOldKeysAreNotTrustedUnseen(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	o.withdraw("p256")
	clock.advance(keysFreshFor)
	mustRefuse(t, tokens, token, errTokenKey)
}

func TestOutage(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	unknown := sign(t, jose.RS256, "next", otherRSA(), o.claims(map[string]any{"exp": now.Add(72 * time.Hour).Unix()}))
	o.answerWith("/keys", unavailable)

	// Known keys stay, unknown ones cannot be known, and the issuer is left in peace between two attempts.
	clock.advance(2 * keysFreshFor)
	mustRenew(t, tokens, token)
	o.mustHaveBeenAsked(t, 2)
	for range 10 {
		mustRenew(t, tokens, token)
		mustRefuse(t, tokens, unknown, ErrKeysUnavailable)
	}
	o.mustHaveBeenAsked(t, 2)

	clock.advance(keysUsableFor - 2*keysFreshFor - 1)
	mustRenew(t, tokens, token)
	tokens.fetches.done.Wait()
	clock.advance(1)
	mustRefuse(t, tokens, token, ErrKeysUnavailable)

	// What has failed is tried again.
	o.answerWith("/keys", nil)
	clock.advance(fetchInterval)
	mustRenew(t, tokens, token)
	mustRefuse(t, tokens, unknown, errTokenKey)
}

func TestOutageFromTheBeginning(t *testing.T) {
	o, tokens, clock, token := aged(t)
	o.answerWith("/realm"+discoveryPath, unavailable)
	mustRefuse(t, tokens, token, ErrKeysUnavailable)
	o.answerWith("/realm"+discoveryPath, nil)
	clock.advance(fetchInterval - 1)
	mustRefuse(t, tokens, token, ErrKeysUnavailable)
	clock.advance(1)
	mustRenew(t, tokens, token)
}

// Once an outage is known, nobody waits for an issuer that does not answer.
func TestNobodyWaitsDuringAnOutage(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	o.answerWith("/keys", unavailable)
	clock.advance(keysFreshFor)
	mustRenew(t, tokens, token)

	o.answerWith("/keys", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	clock.advance(fetchInterval)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tokens.Renew(ctx, token); err != nil {
		t.Errorf("it waits: %v", err)
	}
}

func TestBadAnswers(t *testing.T) {
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	const discovery = "/realm" + discoveryPath
	good := string(must(json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{KeyID: "p256", Key: p256Key().Public()}}})))
	for _, tc := range []struct {
		name, path string
		answer     http.HandlerFunc
	}{
		{"discovery is not found", discovery, http.NotFound},
		{"discovery is not JSON", discovery, answer("<html>")},
		{"discovery is empty", discovery, answer("{}")},
		{"discovery is huge", discovery, answer(`{"x":"` + strings.Repeat("x", maxAnswer) + `"}`)},
		{"discovery goes in circles", discovery, redirect(discovery)},
		{"keys are not found", "/keys", http.NotFound},
		{"keys come with an error", "/keys", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, good)
		}},
		{"keys and more", "/keys", answer(good + strings.Repeat(" ", maxAnswer))},
		{"keys are not JSON", "/keys", answer("-----BEGIN PUBLIC KEY-----")},
		{"there are no keys", "/keys", answer(`{"keys":[]}`)},
		{"keys are something else", "/keys", answer(`{"keys":"p256"}`)},
		{"keys are huge", "/keys", answer(`{"keys":["` + strings.Repeat("x", maxAnswer) + `"]}`)},
		{"keys are huge when unpacked", "/keys", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 64 {
				_, _ = io.WriteString(z, strings.Repeat(" ", maxAnswer))
			}
			_ = z.Close()
		}},
		{"keys break off", "/keys", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"keys":[`)
		}},
		{"keys never come", "/keys", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"keys trickle", "/keys", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				time.Sleep(time.Millisecond)
			}
		}},
		{"another scheme", "/keys", redirect("ftp://127.0.0.1/keys")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := newOIDC(t)
			o.answerWith(tc.path, tc.answer)
			tokens, err := NewTokens(TokenOptions{
				Issuers: []Issuer{o.issuer()}, Clock: atNow, FetchTimeout: 300 * time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer tokens.Close()
			start := time.Now()
			mustRefuse(t, tokens, o.token(t, nil), ErrKeysUnavailable)
			if took := time.Since(start); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestDiscoveryIsChecked(t *testing.T) {
	for _, tc := range []struct {
		name, member string
		value        func(o *oidc) any
		ok           bool
	}{
		{"issuer without slash", "issuer", func(o *oidc) any { return o.URL + "/realm" }, true},
		{"another issuer", "issuer", func(o *oidc) any { return o.URL + "/other" }, false},
		{"no issuer", "issuer", func(*oidc) any { return nil }, false},
		{"no keys", "jwks_uri", func(*oidc) any { return nil }, false},
		{"keys in a file", "jwks_uri", func(*oidc) any { return "file:///etc/passwd" }, false},
		{"keys nowhere", "jwks_uri", func(*oidc) any { return "http:///keys" }, false},
		{"keys at a relative URL", "jwks_uri", func(*oidc) any { return "/keys" }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := newOIDC(t)
			o.describeWith(tc.member, tc.value(o))
			tokens := newTokens(t, atNow, o.issuer())
			if !tc.ok {
				mustRefuse(t, tokens, o.token(t, nil), ErrKeysUnavailable)
				return
			}
			mustRenew(t, tokens, o.token(t, nil))
		})
	}
}

// endless is an issuer whose answers redirect, or do not end.
type endless struct {
	redirect       bool
	requests, read int
}

func (e *endless) RoundTrip(r *http.Request) (*http.Response, error) {
	e.requests++
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(e), Request: r}
	if e.redirect {
		answer.StatusCode, answer.Body = http.StatusFound, http.NoBody
		answer.Header.Set("Location", "/again")
	}
	return answer, nil
}

func (e *endless) Read(p []byte) (int, error) {
	if e.read += len(p); e.read > 10*maxAnswer {
		return 0, errors.New("it would never end")
	}
	return len(p), nil
}

func TestAnswersAreBounded(t *testing.T) {
	for _, e := range []*endless{{}, {redirect: true}} {
		client := &http.Client{Transport: e, CheckRedirect: checkRedirect}
		if _, err := get(t.Context(), client, "https://issuer.example"); err == nil {
			t.Error("accepted")
		}
		if e.read > 2*maxAnswer || e.requests > 1+maxRedirects {
			t.Errorf("%d requests, %d bytes read", e.requests, e.read)
		}
	}
}

func TestRedirectIsFollowed(t *testing.T) {
	o := newOIDC(t)
	o.describeWith("jwks_uri", o.URL+"/old")
	o.answerWith("/old", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/keys", http.StatusFound) })
	mustRenew(t, newTokens(t, atNow, o.issuer()), o.token(t, nil))
}

// With https, nothing is fetched without it, and the certificate has to be signed by the given authority.
func TestDiscoveryOverTLS(t *testing.T) {
	plain := newOIDC(t)
	o := unstartedOIDC(t)
	o.Config.ErrorLog = discardLog()
	o.StartTLS()
	o.describe()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw})
	with := func(ca []byte) *Tokens {
		i := o.issuer()
		i.CA = ca
		return newTokens(t, atNow, i)
	}
	token := o.token(t, nil)

	mustRefuse(t, with(nil), token, ErrKeysUnavailable)
	mustRenew(t, with(ca), token)

	o.describeWith("jwks_uri", plain.URL+"/keys")
	mustRefuse(t, with(ca), token, ErrKeysUnavailable)
	o.describeWith("jwks_uri", o.URL+"/keys")
	o.answerWith("/keys", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+"/keys", http.StatusFound)
	})
	mustRefuse(t, with(ca), token, ErrKeysUnavailable)
	plain.mustHaveBeenAsked(t, 0)
}

func TestUnusableKeysDoNotSpoilOthers(t *testing.T) {
	good := string(must(json.Marshal(jose.JSONWebKey{KeyID: "p256", Key: p256Key().Public()})))
	odd := `{"kty":"new","kid":"a"},{"kty":"EC","kid":"b","crv":"P-0","x":"AA","y":"AA"},7,` +
		`{"kty":"RSA","kid":"c","n":"AQAB","e":"AQAB"},{"kty":"oct","kid":"d","k":"c2VjcmV0"},`
	set, err := parseKeys([]byte(`{"keys":[` + odd + good + `]}`))
	if err != nil || len(set) != 1 || set[0].KeyID != "p256" {
		t.Errorf("%d keys, error %v", len(set), err)
	}
	many, err := parseKeys([]byte(`{"keys":[` + strings.Repeat(good+",", 1000) + good + `]}`))
	if err != nil || len(many) != maxKeys {
		t.Errorf("%d keys, error %v", len(many), err)
	}
}

// Any number of tokens with unknown keys cause one fetch, and all get its outcome.
func TestConcurrentFetches(t *testing.T) {
	o, tokens, clock, token := aged(t)
	mustRenew(t, tokens, token)
	clock.advance(fetchInterval)
	o.publish("next", otherRSA().Public())
	claims := o.claims(nil)
	var wg sync.WaitGroup
	for n := range 100 {
		next := sign(t, jose.RS256, "next", otherRSA(), claims)
		made := sign(t, jose.ES256, fmt.Sprint("made up ", n), p256Key(), claims)
		wg.Go(func() { mustRenewAsync(t, tokens, next) })
		wg.Go(func() {
			if _, err := tokens.Renew(t.Context(), made); !errors.Is(err, errTokenKey) {
				t.Errorf("error %v", err)
			}
		})
	}
	wg.Wait()
	o.mustHaveBeenAsked(t, 2)
}

func mustRenewAsync(t *testing.T, tokens *Tokens, token string) {
	if _, err := tokens.Renew(t.Context(), token); err != nil {
		t.Errorf("refused: %v", err)
	}
}

// Who gives up does not take the others' fetch along.
func TestWhoWaitsCanGiveUp(t *testing.T) {
	o, tokens, _, token := aged(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	o.answerWith("/keys", func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
		o.answerWith("/keys", nil)
		o.ServeHTTP(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := tokens.Renew(ctx, token)
		first <- err
	}()
	<-arrived
	second := make(chan error, 1)
	go func() {
		_, err := tokens.Renew(t.Context(), token)
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, ErrKeysUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(release)
	if err := <-second; err != nil {
		t.Errorf("error %v", err)
	}
}

func TestCloseEndsFetches(t *testing.T) {
	o := newOIDC(t)
	before := goleak.IgnoreCurrent()
	arrived := make(chan struct{})
	o.answerWith("/keys", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	tokens, err := NewTokens(TokenOptions{Issuers: []Issuer{o.issuer()}, Clock: atNow, FetchTimeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error, 1)
	token := o.token(t, nil)
	go func() {
		_, err := tokens.Renew(t.Context(), token)
		failed <- err
	}()
	<-arrived
	tokens.Close()
	if err := <-failed; !errors.Is(err, ErrKeysUnavailable) {
		t.Errorf("error %v", err)
	}
	mustRefuse(t, tokens, token, ErrKeysUnavailable)
	tokens.Close()
	o.Close()
	goleak.VerifyNone(t, before)
}

func TestFetchesAreTold(t *testing.T) {
	o := newOIDC(t)
	told := make(chan error, 1)
	tokens, err := NewTokens(TokenOptions{
		Issuers: []Issuer{o.issuer()}, Clock: atNow,
		Fetched: func(issuer string, err error) {
			if issuer != issuerName(o.URL+"/realm") {
				t.Errorf("issuer %q", issuer)
			}
			told <- err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer tokens.Close()
	mustRenew(t, tokens, o.token(t, nil))
	if err := <-told; err != nil {
		t.Errorf("error %v", err)
	}
}

// An update while tokens arrive and keys are fetched harms nothing.
func TestConcurrentUpdates(t *testing.T) {
	o, tokens, clock, token := aged(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				mustRenewAsync(t, tokens, token)
			}
		})
	}
	wg.Go(func() {
		for n := range 50 {
			i := o.issuer()
			i.Key = fmt.Sprint("k", n)
			if err := tokens.Update([]Issuer{i}); err != nil {
				t.Error(err)
			}
			clock.advance(time.Minute)
		}
	})
	wg.Wait()
}
