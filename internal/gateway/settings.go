package gateway

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/persisted"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/rest"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/snapshot"
)

// averageSignal is what one signal may take on average of a session's queue
// before its bytes, and not the number of signals, are what bounds it.
const averageSignal = 4 << 10

// The snapshot's cache is shared: the larger part for blocks of the store, the
// others for records that are in use and for the policies that govern them.
func storeCache(s *snapshot.Snapshot) int64  { return s.Storage.CacheSize / 2 }
func recordCache(s *snapshot.Snapshot) int64 { return s.Storage.CacheSize / 4 }
func policyCache(s *snapshot.Snapshot) int64 { return s.Storage.CacheSize / 4 }

// indexRules are fixed as long as the store is open: what a thing loses of the index must be what it gained.
func indexRules(s *snapshot.Snapshot) index.Rules {
	if s.Search.Index == nil {
		return index.Rules{}
	}
	return index.NewRules(s.Search.Index.Fields)
}

func sessionSettings(s *snapshot.Snapshot) session.Settings {
	limits := s.Limits.Sessions
	overflow := session.Close
	if limits.Overflow == snapshot.OverflowDropNewest {
		overflow = session.DropNewest
	}
	return session.Settings{
		MaxSessions:      limits.Max,
		MaxMessage:       s.Limits.Message.MaxSize,
		InFlight:         limits.InFlightCommands,
		QueueFrames:      limits.OutboundQueue,
		QueueBytes:       limits.OutboundQueue * averageSignal,
		Overflow:         overflow,
		PingInterval:     s.Session.PingInterval,
		HandshakeTimeout: s.Session.HandshakeTimeout,
	}
}

func restSettings(s *snapshot.Snapshot) rest.Settings {
	return rest.Settings{
		DefaultNamespace:      s.DefaultNamespace,
		Timeout:               s.Session.CommandTimeout,
		AuthenticationTimeout: s.Session.HandshakeTimeout,
		MaxBody:               s.Limits.Message.MaxSize,
		CORS:                  cors(s.HTTP.CORS),
	}
}

func cors(c *snapshot.CORS) *rest.CORS {
	if c == nil {
		return nil
	}
	return &rest.CORS{
		Origins: c.AllowedOrigins, AnyOrigin: slices.Contains(c.AllowedOrigins, snapshot.AnyOrigin),
		Credentials: c.Credentials == snapshot.Enabled, MaxAge: c.MaxAge,
	}
}

func twinSettings(s *snapshot.Snapshot) twin.Settings {
	return twin.Settings{
		DefaultNamespace: s.DefaultNamespace,
		Timeout:          s.Session.CommandTimeout,
		Limits:           thing.Limits{MaxSize: s.Limits.Thing.MaxSize},
	}
}

func relaySettings(s *snapshot.Snapshot) relay.Settings {
	return relay.Settings{
		DefaultNamespace: s.DefaultNamespace,
		Timeout:          s.Session.CommandTimeout,
		Limits:           thing.Limits{MaxSize: s.Limits.Thing.MaxSize},
	}
}

func policiesSettings(s *snapshot.Snapshot) policies.Settings {
	return policies.Settings{DefaultNamespace: s.DefaultNamespace, Timeout: s.Session.CommandTimeout}
}

func persistedSettings(s *snapshot.Snapshot) persisted.Settings {
	return persisted.Settings{DefaultNamespace: s.DefaultNamespace, Timeout: s.Session.CommandTimeout}
}

func searchSettings(s *snapshot.Snapshot) search.Settings {
	return search.Settings{Timeout: s.Session.CommandTimeout}
}

func authoritySettings(s *snapshot.Snapshot) authority.Settings {
	roots := model.RootPolicies{}
	for _, root := range s.Policies.NamespaceRoots {
		roots[root.Pattern] = root.Policies
	}
	return authority.Settings{
		Creation: authority.CreationRules{
			Grant: creationRules(s.EntityCreation.Grant), Revoke: creationRules(s.EntityCreation.Revoke),
		},
		Policies: policy.Settings{
			MaxSize:                 s.Limits.Policy.MaxSize,
			MaxImports:              s.Limits.Policy.MaxImports,
			LockoutPrevention:       s.Policies.LockoutPrevention == snapshot.Enabled,
			ExpiryGranularity:       s.Policies.SubjectExpiryGranularity,
			AnnouncementGranularity: s.Policies.Announcements.Granularity,
			Roots:                   roots,
		},
	}
}

func creationRules(rules []snapshot.CreationRule) (converted []authority.CreationRule) {
	for _, r := range rules {
		converted = append(converted, authority.CreationRule{
			Groups: groups(r.ResourceTypes), Namespaces: wildcards(r.Namespaces),
			AuthSubjects: wildcards(r.AuthSubjects), Definitions: wildcards(r.ThingDefinitions),
		})
	}
	return converted
}

func expirySettings(s *snapshot.Snapshot) expiry.Settings {
	a := s.Policies.Announcements
	// No grace at all is what the shortest there is comes to; zero would be the default.
	return expiry.Settings{GracePeriod: max(a.GracePeriod, 1), AttemptTimeout: a.Timeout}
}
