package pki_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/snapshot"
)

func TestHandshake(t *testing.T) {
	authority, stranger := newAuthority(t), newAuthority(t)
	server := serverPair(t, authority, plant)
	client, err := authority.IssueClient(birth)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := stranger.IssueClient(birth)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		server, client tls.Certificate
		at             time.Time
		fails          string
	}{
		"operator and pod":                   {server: server, client: client, at: birth},
		"a clock that is behind":             {server: server, client: client, at: birth.Add(-4 * time.Minute)},
		"just before the end":                {server: server, client: client, at: birth.Add(90*day - time.Minute)},
		"after the end":                      {server: server, client: client, at: birth.Add(90*day + time.Minute), fails: "expired"},
		"pod of another Gateway":             {server: serverPair(t, authority, others), client: client, at: birth, fails: "certificate is valid for gw.plant-2"},
		"pod of another authority":           {server: serverPair(t, stranger, plant), client: client, at: birth, fails: "unknown authority"},
		"operator of another authority":      {server: server, client: foreign, at: birth, fails: "unknown authority"},
		"pod that plays operator":            {server: server, client: serverPair(t, authority, plant), at: birth, fails: "incompatible key usage"},
		"operator's certificate as a server": {server: client, client: client, at: birth, fails: "certificate is valid for operator.twinway.internal"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			clock := func() time.Time { return test.at }
			err := handshake(t,
				&tls.Config{MinVersion: tls.VersionTLS13, Time: clock, Certificates: []tls.Certificate{test.server}, ClientCAs: authority.Roots(), ClientAuth: tls.RequireAndVerifyClientCert},
				&tls.Config{MinVersion: tls.VersionTLS13, Time: clock, Certificates: []tls.Certificate{test.client}, RootCAs: authority.Roots(), ServerName: management.ServerName(plant),
					GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &test.client, nil }})
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
				t.Errorf("%v, want %q", err, test.fails)
			}
		})
	}
}

// handshake returns what went wrong on either side.
func handshake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, b := net.Pipe()
	served := make(chan error, 1)
	go func() {
		defer a.Close()
		served <- tls.Server(a, server).HandshakeContext(ctx)
	}()
	err := tls.Client(b, client).HandshakeContext(ctx)
	go func() { _, _ = io.Copy(io.Discard, b) }() // What the server still has to say.
	if failed := <-served; err == nil {
		err = failed
	}
	b.Close()
	return err
}

func TestCertificates(t *testing.T) {
	authority := newAuthority(t)
	certPEM, keyPEM, err := authority.IssueServer(plant, birth)
	if err != nil {
		t.Fatal(err)
	}
	leaf := serverPair(t, authority, plant).Leaf
	if bytes.Contains(certPEM, []byte("PRIVATE")) || !bytes.Contains(keyPEM, []byte("PRIVATE KEY")) {
		t.Error("certificate and key are not where they belong")
	}
	if got := leaf.DNSNames; !cmp.Equal(got, []string{"gw.plant-1.gateway.twinway.internal"}) {
		t.Errorf("names %q", got)
	}
	if got := leaf.ExtKeyUsage; !cmp.Equal(got, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}) {
		t.Errorf("usage %v", got)
	}
	if leaf.IsCA || leaf.KeyUsage != x509.KeyUsageDigitalSignature {
		t.Error("it could sign certificates")
	}
	root := certificates(t, authority.Bundle())[0]
	if !root.IsCA || !root.MaxPathLenZero || root.KeyUsage != x509.KeyUsageCertSign || !root.PermittedDNSDomainsCritical {
		t.Error("the root may do more than it should")
	}
}

// A certificate never outlives the root that issued it, even if nobody came by
// to replace that in time.
func TestCertificateEndsWithItsRoot(t *testing.T) {
	authority := newAuthority(t)
	now := birth.Add(364 * day)
	certPEM, _, err := authority.IssueServer(plant, now)
	if err != nil {
		t.Fatal(err)
	}
	if end := certificates(t, certPEM)[0].NotAfter; !end.Equal(birth.Add(365 * day)) {
		t.Errorf("it ends %s", end)
	}
}

// The longest names of objects make certificates as well: 40 and 63 characters.
func TestLongNames(t *testing.T) {
	authority := newAuthority(t)
	long := snapshot.Identity{Namespace: strings.Repeat("n", 63), Name: strings.Repeat("g", 40)}
	cert, key, err := authority.IssueServer(long, birth)
	if err != nil {
		t.Fatal(err)
	}
	if pki.RenewServer(authority, long, cert, key, birth) {
		t.Error("it is of no use")
	}
}

