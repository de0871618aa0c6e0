package push

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/management"
)

// Bounds on what is kept of the status of a pod, whatever it says. A gateway has
// no more Connections and Subscriptions.
const (
	maxConnections   = 256
	maxSubscriptions = 1024
	// maxLinks bounds the names and messages of both together, in bytes.
	maxLinks = 128 << 10
	// maxName bounds the name of an object, maxWord a hash and what is for
	// programs, in bytes.
	maxName = 253
	maxWord = 128
)

// received is a status as it is read: no more of a list than may be kept.
type received struct {
	management.Status
	Connections   connections   `json:"connections"`
	Subscriptions subscriptions `json:"subscriptions"`
}

func (r received) status() management.Status {
	r.Status.Connections, r.Status.Subscriptions = r.Connections, r.Subscriptions
	return r.Status
}

type (
	connections   []management.LinkStatus
	subscriptions []management.LinkStatus
)

// UnmarshalJSON implements json.Unmarshaler.
func (c *connections) UnmarshalJSON(data []byte) (err error) {
	*c, err = someLinks(data, maxConnections)
	return err
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *subscriptions) UnmarshalJSON(data []byte) (err error) {
	*s, err = someLinks(data, maxSubscriptions)
	return err
}

// someLinks reads the beginning of a list, which is valid JSON.
func someLinks(data []byte, most int) ([]management.LinkStatus, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	opening, err := decoder.Token()
	if err != nil || opening == nil {
		return nil, err
	}
	if opening != json.Delim('[') {
		return nil, errors.New("not a list")
	}
	var links []management.LinkStatus
	for len(links) < most && decoder.More() {
		var link management.LinkStatus
		if err := decoder.Decode(&link); err != nil {
			return nil, err
		}
		links = append(links, bounded(link))
	}
	return slices.Clip(links), nil
}

func bounded(link management.LinkStatus) management.LinkStatus {
	return management.LinkStatus{
		Name: cut(link.Name, maxName), State: management.LinkState(cut(string(link.State), maxWord)), Message: clean(link.Message),
	}
}

// bound cuts what is for people to what people read, and everything to what is
// kept.
func bound(status *management.Status) {
	status.Hash = cut(status.Hash, maxWord)
	status.Reason = clean(status.Reason)
	if refused := status.Refused; refused != nil {
		refused.Hash = cut(refused.Hash, maxWord)
		refused.Code = management.RefusalCode(cut(string(refused.Code), maxWord))
		refused.Message = clean(refused.Message)
	}
	room := maxLinks
	for _, links := range []*[]management.LinkStatus{&status.Connections, &status.Subscriptions} {
		*links = (*links)[:fitting(*links, &room)]
	}
	for _, links := range [][]management.LinkStatus{status.Connections, status.Subscriptions} {
		dropMessages(links, &room)
	}
}

// fitting returns how many links there is room for, without messages, and takes
// it.
func fitting(links []management.LinkStatus, room *int) int {
	for i, link := range links {
		size := len(link.Name) + len(link.State)
		if size > *room {
			return i
		}
		*room -= size
	}
	return len(links)
}

// dropMessages drops the messages for which there is no room.
func dropMessages(links []management.LinkStatus, room *int) {
	for i := range links {
		if size := len(links[i].Message); size <= *room {
			*room -= size
			continue
		}
		links[i].Message = ""
	}
}

// cut returns the beginning of text, which holds nothing else in memory.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.Clone(strings.ToValidUTF8(text[:most], ""))
}
