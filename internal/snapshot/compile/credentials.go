package compile

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxCredential = 4 << 10  // bytes of a user name, a password, an id or a secret
	maxToken      = 32 << 10 // bytes
	maxScopes     = 16
)

func (c *check) credentials(path string, credentials *v1alpha1.ConnectionCredentials, ix *index) *snapshot.Credentials {
	if credentials == nil {
		return nil
	}
	ways := 0
	for _, there := range []bool{
		credentials.Basic != nil, credentials.Bearer != nil, credentials.OAuth2 != nil, credentials.ClientCertificate != nil,
		credentials.HMAC != nil,
	} {
		if there {
			ways++
		}
	}
	if ways != 1 {
		c.errorf(path, snapshot.RuleRequired, "must have exactly one of basic, bearer, oauth2, clientCertificate and hmac")
	}
	return &snapshot.Credentials{
		Basic:             c.basicCredentials(path+".basic", credentials.Basic, ix),
		Bearer:            c.bearer(path+".bearer", credentials.Bearer, ix),
		OAuth2:            c.oauth2(path+".oauth2", credentials.OAuth2, ix),
		ClientCertificate: c.clientCertificate(path+".clientCertificate", credentials.ClientCertificate, ix),
		HMAC:              c.hmac(path+".hmac", credentials.HMAC, ix),
	}
}

func (c *check) basicCredentials(path string, ref *v1alpha1.SecretReference, ix *index) *snapshot.BasicCredentials {
	if ref == nil {
		return nil
	}
	holder, entries := c.entries(path, *ref, ix, maxCredential, "username", "password")
	if holder == nil {
		return nil
	}
	if strings.Contains(entries[0], ":") {
		holder.errorf("data[username]", snapshot.RuleSyntax, "must have no colon, which ends a user name")
	}
	return &snapshot.BasicCredentials{
		Username: holder.printableSecret("username", entries[0]),
		Password: snapshot.SecretContent(entries[1]),
	}
}

func (c *check) bearer(path string, ref *v1alpha1.KeyReference, ix *index) snapshot.SecretContent {
	if ref == nil {
		return ""
	}
	holder, key, data := c.secretEntry(path, *ref, ix)
	if holder == nil {
		return ""
	}
	token, ok := holder.secretText(key, data, maxToken)
	if !ok {
		return ""
	}
	return holder.printableSecret(key, token)
}

// printableSecret checks that an entry of a Secret can be sent in a header.
func (c *check) printableSecret(key, text string) snapshot.SecretContent {
	if !noControls.MatchString(text) {
		c.errorf("data["+key+"]", snapshot.RuleSyntax, "must be %s", noControlsDescription)
	}
	return snapshot.SecretContent(text)
}

func (c *check) oauth2(path string, o *v1alpha1.OAuth2ClientCredentials, ix *index) *snapshot.OAuth2ClientCredentials {
	if o == nil {
		return nil
	}
	checked := &snapshot.OAuth2ClientCredentials{
		TokenEndpoint: c.endpoint(path+".tokenEndpoint", o.TokenEndpoint),
		Scopes:        set(c, path+".scopes", optional(c, path+".scopes", o.Scopes, maxScopes, c.scope)),
		Audience:      c.optionalText(path+".audience", o.Audience, noControls, 512, noControlsDescription),
	}
	if holder, entries := c.entries(path+".clientSecretRef", o.ClientSecretRef, ix, maxCredential, "client-id", "client-secret"); holder != nil {
		checked.ClientID = holder.printableSecret("client-id", entries[0])
		checked.ClientSecret = holder.printableSecret("client-secret", entries[1])
	}
	return checked
}

var scopeSyntax = regexp.MustCompile(`^[!#-~]+$`)

func (c *check) scope(path string, value v1alpha1.Scope) string {
	return c.text(path, string(value), scopeSyntax, 256, "printable ASCII characters without spaces and quotes")
}

func (c *check) clientCertificate(path string, ref *v1alpha1.SecretReference, ix *index) *snapshot.ClientCertificate {
	if ref == nil {
		return nil
	}
	certificate, key := c.keyPair(path, *ref, ix)
	return &snapshot.ClientCertificate{Certificate: certificate, Key: key}
}

var hostSyntax = regexp.MustCompile(`^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?([.][a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)*$`)

func (c *check) connectionTLS(path string, t *v1alpha1.ConnectionTLS, ix *index) snapshot.ConnectionTLS {
	if t == nil {
		return snapshot.ConnectionTLS{}
	}
	checked := snapshot.ConnectionTLS{CA: c.content(path+".ca", t.CA, maxCertificates, ix, (*check).certificates)}
	if t.ServerName == nil {
		return checked
	}
	if _, err := netip.ParseAddr(*t.ServerName); err == nil {
		checked.ServerName = *t.ServerName
		return checked
	}
	checked.ServerName = c.text(path+".serverName", *t.ServerName, hostSyntax, maxSubdomain, "a DNS name or an IP address")
	return checked
}
