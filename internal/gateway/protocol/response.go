package protocol

import "strconv"

// Response answers a command that succeeded.
type Response struct {
	// Topic is the command's, with the action of the response.
	Topic Topic
	// Headers are those of the command.
	Headers Headers
	// Originator is the first authorization subject of who sent the command.
	Originator string
	// ETag is the entity tag of the resource, "" if there is none.
	ETag string
	// Revision is that of the entity, 0 if there is none.
	Revision int64
	// Path is that of the command.
	Path Path
	// Value is JSON, nil if there is none.
	Value  []byte
	Status int
	// Historical says that the value is one of the past. There are no headers of the past to be shown with it.
	Historical bool
	// Metadata is a JSON object, what the command asked for of the metadata; nil if it did not ask.
	Metadata []byte
}

// Append appends the response as an envelope.
func (r *Response) Append(dst []byte) []byte {
	contentType := JSON
	if r.Topic.Action == Merge {
		contentType = MergePatchJSON
	}
	headers := replyHeaders{
		command: r.Headers, originator: r.Originator, etag: r.ETag, revision: r.Revision, contentType: contentType,
		historical: r.Historical, metadata: r.Metadata,
	}
	dst = append(dst, `{"topic":`...)
	dst = r.Topic.appendJSON(dst)
	dst = append(dst, `,"headers":`...)
	dst = headers.append(dst)
	dst = append(dst, `,"path":`...)
	dst = r.Path.appendJSON(dst)
	dst = appendMember(dst, `,"value":`, r.Value)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(r.Status), 10)
	return append(dst, '}')
}
