package protocol

// HeaderName is a header that the protocol knows. All others are custom: text that is passed on.
type HeaderName uint8

// The headers that everybody may set and everybody is shown.
const (
	customHeader HeaderName = iota
	// HeaderCorrelationID joins a message with its answers.
	HeaderCorrelationID
	// HeaderResponseRequired says whether a command is to be answered.
	HeaderResponseRequired
	// HeaderRequestedAcks lists the acknowledgements that an answer waits for.
	HeaderRequestedAcks
	// HeaderTimeout says how long it waits for them; see [Headers.Timeout].
	HeaderTimeout
	// HeaderContentType is the media type of the value.
	HeaderContentType
	// HeaderChannel is twin or live.
	HeaderChannel
	HeaderReplyTo
	HeaderLocation
	HeaderTraceparent
	HeaderTracestate
	// HeaderDryRun asks what a migration would do.
	HeaderDryRun
	HeaderDivertedResponseFromConnection
	HeaderTimestamp
	HeaderStatus

	// Headers that only clients set. Nobody is shown them.

	HeaderAccept
	HeaderAuthorization
	HeaderIfMatch
	HeaderIfNoneMatch
	// HeaderIfEqual says what becomes of a modification that changes nothing.
	HeaderIfEqual
	// HeaderCondition is RQL that the stored thing must match.
	HeaderCondition
	HeaderLiveChannelCondition
	HeaderLiveChannelTimeoutStrategy
	HeaderPutMetadata
	HeaderGetMetadata
	HeaderDeleteMetadata
	// HeaderAllowPolicyLockout allows a policy that nobody can change any more.
	HeaderAllowPolicyLockout
	HeaderAtHistoricalRevision
	HeaderAtHistoricalTimestamp
	// HeaderMergeThingPatchConditions has RQL for parts of a patch.
	HeaderMergeThingPatchConditions
	HeaderPolicyView
	// HeaderDeclaredAcks lists the acknowledgements that a session issues. It matters to the handshake only.
	HeaderDeclaredAcks
	HeaderDivertResponseToConnection
	HeaderDivertExpectedResponseTypes

	// Headers that only the server sets.

	HeaderETag
	// HeaderEntityRevision is the revision of the entity, after the command if that changed it.
	HeaderEntityRevision
	// HeaderOriginator is the first authorization subject of who sent the command.
	HeaderOriginator
	// HeaderWeakAck marks an acknowledgement that is given only because nobody else will give it. In acknowledgements, and
	// only there, clients may set it.
	HeaderWeakAck
	// HeaderMetadata is the metadata that a retrieve asked for.
	HeaderMetadata
	HeaderHistoricalHeaders
	HeaderLiveChannelConditionMatched
	HeaderConnectionID
	HeaderWWWAuthenticate
	HeaderMessageDirection
	HeaderMessageSubject
	HeaderMessageThingID
	HeaderMessageFeatureID

	// Headers of HTTP and of proxies. They mean nothing here.

	headerRawRequestURI
	headerCacheControl
	headerConnection
	headerTimeoutAccess
	headerAcceptEncoding
	headerXForwardedScheme

	// Headers that nobody may set and nobody is shown.

	headerAuthContext
	headerOrigin
	headerReadSubjects
	headerReadRevokedSubjects
	headerEntityID
	headerDittoDryRun
	headerSudo
	headerRetrieveDeleted
	headerReplyTarget
	headerInboundPayloadMapper
	headerExpectedResponseTypes
	headerEventJournalTags
	headerAckgregatorAddress
	headerPartialAccessPaths
	headerPolicyViewFieldsSelector
	headerPreDefinedExtraFields
)

// String returns the name in lower case, "" if there is no such header.
func (n HeaderName) String() string {
	if int(n) >= len(catalogue) {
		return ""
	}
	return catalogue[n].name
}
