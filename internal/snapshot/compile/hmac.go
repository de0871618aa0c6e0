package compile

import (
	"encoding/base64"
	"regexp"
	"slices"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxSignedHeaders = 16
	maxSignedName    = 64 // characters of a region or a service
)

// hmacKeys are the entries of a Secret, by algorithm: the name of the key and the
// key.
var hmacKeys = map[v1alpha1.HMACAlgorithm][2]string{
	v1alpha1.HMACAWS4:         {"access-key", "secret-key"},
	v1alpha1.HMACAzureMonitor: {"workspace-id", "shared-key"},
	v1alpha1.HMACAzureSAS:     {"shared-key-name", "shared-key"},
}

// hmac checks with which key requests are signed, and how.
func (c *check) hmac(path string, h *v1alpha1.HMACCredentials, ix *index) *snapshot.HMAC {
	if h == nil {
		return nil
	}
	c.fitsAlgorithm(path, h)
	checked := &snapshot.HMAC{
		Algorithm: snapshot.HMACAlgorithm(choice(c, path+".algorithm", h.Algorithm,
			v1alpha1.HMACAWS4, v1alpha1.HMACAzureMonitor, v1alpha1.HMACAzureSAS)),
		Region:        c.optionalText(path+".region", h.Region, signedNameSyntax, maxSignedName, signedNameDescription),
		Service:       c.optionalText(path+".service", h.Service, signedNameSyntax, maxSignedName, signedNameDescription),
		SignedHeaders: c.signedHeaders(path+".signedHeaders", h.SignedHeaders),
		Endpoint:      c.optionalText(path+".endpoint", h.Endpoint, printableSyntax, maxURI, "printable ASCII characters without spaces"),
	}
	if h.ContentHash != nil {
		checked.ContentHash = snapshot.ContentHash(choice(c, path+".contentHash", *h.ContentHash,
			v1alpha1.ContentHashExcluded, v1alpha1.ContentHashIncluded, v1alpha1.ContentHashUnsigned))
	}
	if h.PathEncoding != nil {
		encoding := choice(c, path+".pathEncoding", *h.PathEncoding, v1alpha1.PathEncodedOnce, v1alpha1.PathEncodedTwice)
		checked.SingleEncoding = encoding == v1alpha1.PathEncodedOnce
	}
	if h.TTL != nil {
		checked.TTL = c.duration(path+".ttl", *h.TTL, time.Minute, 8760*time.Hour)
	}
	c.hmacKey(path+".secretRef", h, ix, checked)
	return checked
}

var (
	signedNameSyntax = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)
	printableSyntax  = regexp.MustCompile(`^[[:graph:]]+$`)
	headerNameSyntax = regexp.MustCompile(`^[a-z0-9-]+$`)
)

const signedNameDescription = "letters, digits and hyphens"

// fitsAlgorithm checks that everything is there that the algorithm needs, and
// nothing that it has no use for.
func (c *check) fitsAlgorithm(path string, h *v1alpha1.HMACCredentials) {
	forAWS := h.Region != nil || h.Service != nil || h.ContentHash != nil || h.PathEncoding != nil || h.SignedHeaders != nil
	switch {
	case h.Algorithm == v1alpha1.HMACAWS4 && (h.Region == nil || h.Service == nil):
		c.errorf(path, snapshot.RuleRequired, "region and service are required for algorithm AWS4-HMAC-SHA256")
	case h.Algorithm != v1alpha1.HMACAWS4 && forAWS:
		c.errorf(path, snapshot.RuleKnown, "region, service, contentHash, pathEncoding and signedHeaders are for algorithm AWS4-HMAC-SHA256")
	}
	switch {
	case h.Algorithm == v1alpha1.HMACAzureSAS && h.Endpoint == nil:
		c.errorf(path, snapshot.RuleRequired, "endpoint is required for algorithm AzureSAS")
	case h.Algorithm != v1alpha1.HMACAzureSAS && (h.Endpoint != nil || h.TTL != nil):
		c.errorf(path, snapshot.RuleKnown, "endpoint and ttl are for algorithm AzureSAS")
	}
}

// signedHeaders checks the names of headers and adds host, which no signature can
// be without.
func (c *check) signedHeaders(path string, names []v1alpha1.HeaderName) []string {
	checked := set(c, path, optional(c, path, names, maxSignedHeaders, func(path string, name v1alpha1.HeaderName) string {
		return c.text(path, string(name), headerNameSyntax, 128, "lower-case letters, digits and hyphens")
	}))
	const host = "host"
	if checked == nil || slices.Contains(checked, host) {
		return checked
	}
	at, _ := slices.BinarySearch(checked, host)
	return slices.Insert(checked, at, host)
}

// hmacKey reads the key and its name.
func (c *check) hmacKey(path string, h *v1alpha1.HMACCredentials, ix *index, into *snapshot.HMAC) {
	keys, known := hmacKeys[h.Algorithm]
	if !known {
		c.objectName(path+".name", h.SecretRef.Name)
		return
	}
	holder, entries := c.entries(path, h.SecretRef, ix, maxCredential, keys[0], keys[1])
	if holder == nil {
		return
	}
	into.KeyID = holder.printableSecret(keys[0], entries[0])
	into.Key = snapshot.SecretContent(entries[1])
	if _, err := base64.StdEncoding.DecodeString(entries[1]); err != nil && h.Algorithm != v1alpha1.HMACAWS4 {
		holder.errorf("data["+keys[1]+"]", snapshot.RuleSyntax, "must be a key in base64")
	}
}
