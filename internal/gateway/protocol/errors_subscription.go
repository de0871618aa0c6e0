package protocol

// ErrAnnouncementNotEnriched refuses to enrich announcements of policies.
func ErrAnnouncementNotEnriched(fields string) *Error {
	e := ErrFieldSelectionInvalid(fields)
	e.Description = "Nothing can be added to announcements of policies."
	return e
}

// ErrEnrichmentFailed says that a signal cannot be delivered as it was asked for.
func ErrEnrichmentFailed(id, reason string) *Error {
	return &Error{
		Status: 500, Code: "signal.enrichment.failed",
		Message:     "A signal of \"" + excerpt(id) + "\" is not delivered, because the parameters of the subscription could not be applied to it.",
		Description: reason,
	}
}
