package compile

import (
	"maps"
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
)

// References are the names of the objects that an object refers to, in its own
// namespace, sorted and each once.
type References struct {
	Secrets, ConfigMaps []string
}

// GatewayReferences returns what a change of can change what becomes of the
// Gateway.
func GatewayReferences(g *v1alpha1.Gateway) References {
	r := references{}
	if basic := g.Spec.Authentication.Basic; basic != nil {
		r.secret(&basic.UsersSecretRef)
	}
	for _, p := range g.Spec.Authentication.OIDC {
		if p.Keys != nil {
			r.content(p.Keys.JWKS)
			r.content(p.Keys.CA)
		}
	}
	if tls := g.Spec.Listener.TLS; tls != nil {
		r.secret(&tls.CertificateRef)
	}
	return r.sorted()
}

// ConnectionReferences returns what a change of can change what becomes of the
// Connection.
func ConnectionReferences(c *v1alpha1.Connection) References {
	r := references{}
	if credentials := c.Spec.Credentials; credentials != nil {
		r.secret(credentials.Basic)
		r.secret(credentials.ClientCertificate)
		if credentials.Bearer != nil {
			r.add(secretKind, credentials.Bearer.Name)
		}
		if credentials.OAuth2 != nil {
			r.secret(&credentials.OAuth2.ClientSecretRef)
		}
		if credentials.HMAC != nil {
			r.secret(&credentials.HMAC.SecretRef)
		}
	}
	if c.Spec.TLS != nil {
		r.content(c.Spec.TLS.CA)
	}
	return r.sorted()
}

// references collects names by kind.
type references map[string]map[string]bool

func (r references) add(kind, name string) {
	if r[kind] == nil {
		r[kind] = map[string]bool{}
	}
	r[kind][name] = true
}

func (r references) secret(ref *v1alpha1.SecretReference) {
	if ref != nil {
		r.add(secretKind, ref.Name)
	}
}

func (r references) content(ref *v1alpha1.ContentReference) {
	if ref == nil {
		return
	}
	if ref.SecretKeyRef != nil {
		r.add(secretKind, ref.SecretKeyRef.Name)
	}
	if ref.ConfigMapKeyRef != nil {
		r.add(configMapKind, ref.ConfigMapKeyRef.Name)
	}
}

func (r references) sorted() References {
	return References{
		Secrets:    slices.Sorted(maps.Keys(r[secretKind])),
		ConfigMaps: slices.Sorted(maps.Keys(r[configMapKind])),
	}
}
