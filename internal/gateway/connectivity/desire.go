package connectivity

import (
	"reflect"
	"slices"

	"github.com/twinway/twinway/internal/snapshot"
)

// desire is what a connection is to be.
type desire struct {
	connection        *snapshot.Connection
	outbound, inbound []*snapshot.Subscription
	// parted says that the gateway is out of service.
	parted bool
	// gone says that there is to be no such connection, and that the rest means nothing.
	gone bool
}

// open reports whether the connection is to be open.
func (d *desire) open() bool {
	return !d.gone && !d.parted && d.connection.State == snapshot.ConnectionOpen
}

// serves reports whether a client that was dialled for another desire serves this one.
func (d *desire) serves(dialled *desire) bool {
	return d == dialled || d.open() && sameClient(d.connection, dialled.connection)
}

// declared returns the labels of acknowledgements that may come in through the connection, sorted.
func (d *desire) declared() (labels []string) {
	for i := range d.connection.Sources {
		labels = append(labels, d.connection.Sources[i].DeclaredAcks...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// sameClient reports whether a client that was dialled for one connection serves the other. Credentials and trust may change, as
// long as it is the same way to prove something: a client takes them when it next needs them.
func sameClient(a, b *snapshot.Connection) bool {
	return reflect.DeepEqual(lasting(a), lasting(b))
}

// lasting returns a connection without what may change while a client lasts.
func lasting(c *snapshot.Connection) snapshot.Connection {
	l := *c
	l.TLS = snapshot.ConnectionTLS{ServerName: c.TLS.ServerName}
	l.Reconnect = snapshot.Reconnect{}
	l.Credentials = way(c.Credentials)
	return l
}

// way returns credentials without their secrets.
func way(c *snapshot.Credentials) *snapshot.Credentials {
	if c == nil {
		return nil
	}
	w := &snapshot.Credentials{}
	switch {
	case c.Basic != nil:
		w.Basic = &snapshot.BasicCredentials{}
	case c.Bearer != "":
		w.Bearer = "a token"
	case c.ClientCertificate != nil:
		w.ClientCertificate = &snapshot.ClientCertificate{}
	case c.OAuth2 != nil:
		oauth := *c.OAuth2
		oauth.ClientID, oauth.ClientSecret = "", ""
		w.OAuth2 = &oauth
	case c.HMAC != nil:
		hmac := *c.HMAC
		hmac.KeyID, hmac.Key = "", ""
		w.HMAC = &hmac
	}
	return w
}

// sameSecrets reports whether two connections have the same credentials and trust.
func sameSecrets(a, b *snapshot.Connection) bool {
	return reflect.DeepEqual(a.Credentials, b.Credentials) && a.TLS == b.TLS
}
