package protocol

// Content types of values.
const (
	// JSON is the content type of the values of responses, errors and events.
	JSON = "application/json"
	// MergePatchJSON is the content type of a merge: of the command, its response and its event.
	MergePatchJSON = "application/merge-patch+json"
)
