package protocol

import "slices"

// Group is the kind of entity that a topic is about.
type Group uint8

// The groups of topics.
const (
	Things Group = iota + 1
	Policies
	Connections
)

var groupNames = [...]string{Things: "things", Policies: "policies", Connections: "connections"}

// String returns the group as it is spelled in topics.
func (g Group) String() string { return nameOf(groupNames[:], g) }

// Channel says whether a topic is about the stored twin or the device.
type Channel uint8

// The channels of topics. Only topics of things have one.
const (
	ChannelNone Channel = iota
	Twin
	Live
)

var channelNames = [...]string{ChannelNone: "none", Twin: "twin", Live: "live"}

// String returns the channel as it is spelled in topics.
func (c Channel) String() string { return nameOf(channelNames[:], c) }

// Criterion is the kind of signal that an envelope holds.
type Criterion uint8

// The criteria of topics.
const (
	Commands Criterion = iota + 1
	Events
	Errors
	Messages
	Acks
	Announcements
	Search
	Streaming
)

var criterionNames = [...]string{
	Commands: "commands", Events: "events", Errors: "errors", Messages: "messages", Acks: "acks",
	Announcements: "announcements", Search: "search", Streaming: "streaming",
}

// String returns the criterion as it is spelled in topics.
func (c Criterion) String() string { return nameOf(criterionNames[:], c) }

// hasAction reports whether topics with the criterion name an action.
func (c Criterion) hasAction() bool {
	return c == Commands || c == Events || c == Search || c == Streaming
}

// hasSubject reports whether topics with the criterion can have a subject.
func (c Criterion) hasSubject() bool { return c == Messages || c == Acks || c == Announcements }

// Action is what a command asks for, what an event tells of, or a step of a search or of streaming.
type Action uint8

// The actions of topics. Each is for some criteria only.
const (
	ActionNone Action = iota
	Create
	Retrieve
	Modify
	Merge
	Delete
	Migrate
	CheckPermissions
	Created
	Modified
	Merged
	Deleted
	Migrated
	Subscribe
	SubscribeForPersistedEvents
	Request
	Cancel
	Next
	Complete
	Failed
	ErrorAction
)

var actionNames = [...]string{
	Create: "create", Retrieve: "retrieve", Modify: "modify", Merge: "merge", Delete: "delete", Migrate: "migrate",
	CheckPermissions: "checkPermissions", Created: "created", Modified: "modified", Merged: "merged", Deleted: "deleted",
	Migrated: "migrated", Subscribe: "subscribe", SubscribeForPersistedEvents: "subscribeForPersistedEvents",
	Request: "request", Cancel: "cancel", Next: "next", Complete: "complete", Failed: "failed", ErrorAction: "error",
}

// String returns the action as it is spelled in topics.
func (a Action) String() string { return nameOf(actionNames[:], a) }

// actionsOf holds the actions that topics of a criterion can have.
var actionsOf = [...][]Action{
	Commands:  {Create, Retrieve, Modify, Merge, Delete, Migrate, CheckPermissions},
	Events:    {Created, Modified, Merged, Deleted, Migrated},
	Search:    {Subscribe, Request, Cancel, Created, Next, Complete, Failed, ErrorAction},
	Streaming: {SubscribeForPersistedEvents, Request, Cancel, Created, Next, Complete, Failed, ErrorAction},
}

// nameOf returns the name of a value, "" if it is not one of the vocabulary.
func nameOf[T ~uint8](names []string, value T) string {
	if int(value) >= len(names) {
		return ""
	}
	return names[value]
}

// named returns the value with the name.
func named[T ~uint8](names []string, name string) (T, bool) {
	i := slices.Index(names, name)
	if i < 0 || name == "" {
		return 0, false
	}
	return T(i), true
}
