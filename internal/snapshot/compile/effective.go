package compile

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// Effective returns the spec of a Gateway with every field filled in that was
// left out, as far as there is a default. With EffectiveConnection and
// EffectiveSubscription it is the one place where defaults live. The spec given
// is not changed.
func Effective(spec v1alpha1.GatewaySpec) v1alpha1.GatewaySpec {
	s := *spec.DeepCopy()
	if basic := s.Authentication.Basic; basic != nil {
		fill(&basic.SubjectPrefix, "nginx")
	}
	for i := range s.Authentication.OIDC {
		fillProvider(&s.Authentication.OIDC[i])
	}
	fill(&s.Authentication.ClockSkew, "10s")
	fill(&s.Authentication.TokenIntegrationSubject, snapshot.DefaultTokenIntegrationSubject)

	creation := fill(&s.EntityCreation, v1alpha1.EntityCreation{})
	fillList(&creation.Grant, v1alpha1.CreationRule{})
	for _, rules := range [][]v1alpha1.CreationRule{creation.Grant, creation.Revoke} {
		for i := range rules {
			fillCreationRule(&rules[i])
		}
	}
	for i := range s.NamespaceAccess {
		fillList(&s.NamespaceAccess[i].ResourceTypes, v1alpha1.ResourceThing, v1alpha1.ResourcePolicy)
		fillList(&s.NamespaceAccess[i].AllowedNamespaces, "*")
	}

	policies := fill(&s.Policies, v1alpha1.Policies{})
	fill(&policies.LockoutPrevention, v1alpha1.Enabled)
	fill(&policies.SubjectExpiryGranularity, "1h")
	announcements := fill(&policies.Announcements, v1alpha1.Announcements{})
	fill(&announcements.Granularity, "1m")
	fill(&announcements.GracePeriod, "4h")
	fill(&announcements.Timeout, "60s")

	storage := fill(&s.Storage, v1alpha1.Storage{})
	fill(&storage.Type, v1alpha1.StorageEmbedded)
	fill(&storage.CacheSize, *bytes(64 << 20))
	fillVolume(fill(&storage.Volume, v1alpha1.Volume{}))
	fill(&fill(&storage.History, v1alpha1.History{}).MaxRecords, 100)

	fill(&s.Search, v1alpha1.Search{})
	if cors := fill(&s.HTTP, v1alpha1.HTTP{}).CORS; cors != nil {
		fill(&cors.Credentials, v1alpha1.Disabled)
		fill(&cors.MaxAge, "10m")
	}

	fill(&s.DefaultNamespace, "org.eclipse.ditto")

	limits := fill(&s.Limits, v1alpha1.Limits{})
	fill(&fill(&limits.Message, v1alpha1.MessageLimits{}).MaxSize, *bytes(1 << 20))
	fill(&fill(&limits.Thing, v1alpha1.ThingLimits{}).MaxSize, 100*1024)
	policy := fill(&limits.Policy, v1alpha1.PolicyLimits{})
	fill(&policy.MaxSize, 100*1024)
	fill(&policy.MaxImports, 10)
	sessions := fill(&limits.Sessions, v1alpha1.SessionLimits{})
	fill(&sessions.Max, 10_000)
	fill(&sessions.InFlightCommands, 256)
	fill(&sessions.OutboundQueue, 10_000)
	fill(&sessions.Overflow, v1alpha1.OverflowClose)
	fill(&fill(&limits.Authentication, v1alpha1.AuthenticationLimits{}).FailuresPerMinute, 30)

	session := fill(&s.Session, v1alpha1.Session{})
	fill(&session.PingInterval, "30s")
	fill(&session.HandshakeTimeout, "10s")
	fill(&session.CommandTimeout, "60s")

	drain := fill(&s.Drain, v1alpha1.Drain{})
	fill(&drain.MinDelay, "5s")
	fill(&drain.Budget, "30s")

	fillWorkload(&s)
	return s
}

func fillProvider(p *v1alpha1.OIDCProvider) {
	fillList(&p.Subjects, "{{ jwt:sub }}")
	fillList(&p.Algorithms, signingAlgorithms...)
}

func fillCreationRule(r *v1alpha1.CreationRule) {
	fillList(&r.ResourceTypes, v1alpha1.ResourceThing, v1alpha1.ResourcePolicy)
	fillList(&r.Namespaces, "*")
	fillList(&r.AuthSubjects, "*")
	fillList(&r.ThingDefinitions, "", "*")
}

// fill sets an optional field to its default where it was left out, and
// returns what the field points to then.
func fill[T any](field **T, value T) *T {
	if *field == nil {
		*field = &value
	}
	return *field
}

// fillList sets an optional list to its default where it was left out. An empty
// list was not: it is not allowed, as it could be taken for either.
func fillList[T any](field *[]T, values ...T) {
	if *field == nil {
		*field = slices.Clone(values)
	}
}
