package compile

import (
	"crypto/x509"
	"encoding/pem"
	"strings"

	"github.com/twinway/twinway/internal/snapshot"
)

const maxCertificates = 256 << 10 // bytes

// certificates checks certificates in PEM. They count from 1 in findings, which
// show nothing of what is there, as that may be a secret by mistake.
func (c *check) certificates(path string, data []byte) {
	n := 0
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		n++
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			c.errorf(path, snapshot.RuleCertificates, "block %d is a private key; only certificates belong here, and the key must be replaced", n)
			return
		}
		if block.Type != "CERTIFICATE" {
			c.errorf(path, snapshot.RuleCertificates, "block %d is no certificate", n)
			return
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			c.errorf(path, snapshot.RuleCertificates, "certificate %d cannot be parsed", n)
			return
		}
	}
	switch {
	case n == 0:
		c.errorf(path, snapshot.RuleCertificates, "must be certificates in PEM")
	case strings.Contains(string(data), "-----BEGIN"):
		c.errorf(path, snapshot.RuleCertificates, "block %d is not complete", n+1)
	}
}
