package index

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/rql"
)

// anyFeature stands for every feature.
const anyFeature = "*"

var unescape = strings.NewReplacer("~0", "~", "~1", "/")

// namesOf returns the names on the way to a property.
func namesOf(property string) []string {
	names := strings.Split(property, "/")
	for i := range names {
		names[i] = unescape.Replace(names[i])
	}
	return names
}

// entries plans for values of a property from lower on and before upper; nil: all. It says nothing of one that need not have
// entries.
func (p *planner) entries(property string, lower, upper []byte, single bool) Plan {
	names := namesOf(property)
	if !p.rules.covers(names) {
		return Plan{}
	}
	plan := Plan{Kind: Entries, Single: single, names: names, lower: lower, upper: upper}
	if names[0] == "features" && len(names) > 1 && names[1] == anyFeature {
		plan.AnyFeature, plan.Single, plan.below = true, false, pathOf(names[2:])
		return plan
	}
	plan.Range = plan.at(pathOf(names))
	return plan
}

// at returns the range of the values at a path.
func (p *Plan) at(path []byte) Range {
	prefix := appendPath(nil, path)
	if p.lower == nil {
		return Range{prefix, after(prefix)}
	}
	return Range{slices.Concat(prefix, p.lower), slices.Concat(prefix, p.upper)}
}

// OfFeature returns the range of the values of a feature that [NextFeature] has returned, for a plan for any feature.
func (p *Plan) OfFeature(feature []byte) Range {
	path := slices.Concat(featuresPath, feature)
	if len(p.below) > 0 {
		path = append(append(path, separator), p.below...)
	}
	return p.at(path)
}

// Features is where the entries of all features are.
var Features = Range{featuresPath, after(featuresPath)}

// NextFeature returns the feature that a key of Features belongs to, and the first key behind its entries.
func NextFeature(key []byte) (feature, behind []byte) {
	at := featureEnd(key)
	feature = slices.Clone(key[len(featuresPath):at])
	return feature, append(slices.Clone(key[:at]), separator+1)
}

// identity plans for what is said of the id of a thing, or of its beginning, the namespace.
func identity(property string, op rql.Operator, v value) Plan {
	if v.kind != rql.String {
		return Plan{Kind: none(op)}
	}
	ofNamespace := property == "namespace"
	switch op {
	case rql.Equal:
		if ofNamespace {
			return ids(v.text+":", after([]byte(v.text+":")))
		}
		return ids(v.text, append([]byte(v.text), 0))
	case rql.Like:
		prefix, _, wild := cutWildcard(v.text)
		if !wild {
			return identity(property, rql.Equal, value{rql.String, prefix})
		}
		return ids(prefix, after([]byte(prefix)))
	case rql.GreaterThan, rql.GreaterOrEqual:
		if !ofNamespace && isPlain(v.text) {
			return ids(v.text, nil)
		}
	case rql.LessThan, rql.LessOrEqual:
		if !ofNamespace && isPlain(v.text) {
			return ids("", append([]byte(v.text), 0))
		}
	case rql.NotEqual, rql.LikeIgnoringCase:
	}
	return Plan{}
}

// none is the kind of plan for a comparison of an id with what is no string.
func none(op rql.Operator) Kind {
	if op == rql.NotEqual {
		return Everything
	}
	return Nothing
}

// isPlain reports whether a text is before and after the same texts in the order of bytes as in that of expressions.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// InNamespaces returns the plan for what is found by a plan and is in one of the namespaces; none: in all.
func InNamespaces(p Plan, namespaces []string) Plan {
	if len(namespaces) == 0 {
		return p
	}
	operands := make([]Plan, len(namespaces))
	for i, ns := range namespaces {
		operands[i] = identity("namespace", rql.Equal, value{rql.String, ns})
	}
	return all([]Plan{anyOf(operands), p})
}

func ids(lower string, upper []byte) Plan {
	return Plan{Kind: IDs, Single: true, Range: Range{[]byte(lower), upper}}
}
