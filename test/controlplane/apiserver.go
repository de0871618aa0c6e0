package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"

	"k8s.io/client-go/rest"
)

// serviceRange is where Services get their addresses.
const serviceRange = "10.96.0.0/16"

// ServerURL returns the address of the API server.
func (c *ControlPlane) ServerURL() string {
	return fmt.Sprintf("https://%s:%d", c.options.Address, portAPI)
}

// StartAPIServer runs the API server and returns when it is ready. Start has
// done so already: this is for after StopAPIServer.
func (c *ControlPlane) StartAPIServer(ctx context.Context) error {
	if c.api != nil && c.api.State() == nil {
		return errors.New("kube-apiserver runs already")
	}
	p, err := c.run("kube-apiserver", c.apiServerArgs()...)
	if err != nil {
		return err
	}
	c.api = p
	return c.await(ctx, "kube-apiserver", p, c.ready)
}

// StopAPIServer ends the API server and leaves what it stored. Clients that
// watch see their connections end.
func (c *ControlPlane) StopAPIServer() {
	if c.api != nil {
		// Asked to, it would wait a minute for those who watch.
		c.api.Kill()
	}
}

func (c *ControlPlane) apiServerArgs() []string {
	args := []string{
		fmt.Sprintf("--etcd-servers=http://%s:%d", c.options.Address, portEtcd),
		"--bind-address=" + c.options.Address.String(),
		"--advertise-address=" + c.options.Address.String(),
		fmt.Sprintf("--secure-port=%d", portAPI),
		"--tls-cert-file=" + c.file("apiserver.crt"),
		"--tls-private-key-file=" + c.file("apiserver.key"),
		"--client-ca-file=" + c.file("ca.crt"),
		"--service-account-key-file=" + c.file("sa.key"),
		"--service-account-signing-key-file=" + c.file("sa.key"),
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-cluster-ip-range=" + serviceRange,
		"--allow-privileged=true",
		"--profiling=false",
		"--requestheader-client-ca-file=" + c.file("front-proxy-ca.crt"),
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
	}
	if !c.options.ControllerManager {
		// Without a controller that makes default service accounts no pod would be
		// admitted.
		args = append(args, "--disable-admission-plugins=ServiceAccount")
	}
	if !c.options.Nodes {
		return append(args, "--authorization-mode=RBAC", "--endpoint-reconciler-type=none")
	}
	return append(args,
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--kubelet-client-certificate="+c.file("kubelet-client.crt"),
		"--kubelet-client-key="+c.file("kubelet-client.key"),
		"--kubelet-certificate-authority="+c.file("ca.crt"),
		"--kubelet-preferred-address-types=InternalIP",
	)
}

func (c *ControlPlane) ready(ctx context.Context) error {
	return c.trusted(ctx, c.ServerURL()+"/readyz")
}

// trusted gets the URL from a server with a certificate of the control plane.
func (c *ControlPlane) trusted(ctx context.Context, url string) error {
	roots := x509.NewCertPool()
	roots.AddCert(c.cluster.certificate)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	return getWith(ctx, &http.Client{Transport: transport}, url)
}

func get(ctx context.Context, url string) error {
	return getWith(ctx, http.DefaultClient, url)
}

func getWith(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
	return fmt.Errorf("%s: %s: %s", url, response.Status, body)
}

// Config returns how the user reaches the API server. It does not limit its own
// requests: tests are not the ones to be protected from.
func (c *ControlPlane) Config(user string, groups ...string) (*rest.Config, error) {
	pair, err := c.cluster.issue(user, groups, nil, nil)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host: c.ServerURL(),
		TLSClientConfig: rest.TLSClientConfig{
			CAData: c.cluster.pem, CertData: pair.certificate, KeyData: pair.key,
		},
		QPS: -1,
	}, nil
}

// AdminConfig returns how somebody who may do everything reaches the API server.
func (c *ControlPlane) AdminConfig() (*rest.Config, error) {
	return c.Config("admin", "system:masters")
}