func TestRenew(t *testing.T) {
	authority := newAuthority(t)
	cert, key, err := authority.IssueServer(plant, birth)
	if err != nil {
		t.Fatal(err)
	}
	_, otherKey, err := authority.IssueServer(plant, birth)
	if err != nil {
		t.Fatal(err)
	}
	client, err := authority.IssueClient(birth)
	if err != nil {
		t.Fatal(err)
	}
	clientCert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: client.Certificate[0]})
	clientKey, err := x509.MarshalPKCS8PrivateKey(client.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	taken := advance(t, advance(t, authority, birth.Add(215*day)), birth.Add(245*day))
	late, lateKey, err := authority.IssueServer(plant, birth.Add(244*day))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		authority *pki.Authority
		id        snapshot.Identity
		cert, key []byte
		day       int
		want      bool
	}{
		"new":                               {authority, plant, cert, key, 0, false},
		"more than a third left":            {authority, plant, cert, key, 59, false},
		"a third left":                      {authority, plant, cert, key, 61, true},
		"ended":                             {authority, plant, cert, key, 91, true},
		"not yet valid":                     {authority, plant, cert, key, -1, true},
		"of another Gateway":                {authority, others, cert, key, 0, true},
		"of another authority":              {newAuthority(t), plant, cert, key, 0, true},
		"of a root that issues no more":     {taken, plant, late, lateKey, 250, false},
		"with another key":                  {authority, plant, cert, otherKey, 0, true},
		"for clients":                       {authority, plant, clientCert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: clientKey}), 0, true},
		"missing":                           {authority, plant, nil, nil, 0, true},
		"without key":                       {authority, plant, cert, nil, 0, true},
		"garbage":                           {authority, plant, []byte("garbage"), []byte("garbage"), 0, true},
		"a certificate that is none":        {authority, plant, block("CERTIFICATE", "garbage"), key, 0, true},
		"so long that it is not worth it":   {authority, plant, append(bytes.Repeat([]byte("\n"), 1<<20), cert...), key, 0, true},
		"two of them, of which one is ours": {authority, plant, append(bytes.Clone(late), cert...), key, 0, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			now := birth.Add(time.Duration(test.day) * day)
			if got := pki.RenewServer(test.authority, test.id, test.cert, test.key, now); got != test.want {
				t.Errorf("due is %v, want %v", got, test.want)
			}
		})
	}
}

func TestRenewClient(t *testing.T) {
	authority := newAuthority(t)
	client, err := authority.IssueClient(birth)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		authority *pki.Authority
		client    tls.Certificate
		day       int
		want      bool
	}{
		"new":                    {authority, client, 0, false},
		"more than a third left": {authority, client, 59, false},
		"a third left":           {authority, client, 61, true},
		"of another authority":   {newAuthority(t), client, 0, true},
		"a server":               {authority, serverPair(t, authority, plant), 0, true},
		"none":                   {authority, tls.Certificate{}, 0, true},
	} {
		if got := pki.RenewClient(test.authority, test.client, birth.Add(time.Duration(test.day)*day)); got != test.want {
			t.Errorf("%s: due is %v, want %v", name, got, test.want)
		}
	}
}

