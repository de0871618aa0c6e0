package compile

import (
	"regexp"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

func (c *check) search(search *v1alpha1.Search) snapshot.Search {
	if search.Index == nil {
		return snapshot.Search{}
	}
	const path = "spec.search.index.fields"
	if search.Index.Fields == nil {
		c.errorf(path, snapshot.RuleRequired, "is required; an empty list means that nothing is indexed but ids")
	}
	fields := list(c, path, search.Index.Fields, 0, snapshot.MaxIndexedFields, c.indexedPath)
	return snapshot.Search{Index: &snapshot.SearchIndex{Fields: append([]string{}, set(c, path, fields)...)}}
}

var (
	indexedPathSyntax = regexp.MustCompile(`^(policyId|definition|_created|_modified|(attributes|features|_metadata)(/([^/~[:cntrl:]]|~[01])+)*)$`)
	inFeature         = regexp.MustCompile(`^features/[^/]+/`)
	partOfFeature     = regexp.MustCompile(`^features/[^/]+/(definition|(properties|desiredProperties)(/.*)?)$`)
	wildcardName      = regexp.MustCompile(`/[*](/|$)`)
)

func (c *check) indexedPath(path string, value v1alpha1.IndexedPath) string {
	text := c.text(path, string(value), indexedPathSyntax, 256,
		"policyId, definition, _created or _modified, or attributes, features or _metadata alone or with names behind slashes, "+
			"such as attributes/location; in a name ~1 stands for / and ~0 for ~")
	if inFeature.MatchString(text) && !partOfFeature.MatchString(text) {
		c.errorf(path, snapshot.RuleSyntax,
			"must go on with definition, properties or desiredProperties behind the id of a feature, such as features/lamp/properties/on, got %q", text)
	}
	if wildcardName.MatchString(strings.TrimPrefix(text, "features/*")) {
		c.errorf(path, snapshot.RuleSyntax, "must not have * as a name, but for every feature, as in features/*/properties/temperature, got %q", text)
	}
	return text
}
