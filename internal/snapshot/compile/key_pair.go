package compile

import (
	"crypto/tls"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const maxKeyPair = 64 << 10 // bytes of the certificates, and of the key

// keyPair returns the certificates and the private key of the Secret that a
// field refers to.
func (c *check) keyPair(path string, ref v1alpha1.SecretReference, ix *index) (snapshot.Content, snapshot.SecretContent) {
	holder, entries := c.entries(path, ref, ix, maxKeyPair, "tls.crt", "tls.key")
	if holder == nil {
		return "", ""
	}
	certificates, key := entries[0], entries[1]
	before := len(holder.report.findings)
	if holder.certificates("data[tls.crt]", []byte(certificates)); len(holder.report.findings) > before {
		return "", ""
	}
	pair, err := tls.X509KeyPair([]byte(certificates), []byte(key))
	if err != nil {
		// The error may say what is in the key.
		holder.errorf("data[tls.key]", snapshot.RuleCertificates, "must be the private key, in PEM, of the first certificate of tls.crt")
		return "", ""
	}
	switch leaf := pair.Leaf; {
	case ix.now.After(leaf.NotAfter):
		holder.warnf("data[tls.crt]", snapshot.RuleCertificates, "the certificate has expired at %s", leaf.NotAfter.UTC().Format(time.RFC3339))
	case ix.now.Before(leaf.NotBefore):
		holder.warnf("data[tls.crt]", snapshot.RuleCertificates, "the certificate is not valid before %s", leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return snapshot.Content(certificates), snapshot.SecretContent(key)
}
