package compile

import (
	"regexp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxCreationRules  = 32
	maxNamespaceRules = 32
	maxPatterns       = 32
	maxConditions     = 8
)

func (c *check) entityCreation(creation *v1alpha1.EntityCreation) snapshot.EntityCreation {
	const path = "spec.entityCreation"
	return snapshot.EntityCreation{
		Grant:  list(c, path+".grant", creation.Grant, 1, maxCreationRules, c.creationRule),
		Revoke: optional(c, path+".revoke", creation.Revoke, maxCreationRules, c.creationRule),
	}
}

func (c *check) creationRule(path string, rule v1alpha1.CreationRule) snapshot.CreationRule {
	return snapshot.CreationRule{
		ResourceTypes:    c.resourceTypes(path+".resourceTypes", rule.ResourceTypes),
		Namespaces:       c.namespacePatterns(path+".namespaces", rule.Namespaces),
		AuthSubjects:     set(c, path+".authSubjects", list(c, path+".authSubjects", rule.AuthSubjects, 1, maxPatterns, c.subjectPattern)),
		ThingDefinitions: set(c, path+".thingDefinitions", list(c, path+".thingDefinitions", rule.ThingDefinitions, 1, maxPatterns, c.definitionPattern)),
	}
}

func (c *check) namespaceAccess(rules []v1alpha1.NamespaceRule) []snapshot.NamespaceRule {
	return optional(c, "spec.namespaceAccess", rules, maxNamespaceRules, c.namespaceRule)
}

func (c *check) namespaceRule(path string, rule v1alpha1.NamespaceRule) snapshot.NamespaceRule {
	return snapshot.NamespaceRule{
		Conditions: optional(c, path+".conditions", rule.Conditions, maxConditions, func(path string, value v1alpha1.Condition) string {
			return c.condition(path, value, ofHandshake)
		}),
		ResourceTypes:     c.resourceTypes(path+".resourceTypes", rule.ResourceTypes),
		AllowedNamespaces: c.namespacePatterns(path+".allowedNamespaces", rule.AllowedNamespaces),
		BlockedNamespaces: set(c, path+".blockedNamespaces",
			optional(c, path+".blockedNamespaces", rule.BlockedNamespaces, maxPatterns, c.namespacePattern)),
	}
}

func (c *check) resourceTypes(path string, types []v1alpha1.ResourceType) []snapshot.ResourceType {
	return set(c, path, list(c, path, types, 1, 2, func(path string, value v1alpha1.ResourceType) snapshot.ResourceType {
		return snapshot.ResourceType(choice(c, path, value, v1alpha1.ResourceThing, v1alpha1.ResourcePolicy))
	}))
}

func (c *check) namespacePatterns(path string, patterns []v1alpha1.NamespacePattern) []string {
	return set(c, path, list(c, path, patterns, 1, maxPatterns, c.namespacePattern))
}

var (
	namespacePatternSyntax  = regexp.MustCompile(`^[a-zA-Z0-9_.*?-]+$`)
	definitionPatternSyntax = regexp.MustCompile(`^[^[:cntrl:]]*$`)
)

func (c *check) namespacePattern(path string, value v1alpha1.NamespacePattern) string {
	return c.text(path, string(value), namespacePatternSyntax, 256,
		"letters, digits, dots, hyphens, underscores and the wildcards * and ?")
}

func (c *check) subjectPattern(path string, value v1alpha1.SubjectPattern) string {
	return c.text(path, string(value), noControls, 256, noControlsDescription)
}

func (c *check) definitionPattern(path string, value v1alpha1.DefinitionPattern) string {
	return c.text(path, string(value), definitionPatternSyntax, 512, noControlsDescription)
}