func TestParseAuthority(t *testing.T) {
	data := advance(t, newAuthority(t), birth.Add(215*day)).Encode()
	other := newAuthority(t).Encode()
	leaf, leafKey, err := newAuthority(t).IssueServer(plant, birth)
	if err != nil {
		t.Fatal(err)
	}
	with := func(changes map[string][]byte) map[string][]byte {
		changed := map[string][]byte{}
		maps.Copy(changed, data)
		maps.Copy(changed, changes)
		return changed
	}
	tests := map[string]struct {
		data map[string][]byte
		want string // part of the error; empty: none
	}{
		"what was encoded":             {data, ""},
		"with a key nobody knows":      {with(map[string][]byte{"note": []byte("kept by hand")}), ""},
		"without a successor":          {with(map[string][]byte{"next.crt": nil, "next.key": nil}), ""},
		"nothing":                      {nil, "current.crt is missing"},
		"a key that is missing":        {with(map[string][]byte{"current.key": nil}), "current.key: empty or missing"},
		"an empty certificate":         {with(map[string][]byte{"current.crt": {}}), "current.crt: empty or missing"},
		"garbage":                      {with(map[string][]byte{"current.crt": []byte("garbage")}), "current.crt: not exactly one PEM block"},
		"garbage after it":             {with(map[string][]byte{"current.crt": append(bytes.Clone(data["current.crt"]), "garbage"...)}), "current.crt: not exactly one PEM block"},
		"a PEM block of something":     {with(map[string][]byte{"current.crt": block("CERTIFICATE", "garbage")}), "current.crt: no certificate"},
		"a key of something":           {with(map[string][]byte{"next.key": block("PRIVATE KEY", "garbage")}), "next.key: no private key"},
		"a key where the root belongs": {with(map[string][]byte{"current.crt": data["current.key"]}), "current.crt: not exactly one PEM block"},
		"another key":                  {with(map[string][]byte{"current.key": other["current.key"]}), "current.key is not the key of current.crt"},
		"no root":                      {with(map[string][]byte{"current.crt": leaf, "current.key": leafKey}), "current.crt: not the certificate of an authority"},
		"far too long":                 {with(map[string][]byte{"previous.crt": bytes.Repeat([]byte("x"), 1<<20)}), "previous.crt: longer than"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := pki.ParseAuthority(test.data)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	authority := advance(t, newAuthority(t), birth.Add(215*day))
	read, err := pki.ParseAuthority(authority.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(authority.Encode(), read.Encode()); diff != "" {
		t.Error(diff)
	}
	advanced, _, err := authority.Advance(birth.Add(245 * day))
	if err != nil {
		t.Fatal(err)
	}
	after := advanced.Encode()
	if !bytes.Equal(after["previous.crt"], authority.Encode()["current.crt"]) {
		t.Error("the root before is not kept")
	}
	for name, value := range after {
		if bytes.Equal(value, authority.Encode()["current.key"]) {
			t.Errorf("%s still holds the key of the root that issues no more", name)
		}
	}
}

// However an authority gets into a text, its keys do not.
func TestKeysAreNotFormatted(t *testing.T) {
	authority := advance(t, newAuthority(t), birth.Add(215*day))
	var texts strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&texts, verb+"\n", authority)
		fmt.Fprintf(&texts, verb+"\n", *authority)
		fmt.Fprintf(&texts, verb+"\n", struct{ A any }{authority})
	}
	encoded, err := json.Marshal(map[string]any{"authority": authority})
	if err != nil {
		t.Fatal(err)
	}
	texts.Write(encoded)
	slog.New(slog.NewTextHandler(&texts, nil)).Info("x", "authority", authority, "value", *authority)
	slog.New(slog.NewJSONHandler(&texts, nil)).Info("x", "authority", authority, "value", *authority)
	for name, text := range authority.Encode() {
		if !strings.HasSuffix(name, ".key") {
			continue
		}
		secret := scalar(t, text)
		decimal := new(big.Int).SetBytes(secret).String()
		for _, form := range []string{fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprint(secret), decimal} {
			if strings.Contains(texts.String(), form) {
				t.Errorf("the key %s is shown: %s", name, form)
			}
		}
	}
}

func FuzzParseAuthority(f *testing.F) {
	authority, err := pki.NewAuthority(birth)
	if err != nil {
		f.Fatal(err)
	}
	data := authority.Encode()
	f.Add(data["current.crt"], data["current.key"], data["current.crt"])
	f.Add([]byte("garbage"), data["current.key"], []byte(nil))
	f.Add(block("CERTIFICATE", "\x30\x80"), block("PRIVATE KEY", "\x30\x80"), []byte{})
	f.Fuzz(func(t *testing.T, certificate, key, other []byte) {
		parsed, err := pki.ParseAuthority(map[string][]byte{
			"current.crt": certificate, "current.key": key,
			"next.crt": other, "next.key": key, "previous.crt": other,
		})
		if err != nil {
			return
		}
		again, err := pki.ParseAuthority(parsed.Encode())
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if diff := cmp.Diff(parsed.Encode(), again.Encode()); diff != "" {
			t.Fatal(diff)
		}
		if _, _, err := parsed.Advance(birth); err != nil {
			t.Fatal(err)
		}
	})
}

func serverPair(t *testing.T, a *pki.Authority, id snapshot.Identity) tls.Certificate {
	t.Helper()
	cert, key, err := a.IssueServer(id, birth)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func certificates(t *testing.T, text []byte) []*x509.Certificate {
	t.Helper()
	var found []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return found
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		found, text = append(found, certificate), rest
	}
}

func roots(bundle []byte) int { return bytes.Count(bundle, []byte("BEGIN")) }

// bundleDays returns on which day each root of a bundle was made.
func bundleDays(t *testing.T, bundle []byte) []int {
	t.Helper()
	var days []int
	for _, root := range certificates(t, bundle) {
		days = append(days, int(root.NotBefore.Add(pki.Skew).Sub(birth)/day))
	}
	return days
}

func block(kind, content string) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: []byte(content)})
}

// scalar returns the number that is the secret of a key.
func scalar(t *testing.T, text []byte) []byte {
	t.Helper()
	der, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(der.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := key.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return secret
}
