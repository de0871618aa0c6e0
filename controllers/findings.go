package controllers

import (
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// judged are the errors that were found about one object, by the condition that
// they are a matter of.
type judged struct {
	// own break a rule of the object's own spec.
	own snapshot.Findings
	// missing are references to what is not there, unusable those to what is there
	// and is refused.
	missing, unusable snapshot.Findings
	// upward are about the Gateway of a Connection, or the Connection of a
	// Subscription.
	upward snapshot.Findings
	// warnings prevent nothing.
	warnings snapshot.Findings
}

func judge(findings snapshot.Findings) judged {
	var j judged
	for _, f := range findings {
		switch {
		case f.Severity != snapshot.Error:
			j.warnings = append(j.warnings, f)
		case strings.HasPrefix(f.FieldPath, "spec.gatewayRef") || strings.HasPrefix(f.FieldPath, "spec.connectionRef"):
			j.upward = append(j.upward, f)
		case f.Rule == snapshot.RuleReference:
			j.missing = append(j.missing, f)
		case f.Object.Kind == "Secret" || f.Object.Kind == "ConfigMap":
			j.unusable = append(j.unusable, f)
		default:
			j.own = append(j.own, f)
		}
	}
	return j
}

// accepted is the condition Accepted.
func (j judged) accepted() verdict {
	switch {
	case len(j.own) == 0 && len(j.warnings) > 0:
		return isTrue(v1alpha1.ReasonAccepted, "The spec is valid; "+describe(j.warnings))
	case len(j.own) == 0:
		return isTrue(v1alpha1.ReasonAccepted, "The spec is valid")
	}
	if f := j.own[0]; f.Rule == snapshot.RuleBounded && f.FieldPath == "" && f.Object.Kind == v1alpha1.GatewayKind {
		return isFalse(v1alpha1.ReasonTooLarge, f.Message)
	}
	return isFalse(v1alpha1.ReasonInvalid, describe(j.own))
}

// resolved is the condition ResolvedRefs, but for what is upward.
func (j judged) resolved() verdict {
	switch {
	case len(j.missing) > 0:
		return isFalse(v1alpha1.ReasonRefNotFound, describe(j.missing))
	case len(j.unusable) > 0:
		return isFalse(v1alpha1.ReasonRefInvalid, describe(j.unusable))
	}
	return isTrue(v1alpha1.ReasonResolved, "Everything that is referenced is there")
}

// findingsKept bounds how many findings of a kind are kept of one object. A Secret
// may have thousands, of which one is shown.
const findingsKept = 64

// someOf returns findings without most of those that nobody sees, those of each
// kind in their order.
func someOf(findings snapshot.Findings) snapshot.Findings {
	if len(findings) <= findingsKept {
		return findings
	}
	j := judge(findings)
	var out snapshot.Findings
	for _, kind := range []snapshot.Findings{j.own, j.missing, j.unusable, j.upward, j.warnings} {
		out = append(out, kind[:min(len(kind), findingsKept)]...)
	}
	return out
}
