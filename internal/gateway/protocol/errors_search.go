package protocol

import "time"

// ErrSearchNotFound says that there is no subscription for a search with the id.
func ErrSearchNotFound(id string) *Error {
	return &Error{
		Status: 404, Code: "thing-search:subscription.not.found",
		Message:     "There is no search with the subscription id \"" + excerpt(id) + "\".",
		Description: "It may have ended, or belong to another session. Subscribe again.",
	}
}

// ErrSearchProtocol says that a request breaks the rules of a subscription for a search.
func ErrSearchProtocol(id, reason string) *Error {
	return &Error{
		Status: 400, Code: "thing-search:subscription.protocol.error",
		Message:     "The request for pages of the search \"" + excerpt(id) + "\" is not allowed.",
		Description: reason,
	}
}

// ErrSearchTimeout says that a subscription for a search has ended because its client has not been heard of.
func ErrSearchTimeout(id string, after time.Duration) *Error {
	return &Error{
		Status: 408, Code: "thing-search:subscription.timeout",
		Message:     "No page of the search \"" + excerpt(id) + "\" was requested for " + after.String() + ".",
		Description: "Subscribe again, and request or cancel in time.",
	}
}

// ErrSearchAborted says that a search ends because the server goes away.
func ErrSearchAborted() *Error {
	return &Error{
		Status: 500, Code: "thing-search:subscription.aborted",
		Message:     "The search was given up, because the server stops.",
		Description: "Connect and subscribe again.",
	}
}

// ErrSearchTimeExceeded says that a page of a search was not found in time, or that things were not counted in time.
func ErrSearchTimeExceeded(limit time.Duration) *Error {
	return &Error{
		Status: 408, Code: "thing-search:query.time.exceeded",
		Message:     "The search has taken longer than " + limit.String() + ".",
		Description: "Ask for less: compare a property with a value, name namespaces, sort by fewer properties.",
	}
}

// ErrSearchTooOld says that a search has been under way for too long, page by page.
func ErrSearchTooOld(limit time.Duration) *Error {
	return &Error{
		Status: 408, Code: "thing-search:query.time.exceeded",
		Message:     "The search has been under way for longer than " + limit.String() + ".",
		Description: "What it shows is as old as that. Search again; request pages sooner, larger ones, or fewer things.",
	}
}

// ErrSearchTooMuch says that a search has to look at more than it may to put what it finds in order.
func ErrSearchTooMuch() *Error {
	return &Error{
		Status: 408, Code: "thing-search:query.time.exceeded",
		Message:     "The search finds too many things to put them in order.",
		Description: "Ask for less: compare a property with a value, name namespaces, sort by fewer properties.",
	}
}

// ErrSearchThingTooLarge says that there is a thing on which the filter cannot be evaluated, because of all that is in it.
func ErrSearchThingTooLarge() *Error {
	return &Error{
		Status: 408, Code: "thing-search:query.time.exceeded",
		Message:     "One of the things has too much in it to be searched with this filter.",
		Description: "Compare fewer properties, or less general ones, or leave the thing out by its id or namespace.",
	}
}

// ErrSearchOptionInvalid refuses the options of a search.
func ErrSearchOptionInvalid(options, reason string) *Error {
	return &Error{
		Status: 400, Code: "thing-search:search.option.invalid",
		Message:     "The options \"" + excerpt(options) + "\" of the search are not valid.",
		Description: reason,
	}
}

// ErrSearchNamespacesInvalid refuses the namespaces of a search because of one of them.
func ErrSearchNamespacesInvalid(namespace, reason string) *Error {
	return &Error{
		Status: 400, Code: "thing-search:search.namespaces.invalid",
		Message:     "The search cannot be limited to the namespace \"" + excerpt(namespace) + "\".",
		Description: reason,
	}
}
