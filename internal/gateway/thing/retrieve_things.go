package thing

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// MaxThings is how many things can be retrieved by one command.
const MaxThings = 256

const memberThingIDs = "thingIds"

// RetrieveThings is a command that retrieves several things by their ids.
type RetrieveThings struct {
	// IDs are the ids of the things, each once, in the order in which they are wanted. There is at least one.
	IDs []string
	// Fields selects the parts of each thing, if HasFields.
	Fields    document.Selector
	HasFields bool
	// Condition must hold for a thing that is shown, nil for none.
	Condition *rql.Predicate
	// At asks for states of the past, nil for the current ones.
	At *protocol.Moment
}

// NewRetrieveThings makes a command of an envelope whose topic has the wildcard as name. It refuses what is refused for
// other retrieves, ids outside the namespace of the topic, and more than [MaxThings] ids.
func NewRetrieveThings(env *protocol.Envelope) (*RetrieveThings, *protocol.Error) {
	path, err := protocol.ParsePath(env.Path)
	if err != nil {
		return nil, err
	}
	if env.Topic.Action != protocol.Retrieve || path.Kind != protocol.Root {
		return nil, protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	if err := checkMetadataHeaders(&env.Headers); err != nil {
		return nil, err
	}
	r := &RetrieveThings{}
	if r.Condition, err = retrieveCondition(&env.Headers); err != nil {
		return nil, err
	}
	if r.At, err = protocol.ReadMoment(&env.Headers); err != nil {
		return nil, err
	}
	if r.Fields, r.HasFields, err = fieldsOf(env); err != nil {
		return nil, err
	}
	return r, r.readIDs(env)
}

// readIDs reads the ids in the value.
func (r *RetrieveThings) readIDs(env *protocol.Envelope) *protocol.Error {
	value, err := valueOf(env)
	if err != nil {
		return err
	}
	if document.KindOf(value) != document.Object {
		return protocol.ErrJSONFormatInvalid("The value must be an object with the ids of the things.")
	}
	ids, ok := document.Get(value, document.Pointer{memberThingIDs})
	if !ok {
		return protocol.ErrFieldMissing(memberThingIDs)
	}
	if document.KindOf(ids) != document.Array {
		return shape{}.fault(memberThingIDs, "an array", ids)
	}
	seen := map[string]bool{}
	for raw := range document.Elements(ids) {
		id, err := readID(raw, env.Topic.Namespace)
		if err != nil {
			return err
		}
		if seen[id] {
			continue
		}
		if len(r.IDs) == MaxThings {
			return protocol.ErrJSONFormatInvalid("There are too many ids.")
		}
		seen[id] = true
		r.IDs = append(r.IDs, id)
	}
	if len(r.IDs) == 0 {
		return protocol.ErrThingIDsMissing()
	}
	return nil
}

// readID reads an id of a thing, which must be in the namespace unless that is the wildcard.
func readID(raw []byte, namespace string) (string, *protocol.Error) {
	if document.KindOf(raw) != document.String {
		return "", shape{}.fault("the id of a thing", "a string", raw)
	}
	id := textOf(raw)
	ns, name, _ := strings.Cut(id, ":")
	if err := protocol.ValidateID(ns, name); err != nil {
		return "", err
	}
	if namespace != protocol.Wildcard && ns != namespace {
		return "", protocol.ErrJSONFormatInvalid("The id " + id + " is not in the namespace of the topic.")
	}
	return id, nil
}

// Part is what the requester may read of a thing at the time now, or of those of its parts that are selected. The past, which
// may be nil, is only asked if a former state is wanted.
//
// Protocol rule: a thing that does not exist, or did not then, of which nothing may be read or for which the condition does not
// hold, is left out; that is nil.
func (r *RetrieveThings) Part(st *State, who Authority, now time.Time, past Past) ([]byte, *protocol.Error) {
	if !st.Exists() {
		return nil, nil
	}
	rights, _ := who.ThingRights(st.PolicyID(), st.namespace())
	if st = r.at(st, rights, now, past); !st.Exists() {
		return nil, nil
	}
	if met, err := r.meets(st, rights, now.UTC()); err != nil || !met {
		return nil, err
	}
	doc, ok := Visible(st, rights)
	switch {
	case !ok:
		return nil, nil
	case r.HasFields:
		return View(st, doc, r.Fields, rights, who), nil
	}
	return doc, nil
}

// Response answers the command, given what Part has returned for each of IDs.
func (r *RetrieveThings) Response(parts [][]byte) Response {
	size := len(`[]`)
	for _, part := range parts {
		size += len(part) + len(`,`)
	}
	out := append(make([]byte, 0, size), '[')
	for _, part := range parts {
		if part == nil {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, part...)
	}
	return Response{Action: protocol.Retrieve, Status: statusOK, Value: append(out, ']')}
}
