package protocol

// HeaderName is a header that the protocol knows. All others are custom: text that is passed on.
type HeaderName uint8

// The headers that everybody may set and everybody is shown.
const (
	customHeader HeaderName = iota
	HeaderCorrelationID
	HeaderResponseRequired
	HeaderRequestedAcks
	HeaderTimeout
	HeaderContentType
	HeaderChannel
	HeaderReplyTo
	HeaderLocation
	HeaderTraceparent
	HeaderTracestate
	HeaderDryRun
	HeaderDivertedResponseFromConnection
	HeaderTimestamp
	HeaderStatus

	// Headers that only clients set. Nobody is shown them.

	HeaderAccept
	HeaderAuthorization
	HeaderIfMatch
	HeaderIfNoneMatch
	HeaderIfEqual
	HeaderCondition
	HeaderLiveChannelCondition
	HeaderLiveChannelTimeoutStrategy
	HeaderPutMetadata
	HeaderGetMetadata
	HeaderDeleteMetadata
	HeaderAllowPolicyLockout
	HeaderAtHistoricalRevision
	HeaderAtHistoricalTimestamp
	HeaderMergeThingPatchConditions
	HeaderPolicyView
	HeaderDeclaredAcks
	HeaderDivertResponseToConnection
	HeaderDivertExpectedResponseTypes

	// Headers that only the server sets.

	HeaderETag
	HeaderEntityRevision
	HeaderOriginator
	HeaderWeakAck
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
