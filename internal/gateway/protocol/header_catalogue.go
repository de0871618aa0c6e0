package protocol

// header is what the protocol says about a header.
type header struct {
	name string
	typ  valueType
	way  way
}

// way says who may set a header, and who is shown it.
type way uint8

const (
	neither way = iota // clients may not set it and are not shown it
	inOnly             // clients may set it
	outOnly            // clients are shown it
	both
)

func (w way) in() bool  { return w&inOnly != 0 }
func (w way) out() bool { return w&outOnly != 0 }

// catalogue is the protocol's list of headers.
var catalogue = [...]header{
	customHeader:                         {"", textValue, both},
	HeaderCorrelationID:                  {"correlation-id", nonEmptyValue, both},
	HeaderResponseRequired:               {"response-required", boolValue, both},
	HeaderRequestedAcks:                  {"requested-acks", labelsValue, both},
	HeaderTimeout:                        {"timeout", timeoutValue, both},
	HeaderContentType:                    {"content-type", textValue, both},
	HeaderChannel:                        {"channel", channelValue, both},
	HeaderReplyTo:                        {"reply-to", textValue, both},
	HeaderLocation:                       {"location", textValue, both},
	HeaderTraceparent:                    {"traceparent", textValue, both},
	HeaderTracestate:                     {"tracestate", textValue, both},
	HeaderDryRun:                         {"dry-run", boolValue, both},
	HeaderDivertedResponseFromConnection: {"diverted-response-from-connection", textValue, both},
	HeaderTimestamp:                      {"timestamp", textValue, both},
	HeaderStatus:                         {"status", textValue, both},

	HeaderAccept:                      {"accept", textValue, inOnly},
	HeaderAuthorization:               {"authorization", textValue, inOnly},
	HeaderIfMatch:                     {"if-match", tagsValue, inOnly},
	HeaderIfNoneMatch:                 {"if-none-match", tagsValue, inOnly},
	HeaderIfEqual:                     {"if-equal", ifEqualValue, inOnly},
	HeaderCondition:                   {"condition", textValue, inOnly},
	HeaderLiveChannelCondition:        {"live-channel-condition", textValue, inOnly},
	HeaderLiveChannelTimeoutStrategy:  {"live-channel-timeout-strategy", strategyValue, inOnly},
	HeaderPutMetadata:                 {"put-metadata", metadataValue, inOnly},
	HeaderGetMetadata:                 {"get-metadata", fieldsValue, inOnly},
	HeaderDeleteMetadata:              {"delete-metadata", fieldsValue, inOnly},
	HeaderAllowPolicyLockout:          {"allow-policy-lockout", boolValue, inOnly},
	HeaderAtHistoricalRevision:        {"at-historical-revision", intValue, inOnly},
	HeaderAtHistoricalTimestamp:       {"at-historical-timestamp", textValue, inOnly},
	HeaderMergeThingPatchConditions:   {"merge-thing-patch-conditions", objectValue, inOnly},
	HeaderPolicyView:                  {"policy-view", textValue, inOnly},
	HeaderDeclaredAcks:                {"declared-acks", labelsValue, inOnly},
	HeaderDivertResponseToConnection:  {"divert-response-to-connection", textValue, inOnly},
	HeaderDivertExpectedResponseTypes: {"divert-expected-response-types", textValue, inOnly},

	HeaderETag:                        {"etag", textValue, outOnly},
	HeaderEntityRevision:              {"entity-revision", intValue, outOnly},
	HeaderOriginator:                  {"ditto-originator", textValue, outOnly},
	HeaderWeakAck:                     {"ditto-weak-ack", boolValue, outOnly},
	HeaderMetadata:                    {"ditto-metadata", objectValue, outOnly},
	HeaderHistoricalHeaders:           {"historical-headers", objectValue, outOnly},
	HeaderLiveChannelConditionMatched: {"live-channel-condition-matched", boolValue, outOnly},
	HeaderConnectionID:                {"ditto-connection-id", textValue, outOnly},
	HeaderWWWAuthenticate:             {"www-authenticate", textValue, outOnly},
	HeaderMessageDirection:            {"ditto-message-direction", textValue, outOnly},
	HeaderMessageSubject:              {"ditto-message-subject", textValue, outOnly},
	HeaderMessageThingID:              {"ditto-message-thing-id", textValue, outOnly},
	HeaderMessageFeatureID:            {"ditto-message-feature-id", textValue, outOnly},

	headerRawRequestURI:    {"raw-request-uri", textValue, inOnly},
	headerCacheControl:     {"cache-control", textValue, inOnly},
	headerConnection:       {"connection", textValue, inOnly},
	headerTimeoutAccess:    {"timeout-access", textValue, inOnly},
	headerAcceptEncoding:   {"accept-encoding", textValue, inOnly},
	headerXForwardedScheme: {"x-forwarded-scheme", textValue, inOnly},

	headerAuthContext:              {"ditto-auth-context", textValue, neither},
	headerOrigin:                   {"ditto-origin", textValue, neither},
	headerReadSubjects:             {"ditto-read-subjects", textValue, neither},
	headerReadRevokedSubjects:      {"ditto-read-revoked-subjects", textValue, neither},
	headerEntityID:                 {"ditto-entity-id", textValue, neither},
	headerDittoDryRun:              {"ditto-dry-run", textValue, neither},
	headerSudo:                     {"ditto-sudo", textValue, neither},
	headerRetrieveDeleted:          {"ditto-retrieve-deleted", textValue, neither},
	headerReplyTarget:              {"ditto-reply-target", textValue, neither},
	headerInboundPayloadMapper:     {"ditto-inbound-payload-mapper", textValue, neither},
	headerExpectedResponseTypes:    {"ditto-expected-response-types", textValue, neither},
	headerEventJournalTags:         {"ditto-event-journal-tags", textValue, neither},
	headerAckgregatorAddress:       {"ditto-ackgregator-address", textValue, neither},
	headerPartialAccessPaths:       {"ditto-partial-access-paths", textValue, neither},
	headerPolicyViewFieldsSelector: {"ditto-policy-view-fields-selector", textValue, neither},
	headerPreDefinedExtraFields:    {"ditto-pre-defined-extra-fields", textValue, neither},
}
