package dittows

import (
	"context"
	"fmt"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// stream is a subscription at the other end for something that it sends on demand: a search, or a history.
type stream struct {
	conversation *conversation
	topic        protocol.Topic
	// portion is how many elements are asked for at once, and left how many of them have not come.
	portion, left int
	subscription  []byte // JSON
}

// refusedStream says that the other end does not offer a stream, or no more of it.
type refusedStream struct {
	status int
	code   string
}

// Error implements error.
func (r *refusedStream) Error() string {
	return fmt.Sprintf("the other end refuses it with status %d%s", r.status, inBrackets(r.code))
}

// open subscribes. Errors: *refusedStream, those of conversations.
func (v *conversation) open(ctx context.Context, env protocol.Envelope, portion int) (*stream, error) {
	answer, err := v.ask(ctx, env)
	if err != nil {
		return nil, err
	}
	if answer.Topic.Criterion != env.Topic.Criterion || answer.Topic.Action != protocol.Created {
		return nil, refused(answer)
	}
	id, ok := member(answer.Value, "subscriptionId")
	if !ok {
		return nil, refused(answer)
	}
	return &stream{conversation: v, topic: env.Topic, portion: portion, subscription: id}, nil
}

// refused returns what an answer says that is not what was asked for.
func refused(answer *protocol.Envelope) error {
	if failure, ok := member(answer.Value, "error"); ok && document.KindOf(failure) == document.Object {
		r := &refusedStream{code: errorCode(failure)}
		if status, ok := document.Get(failure, document.Pointer{"status"}); ok {
			r.status, _ = strconv.Atoi(string(status))
		}
		return r
	}
	return &refusedStream{status: answer.Status, code: errorCode(answer.Value)}
}

// next returns the named member of the next element, nil at the end.
func (s *stream) next(ctx context.Context, name string) ([]byte, error) {
	if s.left == 0 {
		s.left = s.portion
		value := append(append([]byte(`{"subscriptionId":`), s.subscription...), `,"demand":`...)
		value = append(strconv.AppendInt(value, int64(s.portion), 10), '}')
		if err := s.say(ctx, protocol.Request, value); err != nil {
			return nil, err
		}
	}
	env, err := s.conversation.next(ctx)
	if err != nil {
		return nil, err
	}
	switch env.Topic.Action {
	case protocol.Next:
		s.left--
		if element, ok := member(env.Value, name); ok {
			return element, nil
		}
	case protocol.Complete:
		return nil, nil
	}
	return nil, refused(env)
}

// cancel has the other end send no more.
func (s *stream) cancel(ctx context.Context) {
	value := append(append([]byte(`{"subscriptionId":`), s.subscription...), '}')
	_ = s.say(ctx, protocol.Cancel, value) // it forgets the subscription anyway
}

func (s *stream) say(ctx context.Context, action protocol.Action, value []byte) error {
	env := protocol.Envelope{Topic: s.topic, Value: value}
	env.Topic.Action = action
	return s.conversation.say(ctx, env)
}

// member returns a member of an object in canonical form.
func member(text []byte, name string) ([]byte, bool) {
	object, err := document.Canonical(text)
	if err != nil || document.KindOf(object) != document.Object {
		return nil, false
	}
	return document.Get(object, document.Pointer{name})
}
