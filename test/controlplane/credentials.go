package controlplane

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
)

// serviceAddress is the address of the API server's own Service, the first of
// serviceRange.
var serviceAddress = netip.MustParseAddr("10.96.0.1")

// file returns the path of a credential.
func (c *ControlPlane) file(name string) string {
	return filepath.Join(c.options.Dir, "pki", name)
}

// writeCredentials makes the authorities, and the certificates and kubeconfigs
// of the programs.
func (c *ControlPlane) writeCredentials() error {
	if err := os.MkdirAll(c.file(""), 0o700); err != nil {
		return err
	}
	var err error
	if c.cluster, err = c.writeAuthority("ca"); err != nil {
		return err
	}
	if c.front, err = c.writeAuthority("front-proxy-ca"); err != nil {
		return err
	}
	if err := c.writeServiceAccountKey(); err != nil {
		return err
	}
	if err := c.writeServer(); err != nil {
		return err
	}
	kubelets, err := c.cluster.issue("kube-apiserver-kubelet-client", []string{"system:masters"}, nil, nil)
	if err != nil {
		return err
	}
	return kubelets.write(c.file(""), "kubelet-client")
}

func (c *ControlPlane) writeAuthority(name string) (*authority, error) {
	a, err := newAuthority(name)
	if err != nil {
		return nil, err
	}
	return a, os.WriteFile(c.file(name+".crt"), a.pem, 0o600)
}

// writeServiceAccountKey writes the key that signs the tokens of service
// accounts.
func (c *ControlPlane) writeServiceAccountKey() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	return os.WriteFile(c.file("sa.key"), encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), 0o600)
}

// writeServer writes the certificate of the API server, which controller manager
// and scheduler show as well.
func (c *ControlPlane) writeServer() error {
	service := "kubernetes.default.svc"
	pair, err := c.cluster.issue("kube-apiserver", nil,
		[]string{"localhost", "kubernetes", "kubernetes.default", service, service + ".cluster.local"},
		[]netip.Addr{c.options.Address, serviceAddress})
	if err != nil {
		return err
	}
	return pair.write(c.file(""), "apiserver")
}

// Kubeconfig writes a kubeconfig for the user and returns its path.
func (c *ControlPlane) Kubeconfig(user string, groups ...string) (string, error) {
	pair, err := c.cluster.issue(user, groups, nil, nil)
	if err != nil {
		return "", err
	}
	name := safeName(user)
	if err := pair.write(c.file(""), name); err != nil {
		return "", err
	}
	path := c.file(name + ".kubeconfig")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: %q, certificate-authority: %q}}]
users: [{name: user, user: {client-certificate: %q, client-key: %q}}]
contexts: [{name: test, context: {cluster: test, user: user}}]
current-context: test
`, c.ServerURL(), c.file("ca.crt"), c.file(name+".crt"), c.file(name+".key"))
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// ServerCertificate writes a certificate for a server of the cluster, at these
// addresses, and returns the paths of certificate and key.
func (c *ControlPlane) ServerCertificate(name string, addresses ...netip.Addr) (certificate, key string, err error) {
	pair, err := c.cluster.issue(name, nil, []string{name}, addresses)
	if err != nil {
		return "", "", err
	}
	return c.file(name + "-server.crt"), c.file(name + "-server.key"), pair.write(c.file(""), name+"-server")
}

// ClientAuthority returns the path of the authority that client certificates are
// from.
func (c *ControlPlane) ClientAuthority() string { return c.file("ca.crt") }

// safeName makes a file's name of a user's.
func safeName(user string) string {
	name := []byte(user)
	for i, b := range name {
		if b == ':' || b == '/' {
			name[i] = '-'
		}
	}
	return string(name)
}
