package pki

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// maxPEM bounds what is parsed, in bytes. A certificate of ours has about 700.
const maxPEM = 16 << 10

// ParseAuthority reads what Encode has returned. Keys of data that it does not
// know are ignored. Errors name the key of data and show nothing of its value.
func ParseAuthority(data map[string][]byte) (*Authority, error) {
	current, err := parseRoot(data, currentCertificate, currentKey)
	if err != nil {
		return nil, err
	}
	if current == nil {
		return nil, fmt.Errorf("%s is missing", currentCertificate)
	}
	next, err := parseRoot(data, nextCertificate, nextKey)
	if err != nil {
		return nil, err
	}
	previous, err := parseRoot(data, previousCertificate, "")
	if err != nil {
		return nil, err
	}
	return &Authority{current: current, next: next, previous: previous}, nil
}

// parseRoot returns nil if there is no such certificate. With an empty
// keyName the root has no key.
func parseRoot(data map[string][]byte, certificateName, keyName string) (*root, error) {
	if data[certificateName] == nil {
		return nil, nil
	}
	certificate, err := parseCertificate(data[certificateName])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", certificateName, err)
	}
	if keyName == "" {
		return &root{certificate: certificate}, nil
	}
	key, err := parseKey(data[keyName])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyName, err)
	}
	if !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, fmt.Errorf("%s is not the key of %s", keyName, certificateName)
	}
	return &root{certificate: certificate, key: key}, nil
}

func parseCertificate(text []byte) (*x509.Certificate, error) {
	der, err := parseBlock(text, certificateBlock)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errors.New("no certificate")
	}
	if !certificate.IsCA || !certificate.BasicConstraintsValid {
		return nil, errors.New("not the certificate of an authority")
	}
	if public, ok := certificate.PublicKey.(*ecdsa.PublicKey); !ok || public.Curve != elliptic.P256() {
		return nil, errors.New("the key is not of the curve P-256")
	}
	if err := certificate.CheckSignatureFrom(certificate); err != nil {
		return nil, errors.New("not signed by itself")
	}
	return certificate, nil
}

func parseKey(text []byte) (*ecdsa.PrivateKey, error) {
	der, err := parseBlock(text, keyBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		// What the parser says may quote what it read.
		return nil, errors.New("no private key")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("not a private key of the curve P-256")
	}
	return key, nil
}

// parseBlock returns the content of text, which is one PEM block.
func parseBlock(text []byte, kind string) ([]byte, error) {
	if len(text) == 0 {
		return nil, errors.New("empty or missing")
	}
	if len(text) > maxPEM {
		return nil, fmt.Errorf("longer than %d bytes", maxPEM)
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != kind || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("not exactly one PEM block %q", kind)
	}
	return block.Bytes, nil
}
