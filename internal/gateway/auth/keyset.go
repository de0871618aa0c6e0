package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeys    = 32 // of an issuer; further ones are ignored
	minRSABits = 2048
	maxRSABits = 8192 // longer keys only cost time
)

// keySet are keys that can be verified with. It does not change.
type keySet []jose.JSONWebKey

var errNoKeys = errors.New("no usable key: each needs a key id and a public RSA key of 2048 to 8192 bits or EC key")

// parseKeys reads a key set (RFC 7517). Keys of other kinds or without an id are left out, but there must be one that is
// not.
func parseKeys(text []byte) (keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, errors.New("not a JSON Web Key Set")
	}
	var set keySet
	for _, text := range raw.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(text); err == nil && usable(&key) && len(set) < maxKeys {
			set = append(set, key)
		}
	}
	if len(set) == 0 {
		return nil, errNoKeys
	}
	return set, nil
}

func usable(key *jose.JSONWebKey) bool {
	if key.KeyID == "" || key.Use != "" && key.Use != "sig" || !key.Valid() {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		bits := public.N.BitLen()
		return bits >= minRSABits && bits <= maxRSABits
	case *ecdsa.PublicKey:
		return true
	}
	return false
}

// find implements keys.
func (s keySet) find(_ context.Context, id string, algorithm jose.SignatureAlgorithm) (*jose.JSONWebKey, error) {
	for i := range s {
		if s[i].KeyID == id && fits(&s[i], algorithm) {
			return &s[i], nil
		}
	}
	return nil, errTokenKey
}

// fits tells whether the key may verify signatures of the algorithm, so that one made for an algorithm is not used with
// another one.
func fits(key *jose.JSONWebKey, algorithm jose.SignatureAlgorithm) bool {
	if key.Algorithm != "" && key.Algorithm != string(algorithm) {
		return false
	}
	curve, isEC := curves[algorithm]
	if public, ok := key.Key.(*ecdsa.PublicKey); ok {
		return isEC && public.Curve == curve
	}
	return !isEC
}

var curves = map[jose.SignatureAlgorithm]elliptic.Curve{
	jose.ES256: elliptic.P256(), jose.ES384: elliptic.P384(), jose.ES512: elliptic.P521(),
}
