package compile

import (
	"fmt"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// choose returns the one Gateway that is to be compiled.
func (r *report) choose(objects Objects) (snapshot.Identity, bool) {
	var matching []Gateway
	for _, g := range objects.Gateways {
		if matches(g, objects.Select) {
			matching = append(matching, g)
		}
	}
	if len(matching) == 1 {
		return identityOf(matching[0].Namespace, matching[0].Name), true
	}
	r.findings = append(r.findings, snapshot.Finding{
		Severity: snapshot.Error,
		Object:   snapshot.Object{Kind: v1alpha1.GatewayKind, Name: objects.Select},
		File:     objects.Root,
		Rule:     snapshot.RuleRequired,
		Message:  choiceMessage(objects, len(matching)),
	})
	return snapshot.Identity{}, false
}

// matches says whether a Gateway is the one that a name, or namespace and
// name, selects. The empty string selects every Gateway.
func matches(g Gateway, selected string) bool {
	return selected == "" || selected == g.Name || selected == namespaceOf(g.Namespace)+"/"+g.Name
}

func choiceMessage(objects Objects, matching int) string {
	const shown = 10
	var names []string
	for _, g := range objects.Gateways[:min(shown, len(objects.Gateways))] {
		names = append(names, namespaceOf(g.Namespace)+"/"+g.Name)
	}
	if len(objects.Gateways) > shown {
		names = append(names, "…")
	}
	there := strings.Join(names, ", ")
	switch {
	case there == "":
		return "no Gateway found" + objects.caveat()
	case matching == 0:
		return "no such Gateway; there are: " + there + objects.caveat()
	}
	return fmt.Sprintf("%d Gateways match, choose one by namespace/name: %s", matching, there)
}

// caveat is what to add to the message that something is missing.
func (o Objects) caveat() string {
	if o.Incomplete {
		return " (some manifests could not be read)"
	}
	return ""
}
