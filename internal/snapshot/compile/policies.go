package compile

import (
	"cmp"
	"regexp"
	"slices"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxNamespaceRoots = 64
	maxRootPolicies   = 10
)

func (c *check) policies(policies *v1alpha1.Policies) snapshot.Policies {
	const path = "spec.policies"
	const day = 24 * time.Hour
	announcements := policies.Announcements
	return snapshot.Policies{
		LockoutPrevention: snapshot.Toggle(choice(c, path+".lockoutPrevention", *policies.LockoutPrevention,
			v1alpha1.Enabled, v1alpha1.Disabled)),
		SubjectExpiryGranularity: c.duration(path+".subjectExpiryGranularity", *policies.SubjectExpiryGranularity, time.Second, day),
		Announcements: snapshot.Announcements{
			Granularity: c.duration(path+".announcements.granularity", *announcements.Granularity, time.Second, day),
			GracePeriod: c.duration(path+".announcements.gracePeriod", *announcements.GracePeriod, 0, 7*day),
			Timeout:     c.duration(path+".announcements.timeout", *announcements.Timeout, time.Second, time.Minute),
		},
		NamespaceRoots: c.namespaceRoots(path+".namespaceRoots", policies.NamespaceRoots),
	}
}

// namespaceRoots checks the roots, sorted by pattern.
func (c *check) namespaceRoots(path string, roots []v1alpha1.NamespaceRoot) []snapshot.NamespaceRoot {
	checked := optional(c, path, roots, maxNamespaceRoots, c.namespaceRoot)
	unique(c, path, checked, func(r snapshot.NamespaceRoot) string { return r.Pattern })
	slices.SortStableFunc(checked, func(a, b snapshot.NamespaceRoot) int { return cmp.Compare(a.Pattern, b.Pattern) })
	return checked
}

var (
	rootPatternSyntax = regexp.MustCompile(`^([*]|[a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*([.][*])?)$`)
	policyIDSyntax    = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*)?:[^[:cntrl:]/]+$`)
)

func (c *check) namespaceRoot(path string, root v1alpha1.NamespaceRoot) snapshot.NamespaceRoot {
	return snapshot.NamespaceRoot{
		Pattern: c.text(path+".pattern", root.Pattern, rootPatternSyntax, 256, "a namespace, a namespace and .*, or *"),
		Policies: set(c, path+".policies", list(c, path+".policies", root.Policies, 1, maxRootPolicies, func(path string, value v1alpha1.PolicyID) string {
			return c.text(path, string(value), policyIDSyntax, 256, "the id of a policy, such as com.example:root")
		})),
	}
}
