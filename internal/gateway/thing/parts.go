package thing

import "github.com/twinway/twinway/internal/gateway/document"

// Members of a thing and of a feature, and those that accompany a thing in the value of a command.
const (
	memberThingID           = "thingId"
	memberPolicyID          = "policyId"
	memberDefinition        = "definition"
	memberAttributes        = "attributes"
	memberFeatures          = "features"
	memberProperties        = "properties"
	memberDesiredProperties = "desiredProperties"
	memberPolicy            = "_policy"
	memberCopyPolicyFrom    = "_copyPolicyFrom"
)

// parts are the members of a thing in document order, nil where there is none.
type parts struct {
	thingID, policyID, definition, attributes, features []byte
	// What says in a command how the policy is made. It is not part of a thing.
	policy, copyPolicyFrom []byte
}

// split takes an object apart. Protocol rule: unknown members are ignored.
func split(obj []byte) parts {
	var p parts
	for name, value := range document.Members(obj) {
		switch name {
		case memberThingID:
			p.thingID = value
		case memberPolicyID:
			p.policyID = value
		case memberDefinition:
			p.definition = value
		case memberAttributes:
			p.attributes = value
		case memberFeatures:
			p.features = value
		case memberPolicy:
			p.policy = value
		case memberCopyPolicyFrom:
			p.copyPolicyFrom = value
		}
	}
	return p
}

// join returns the object with the members of a thing.
func (p *parts) join() []byte {
	size := len(p.thingID) + len(p.policyID) + len(p.definition) + len(p.attributes) + len(p.features)
	w := newWriter(size + len(`{"thingId":,"policyId":,"definition":,"attributes":,"features":}`))
	w.member(memberThingID, p.thingID)
	w.member(memberPolicyID, p.policyID)
	w.member(memberDefinition, p.definition)
	w.member(memberAttributes, p.attributes)
	w.member(memberFeatures, p.features)
	return w.object()
}

// writer writes a JSON object.
type writer struct{ out []byte }

func newWriter(size int) writer { return writer{append(make([]byte, 0, size), '{')} }

// member writes a member, or nothing if the value is nil.
func (w *writer) member(name string, value []byte) {
	if value == nil {
		return
	}
	if w.out[len(w.out)-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.out = append(document.AppendString(w.out, name), ':')
	w.out = append(w.out, value...)
}

// object ends the object and returns it.
func (w *writer) object() []byte { return append(w.out, '}') }
