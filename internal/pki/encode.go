package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// Keys of what Encode returns.
const (
	currentCertificate  = "current.crt"
	currentKey          = "current.key"
	nextCertificate     = "next.crt"
	nextKey             = "next.key"
	previousCertificate = "previous.crt"
)

const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"
)

// Encode returns the authority as data of a Secret, private keys included, for
// ParseAuthority.
func (a *Authority) Encode() map[string][]byte {
	data := map[string][]byte{}
	put := func(r *root, certificate, key string) {
		if r == nil {
			return
		}
		data[certificate] = encodeCertificate(r.certificate)
		if r.key != nil {
			// Every key here was made or read by this package and can be encoded.
			data[key], _ = encodeKey(r.key)
		}
	}
	put(a.current, currentCertificate, currentKey)
	put(a.next, nextCertificate, nextKey)
	put(a.previous, previousCertificate, "")
	return data
}

func encodeCertificate(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: certificate.Raw})
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}
