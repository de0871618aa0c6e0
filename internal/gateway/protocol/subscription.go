package protocol

import "github.com/twinway/twinway/internal/gateway/document"

// SubscriptionSignal is what the server tells of a subscription for a stream: of a search, or of persisted events.
type SubscriptionSignal struct {
	// Topic has the action Created, Next, Complete or Failed.
	Topic Topic
	// Headers are those of the message that led to it. Protocol rule: that is the one that subscribes for Created, and for
	// the others the latest one about the subscription.
	Headers Headers
	// Originator is the first authorization subject of who subscribed.
	Originator string
	// ID is that of the subscription.
	ID string
	// Member is what comes next is called, with Next, and Item is it, as JSON.
	Member string
	Item   []byte
	// Error is why the subscription has ended, with Failed.
	Error *Error
}

// Append appends the signal as an envelope.
func (s *SubscriptionSignal) Append(dst []byte) []byte {
	headers := replyHeaders{command: s.Headers, originator: s.Originator, contentType: JSON}
	dst = append(dst, `{"topic":`...)
	dst = s.Topic.appendJSON(dst)
	dst = append(dst, `,"headers":`...)
	dst = headers.append(dst)
	dst = append(dst, `,"path":"/","value":{"subscriptionId":`...)
	dst = document.AppendString(dst, s.ID)
	switch {
	case s.Error != nil:
		dst = s.Error.Append(append(dst, `,"error":`...))
	case s.Item != nil:
		dst = document.AppendString(append(dst, ','), s.Member)
		dst = append(append(dst, ':'), s.Item...)
	}
	return append(dst, `}}`...)
}

// SubscriptionRequest is the value of a message that goes on with a subscription or ends it.
type SubscriptionRequest struct {
	ID string
	// Demand is for how many elements is asked. Protocol rule: that is none if the message does not say.
	Demand int64
}

// ReadSubscriptionRequest reads the value of an envelope. Members that it does not know are ignored.
//
// Errors: json.invalid for no value, or members of the wrong type; json.format.invalid; json.field.missing.
func ReadSubscriptionRequest(env *Envelope) (SubscriptionRequest, *Error) {
	if env.Value == nil {
		return SubscriptionRequest{}, ErrValueMissing()
	}
	o, err := ReadOptions(env.Value)
	if err != nil {
		return SubscriptionRequest{}, err
	}
	r := SubscriptionRequest{ID: o.Text("subscriptionId"), Demand: o.Int("demand", 0)}
	if err := o.Err(); err != nil {
		return SubscriptionRequest{}, err
	}
	if !o.Has("subscriptionId") {
		return SubscriptionRequest{}, ErrFieldMissing("subscriptionId")
	}
	return r, nil
}
