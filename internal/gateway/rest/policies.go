package rest

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// policyCommand answers with what becomes of a command on a policy or a part of it.
//
// Protocol rule: ids of subjects and keys of resources contain slashes, and nothing in the path is escaped.
func policyCommand(q *request) *answer {
	env := q.envelope(protocol.Policies, q.segments[1], actions[q.method()])
	env.Path = "/" + strings.Join(q.segments[2:], "/")
	if err := q.fill(env); err != nil {
		return refusal(err)
	}
	return q.do(env)
}

// createPolicy creates a policy with an id of its own. Protocol rule: the body has no id.
func createPolicy(q *request) *answer {
	env := q.envelope(protocol.Policies, q.newID(), protocol.Create)
	env.Path = "/"
	if err := q.fill(env); err != nil {
		return refusal(err)
	}
	if id, has := document.Get(env.Value, document.Pointer{"policyId"}); has {
		return refusal(protocol.ErrPolicyIDNotSettable(string(id), ""))
	}
	return q.do(env)
}

// checkPermissions answers with which of some permissions the requester has.
func checkPermissions(q *request) *answer {
	env := q.envelope(protocol.Policies, protocol.Wildcard+":"+protocol.Wildcard, protocol.CheckPermissions)
	env.Path = "/"
	var err *protocol.Error
	if env.Value, err = q.jsonBody(); err != nil {
		return refusal(err)
	}
	return q.do(env)
}
