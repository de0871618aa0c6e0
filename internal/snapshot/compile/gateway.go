package compile

import (
	"regexp"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// gateway checks the spec of a Gateway, which is an effective one, and returns
// its configuration, which means something only when no error was found.
func (c *check) gateway(spec v1alpha1.GatewaySpec, ix *index) *snapshot.Snapshot {
	c.gatewayName()
	snap := &snapshot.Snapshot{
		Version:          snapshot.FormatVersion,
		Gateway:          snapshot.Identity{Namespace: c.object.Namespace, Name: c.object.Name},
		Listener:         c.listener(spec.Listener, ix),
		Authentication:   c.authentication(spec.Authentication, ix),
		EntityCreation:   c.entityCreation(spec.EntityCreation),
		NamespaceAccess:  c.namespaceAccess(spec.NamespaceAccess),
		Policies:         c.policies(spec.Policies),
		Storage:          c.storage(spec.Storage),
		Search:           c.search(spec.Search),
		HTTP:             c.http(spec.HTTP),
		DefaultNamespace: c.entityNamespace("spec.defaultNamespace", *spec.DefaultNamespace, 128),
		Limits:           c.limits(spec.Limits),
		Session: snapshot.Session{
			PingInterval:     c.duration("spec.session.pingInterval", *spec.Session.PingInterval, time.Second, 10*time.Minute),
			HandshakeTimeout: c.duration("spec.session.handshakeTimeout", *spec.Session.HandshakeTimeout, 100*time.Millisecond, time.Minute),
			CommandTimeout:   c.duration("spec.session.commandTimeout", *spec.Session.CommandTimeout, time.Second, 10*time.Minute),
		},
		Drain: snapshot.Drain{
			MinDelay: c.duration("spec.drain.minDelay", *spec.Drain.MinDelay, 0, 10*time.Minute),
			Budget:   c.duration("spec.drain.budget", *spec.Drain.Budget, time.Second, time.Hour),
		},
	}
	c.cluster(spec)
	return snap
}

// gatewayNameSyntax is that of the names of Services, which Gateways give theirs.
var gatewayNameSyntax = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

const maxGatewayName = 40

func isGatewayName(name string) bool {
	return len(name) <= maxGatewayName && gatewayNameSyntax.MatchString(name)
}

func (c *check) gatewayName() {
	c.objectNamespace()
	switch name := c.object.Name; {
	case name == "":
		c.errorf("metadata.name", snapshot.RuleRequired, "is required")
	case !isGatewayName(name):
		c.errorf("metadata.name", snapshot.RuleSyntax,
			"the name must be a DNS label that begins with a letter, of at most %d characters: Services are named after it", maxGatewayName)
	}
}

func (c *check) listener(listener v1alpha1.Listener, ix *index) snapshot.Listener {
	checked := snapshot.Listener{Port: c.integer("spec.listener.port", listener.Port, 1, 65_535)}
	if listener.TLS != nil {
		certificate, key := c.keyPair("spec.listener.tls.certificateRef", listener.TLS.CertificateRef, ix)
		checked.TLS = &snapshot.ListenerTLS{Certificate: certificate, Key: key}
	}
	return checked
}

func (c *check) storage(storage *v1alpha1.Storage) snapshot.Storage {
	return snapshot.Storage{
		Type:      snapshot.StorageType(choice(c, "spec.storage.type", *storage.Type, v1alpha1.StorageEmbedded)),
		CacheSize: c.size("spec.storage.cacheSize", *storage.CacheSize, 1<<20, 64<<30),
		History:   c.history(storage.History),
	}
}

func (c *check) history(history *v1alpha1.History) snapshot.History {
	checked := snapshot.History{
		MaxRecords: c.integer("spec.storage.history.maxRecords", *history.MaxRecords, 1, 100_000),
	}
	if history.MaxAge != nil {
		checked.MaxAge = c.duration("spec.storage.history.maxAge", *history.MaxAge, time.Hour, 87_600*time.Hour)
	}
	return checked
}

func (c *check) limits(limits *v1alpha1.Limits) snapshot.Limits {
	sessions := limits.Sessions
	return snapshot.Limits{
		Message: snapshot.MessageLimits{
			MaxSize: c.size("spec.limits.message.maxSize", *limits.Message.MaxSize, 1<<10, 64<<20),
		},
		Thing: snapshot.ThingLimits{
			MaxSize: c.integer("spec.limits.thing.maxSize", *limits.Thing.MaxSize, 1024, 4_194_304),
		},
		Policy: snapshot.PolicyLimits{
			MaxSize:    c.integer("spec.limits.policy.maxSize", *limits.Policy.MaxSize, 1024, 4_194_304),
			MaxImports: c.integer("spec.limits.policy.maxImports", *limits.Policy.MaxImports, 0, 64),
		},
		Sessions: snapshot.SessionLimits{
			Max:              c.integer("spec.limits.sessions.max", *sessions.Max, 1, 1_000_000),
			InFlightCommands: c.integer("spec.limits.sessions.inFlightCommands", *sessions.InFlightCommands, 1, 65_536),
			OutboundQueue:    c.integer("spec.limits.sessions.outboundQueue", *sessions.OutboundQueue, 1, 1_000_000),
			Overflow: snapshot.Overflow(choice(c, "spec.limits.sessions.overflow", *sessions.Overflow,
				v1alpha1.OverflowClose, v1alpha1.OverflowDropNewest)),
		},
		Authentication: snapshot.AuthenticationLimits{
			FailuresPerMinute: c.integer("spec.limits.authentication.failuresPerMinute",
				*limits.Authentication.FailuresPerMinute, 1, 10_000),
		},
	}
}
