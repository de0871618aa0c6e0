package compile

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxKeySet  = 64 << 10 // bytes
	maxKeys    = 32
	minRSABits = 2048
)

// keySet checks a JSON Web Key Set. As providers publish keys for other uses in
// it too, keys that cannot verify a token are left out with a warning, or
// without if they say that they are for something else. Keys count from 1 in
// findings, which show nothing of what is in the set, as that may be a secret by
// mistake.
func (c *check) keySet(path string, data []byte) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(data, &set) != nil {
		c.errorf(path, snapshot.RuleKeys, "must be a JSON Web Key Set: an object with a list of keys")
		return
	}
	if len(set.Keys) > maxKeys {
		c.errorf(path, snapshot.RuleKeys, "must have 1 to %d keys, got %d", maxKeys, len(set.Keys))
		return
	}
	if c.secretKeys(path, set.Keys) {
		return
	}
	first := map[string]int{}
	for i, raw := range set.Keys {
		id, problem := verifyingKey(raw)
		if problem != "" {
			c.warnf(path, snapshot.RuleKeys, "key %d is left out: it %s", i+1, problem)
		}
		if id == "" {
			continue
		}
		if j, twice := first[id]; twice {
			c.warnf(path, snapshot.RuleKeys, "key %d has the kid of key %d: the first of them that fits a token is the only one tried", i+1, j)
			continue
		}
		first[id] = i + 1
	}
	if len(first) == 0 {
		c.errorf(path, snapshot.RuleKeys, "must have a public RSA or EC key (P-256, P-384, P-521) for signatures, with a kid")
	}
}

// secretKeys reports keys that are secret, whatever else they are, and says
// whether there are any.
func (c *check) secretKeys(path string, keys []json.RawMessage) (found bool) {
	for i, raw := range keys {
		var secret struct {
			D json.RawMessage `json:"d"`
			K json.RawMessage `json:"k"`
		}
		if json.Unmarshal(raw, &secret) != nil || secret.D == nil && secret.K == nil {
			continue
		}
		found = true
		if secret.D != nil {
			c.errorf(path, snapshot.RuleKeys, "key %d is private, it has a member d: only public keys belong here, and this one must be replaced", i+1)
		} else {
			c.errorf(path, snapshot.RuleKeys, "key %d is a shared secret, it has a member k: only public keys belong here", i+1)
		}
	}
	return found
}

// verifyingKey returns the id of a key that tokens can be verified with; if it
// is empty, the key is none, and problem says why unless the key is meant for
// something else.
func verifyingKey(raw json.RawMessage) (id, problem string) {
	var key jose.JSONWebKey
	if json.Unmarshal(raw, &key) != nil {
		// The library refuses RSA keys of more than 4096 bits as well.
		return "", "is no key of a known type and size"
	}
	if key.Use != "" && key.Use != "sig" {
		return "", ""
	}
	switch public := key.Key.(type) {
	case *ecdsa.PublicKey:
	case *rsa.PublicKey:
		if public.N.BitLen() < minRSABits {
			return "", fmt.Sprintf("is an RSA key of less than %d bits", minRSABits)
		}
	default:
		return "", "is neither an RSA nor an EC key"
	}
	if key.KeyID == "" {
		return "", "has no kid, by which tokens could name it"
	}
	return key.KeyID, ""
}
