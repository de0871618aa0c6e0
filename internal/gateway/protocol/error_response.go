package protocol

import "strconv"

// ErrorResponse answers a message that is refused, or a command that failed.
type ErrorResponse struct {
	// Topic is that of the message. It need not be set if the error is unaddressed.
	Topic Topic
	// Headers are those of the message, as far as they are known.
	Headers Headers
	// Originator is the first authorization subject of who sent the message, "" to leave it out.
	Originator string
	Error      *Error
}

// unknownEntity is the namespace and name in the topic of errors that are about no particular entity.
const unknownEntity = "unknown"

// Append appends the error as an envelope.
func (r *ErrorResponse) Append(dst []byte) []byte {
	topic := r.topic()
	headers := replyHeaders{
		command: r.Headers, originator: r.Originator, etag: r.Error.ETag, contentType: JSON,
		retryAfter: r.Error.retryAfter(),
	}
	dst = append(dst, `{"topic":`...)
	dst = topic.appendJSON(dst)
	dst = append(dst, `,"headers":`...)
	dst = headers.append(dst)
	dst = append(dst, `,"path":"/","value":`...)
	dst = r.Error.Append(dst)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(r.Error.Status), 10)
	return append(dst, '}')
}

// topic returns the topic of the error. Protocol rule: errors of policies are reported for the entity of the command, even
// if that is a thing, but in the group of policies; all others in the group of things.
func (r *ErrorResponse) topic() Topic {
	if r.Error.Unaddressed || !r.Topic.addressed() {
		return Topic{Namespace: unknownEntity, Name: unknownEntity, Group: Things, Channel: Twin, Criterion: Errors}
	}
	t := Topic{Namespace: r.Topic.Namespace, Name: r.Topic.Name, Group: Things, Channel: r.channel(), Criterion: Errors}
	if r.Error.Policy {
		t.Group, t.Channel = Policies, ChannelNone
	}
	return t
}

func (r *ErrorResponse) channel() Channel {
	raw, _ := r.Headers.Get(HeaderChannel)
	if r.Topic.Channel == Live || string(raw) == `"live"` {
		return Live
	}
	return Twin
}
