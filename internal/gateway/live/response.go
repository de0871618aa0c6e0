package live

import (
	"fmt"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Statuses of responses.
const (
	statusOK        = 200
	statusCreated   = 201
	statusNoContent = 204
	// firstFailure is the lowest status of an error. Protocol rule: that nothing was modified is one.
	firstFailure = 300
)

// Response is what a device answers to a command. It comes from [ParseResponse].
type Response struct {
	// ID is the id of the thing, "namespace:name".
	ID string
	// Topic is that of the response.
	Topic protocol.Topic
	// Failed says that the response is an error. Then there are neither Action nor Path.
	Failed bool
	Action protocol.Action
	Path   protocol.Path
	// CorrelationID is "" if the device gave none.
	CorrelationID string
	// Status is that of the response.
	Status int
	// Value is canonical JSON: what was retrieved or created, or the error. It is nil if there is none.
	Value []byte
	// Originator is the first authorization subject of the device. The caller sets it.
	Originator string

	headers protocol.Headers // of the device
	what    *thing.Command   // nil if the response is an error
	form    form
}

// ParseResponse makes a response of an envelope with a status whose topic is a things command or the errors of a thing, of
// channel live.
//
// Errors: protocoladapter:illegal.adaptable for a status or value that does not answer the action, about which [Untold] says
// whether the device is told; those of [NewCommand] for what the response is about.
func ParseResponse(env *protocol.Envelope) (*Response, *protocol.Error) {
	t := &env.Topic
	if t.Group != protocol.Things || t.Channel != protocol.Live || env.Status == 0 {
		return nil, protocol.ErrTopicNotServed(*t)
	}
	r := &Response{ID: t.EntityID(), Topic: *t, Status: env.Status, headers: env.Headers}
	r.CorrelationID, _ = env.Headers.String(protocol.HeaderCorrelationID)
	var err *protocol.Error
	switch t.Criterion {
	case protocol.Commands:
		err = r.readSuccess(env)
	case protocol.Errors:
		err = r.readFailure(env)
	default:
		err = protocol.ErrTopicNotServed(*t)
	}
	if err != nil {
		return nil, err
	}
	headers := r.delivered()
	r.form = newForm(&protocol.Envelope{Topic: *t, Status: env.Status}, &headers, r.Path.String())
	return r, nil
}

// delivered returns the headers of the response that who sent the command is shown.
func (r *Response) delivered() protocol.Headers {
	h := passedOn(&r.headers)
	h.SetString(protocol.HeaderContentType, contentType(r.Action))
	return h
}

// readSuccess reads a response that is no error.
func (r *Response) readSuccess(env *protocol.Envelope) (err *protocol.Error) {
	r.Action = env.Topic.Action
	if r.what, err = thing.NewLivePart(env, r.Action); err != nil {
		return err
	}
	r.Path = r.what.Path
	valued, ok := answers(r.Action, r.Status)
	switch {
	case !ok:
		return protocol.ErrIllegalAdaptable(&env.Topic,
			fmt.Sprintf("The status %d does not answer a command that is called %s.", r.Status, r.Action))
	case !valued:
		return nil
	case env.Value == nil:
		return protocol.ErrIllegalAdaptable(&env.Topic, fmt.Sprintf("With the status %d there must be a value.", r.Status))
	}
	if err := r.what.TakeLiveValue(env); err != nil {
		return illegal(&env.Topic, err)
	}
	r.Value = r.what.Value
	return nil
}

// answers reports whether a response with the status can answer the action, and whether it has a value then. Protocol rule: any
// value that comes without being expected is ignored.
func answers(action protocol.Action, status int) (valued, ok bool) {
	switch action {
	case protocol.Retrieve:
		return true, status == statusOK
	case protocol.Create:
		return true, status == statusCreated
	case protocol.Modify:
		return status == statusCreated, status == statusCreated || status == statusNoContent
	}
	return false, status == statusNoContent
}

// illegal is what a device is told of what would be wrong with a command, too.
func illegal(t *protocol.Topic, cause *protocol.Error) *protocol.Error {
	return protocol.ErrIllegalAdaptable(t, cause.Message+" "+cause.Description)
}

// readFailure reads an error.
func (r *Response) readFailure(env *protocol.Envelope) *protocol.Error {
	r.Failed = true
	if err := protocol.ValidateID(env.Topic.Namespace, env.Topic.Name); err != nil {
		return err
	}
	if r.Status < firstFailure {
		return protocol.ErrIllegalAdaptable(&env.Topic, fmt.Sprintf("The status %d is not that of an error.", r.Status))
	}
	value, invalid := document.Canonical(env.Value)
	code, _ := document.Get(value, document.Pointer{"error"})
	if invalid != nil || document.KindOf(code) != document.String {
		return protocol.ErrIllegalAdaptable(&env.Topic, "The value must be an object whose member \"error\" is the code of the error.")
	}
	r.Value = value
	return nil
}

// Visible returns what of the response's value who sent the command, and has the rights, is sent. It reports false if something
// was retrieved and nothing of it may be read.
func (r *Response) Visible(rights *enforcer.Rights) (value []byte, ok bool) {
	if r.Action != protocol.Retrieve {
		return r.Value, true
	}
	return r.what.VisibleLive(r.Value, rights)
}

// AppendSignal appends the response as who sent the command is sent it, with a value that Visible has returned.
func (r *Response) AppendSignal(dst []byte, d Delivery, value []byte) []byte {
	d.ResponseRequired, d.RequestedAcks = false, nil
	return r.form.append(dst, &d, r.Originator, false, value)
}
