package protocol

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestErrors says of every error which status and code it has, and whether it is reported for the entity of the message.
func TestErrors(t *testing.T) {
	const (
		addressed   = "addressed"
		unaddressed = "unaddressed"
	)
	property := mustPath(t, "/features/f/properties/p")
	for _, c := range []struct {
		err     *Error
		status  int
		code    string
		address string
	}{
		{ErrJSONInvalid("r"), 400, "json.invalid", unaddressed},
		{ErrValueInvalid("r"), 400, "json.invalid", addressed},
		{ErrValueMissing(), 400, "json.invalid", addressed},
		{ErrEmptyText(), 400, "json.format.invalid", unaddressed},
		{ErrJSONFormatInvalid("r"), 400, "json.format.invalid", addressed},
		{ErrControlParameter("r"), 400, "json.format.invalid", unaddressed},
		{ErrFieldMissing("topic"), 400, "json.field.missing", unaddressed},
		{ErrKeyInvalid("k", "r"), 400, "json.key.invalid", unaddressed},
		{ErrPointerInvalid("//"), 400, "json.pointer.invalid", unaddressed},
		{ErrFieldSelectorInvalid("("), 400, "json.fieldselector.invalid", unaddressed},

		{ErrTopicUnknown("t", "r"), 400, "protocoladapter:unknown.topicpath", unaddressed},
		{ErrTopicNotServed(modifyTopic), 400, "protocoladapter:unknown.topicpath", unaddressed},
		{ErrUnknownTopicPath("t", "/"), 400, "protocoladapter:unknown.topicpath", addressed},
		{ErrPathUnknown("/foo"), 400, "protocoladapter:unknown.path", unaddressed},
		{ErrSubjectInvalid(""), 400, "messages:subject.invalid", addressed},

		{ErrHeaderInvalid("h", "r"), 400, "header.invalid", unaddressed},
		{ErrHeaderConflict(HeaderTimeout, "r"), 400, "header.invalid", addressed},
		{ErrHeaderNotSupported(HeaderPutMetadata), 400, "header.notsupported", addressed},
		{ErrResponseRequired(), 400, "command.headers.invalid", addressed},
		{ErrTimeoutInvalid("x"), 400, "timeout.invalid", unaddressed},
		{ErrMediaTypeUnsupported(""), 415, "mediatype.unsupported", addressed},
		{ErrRQLInvalid("x", "r"), 400, "rql.expression.invalid", unaddressed},

		{ErrAuthenticationFailed("r"), 401, "gateway:authentication.failed", unaddressed},
		{ErrAuthenticationUnavailable(), 503, "gateway:authentication.provider.unavailable", unaddressed},
		{ErrVersionNotSupported("1"), 404, "api.version.notsupported", unaddressed},
		{ErrHeadersTooLarge("r"), 431, "headers.too.large", unaddressed},
		{ErrDuplicateHeader("h"), 400, "gateway:duplicate.header.field", unaddressed},
		{ErrNamespaceNotAccessible("ns"), 403, "gateway:namespace.notaccessible", addressed},
		{ErrServiceUnavailable(0), 503, "gateway:service.unavailable", unaddressed},

		{ErrEnforcementFailed("ns:t"), 400, "connectivity:connection.id.enforcement.failed", addressed},
		{ErrMessageMappingFailed("r"), 400, "connectivity:message.mapping.failed", unaddressed},
		{ErrMessageSubjectsUnresolved("x"), 400, "connectivity:connection.configuration.invalid", unaddressed},

		{ErrSearchNotFound("0"), 404, "thing-search:subscription.not.found", addressed},
		{ErrSearchProtocol("0", "r"), 400, "thing-search:subscription.protocol.error", addressed},
		{ErrSearchTimeout("0", time.Minute), 408, "thing-search:subscription.timeout", addressed},
		{ErrSearchAborted(), 500, "thing-search:subscription.aborted", addressed},
		{ErrSearchTimeExceeded(time.Minute), 408, "thing-search:query.time.exceeded", addressed},
		{ErrSearchOptionInvalid("o", "r"), 400, "thing-search:search.option.invalid", addressed},
		{ErrSearchNamespacesInvalid("n", "r"), 400, "thing-search:search.namespaces.invalid", addressed},

		{ErrTooManyRequests(0), 429, "too.many.requests", addressed},
		{ErrTooManyModifications("ns:n"), 429, "things:thing.toomanymodifyingrequests", addressed},
		{ErrThingUnavailable("ns:n"), 503, "things:thing.unavailable", addressed},
		{ErrCommandTimeout(time.Second), 408, "command.timeout", addressed},
		{ErrInternal(), 500, "gateway:internalerror", unaddressed},

		{ErrLabelInvalid("x"), 400, "acknowledgement:label.invalid", unaddressed},
		{ErrLabelNotDeclared("x"), 400, "acknowledgement:label.not.declared", unaddressed},
		{ErrLabelNotUnique("x"), 409, "acknowledgement:label.not.unique", unaddressed},
		{ErrLabelForbidden("x"), 400, "acknowledgement:ditto.acklabel.forbidden", addressed},
		{ErrAckCorrelationIDMissing(), 400, "acknowledgement:correlation-id.missing", addressed},
		{ErrAckDuplicateCorrelationID("c"), 409, "acknowledgement:request.duplicate.correlation-id", addressed},
		{ErrAckTimeout("x", time.Second), 408, "acknowledgement:request.timeout", addressed},

		{ErrThingNotFound("ns:n"), 404, "things:thing.notfound", addressed},
		{ErrThingConflict("ns:n"), 409, "things:thing.conflict", addressed},
		{ErrThingNotCreatable("ns:n", "ns:p"), 400, "things:thing.notcreatable", addressed},
		{ErrThingNotModifiable("ns:n"), 403, "things:thing.notmodifiable", addressed},
		{ErrThingNotDeletable("ns:n"), 403, "things:thing.notdeletable", addressed},
		{ErrThingTooLarge(2, 1), 413, "things:thing.toolarge", addressed},
		{ErrHistoryNotFound("ns:n"), 404, "things:thing.history.notfound", addressed},
		{ErrPreconditionFailed("if-match", "a", ""), 412, "things:precondition.failed", addressed},
		{ErrPreconditionSkipped(), 412, "things:precondition.failed", addressed},
		{ErrNotModified(), 304, "things:precondition.notmodified", addressed},
		{ErrConditionInvalid("x", "r"), 400, "things:condition.invalid", addressed},
		{ErrConditionFailed("x"), 412, "things:condition.failed", addressed},
		{ErrConditionUnreadable("x", "/attributes/a"), 412, "things:condition.failed", addressed},
		{ErrLiveChannelConditionNotAllowed(), 405, "things:live.channelcondition.notallowed", addressed},

		{ErrThingIDInvalid("x", "r"), 400, "things:id.invalid", unaddressed},
		{ErrThingIDNotSettable("a", "b"), 400, "things:id.notsettable", unaddressed},
		{ErrThingIDNotDeletable(), 400, "things:id.notdeletable", unaddressed},
		{ErrThingIDsMissing(), 400, "things:things.ids.missing", addressed},
		{ErrMergeInvalid("r"), 400, "things:merge.invalid", addressed},
		{ErrDefinitionInvalid("x"), 400, "things:definition.identifier.invalid", unaddressed},
		{ErrFeatureDefinitionEmpty(), 400, "things:feature.definition.empty", unaddressed},
		{ErrFieldSelectionInvalid("x"), 400, "things:field.selection.invalid", unaddressed},
		{ErrMetadataHeadersConflict(), 400, "things:metadata.headersconflict", addressed},
		{ErrMetadataNotModifiable(), 400, "things:metadata.notmodifiable", addressed},
		{ErrMetadataInvalid("r"), 400, "header.invalid", addressed},
		{ErrMetadataKeyInvalid("k", "r"), 400, "header.invalid", addressed},
		{ErrPlaceholderUnresolved("x"), 400, "placeholder:unresolved", addressed},

		{ErrPolicyNotFound("ns:p"), 404, "policies:policy.notfound", addressed},
		{ErrPolicyIDInvalid("x"), 400, "policies:id.invalid", unaddressed},
		{ErrPolicyIDNotDeletable(), 400, "things:policyId.notdeletable", unaddressed},
		{ErrPolicyIDMissing("ns:n"), 400, "things:policy.id.missing", addressed},
		{ErrPolicyInvalid("r"), 400, "things:policy.invalid", addressed},
		{ErrPolicyConflicting(), 400, "things:policy.conflicting", unaddressed},

		{ErrPolicyIDNotFound("ns:n"), 404, "things:policyId.notfound", addressed},
		{ErrDefinitionNotFound("ns:n"), 404, "things:definition.notfound", addressed},
		{ErrAttributesNotFound("ns:n"), 404, "things:attributes.notfound", addressed},
		{ErrAttributeNotFound("ns:n", "/a"), 404, "things:attribute.notfound", addressed},
		{ErrFeaturesNotFound("ns:n"), 404, "things:features.notfound", addressed},
		{ErrFeatureNotFound("ns:n", "f"), 404, "things:feature.notfound", addressed},
		{ErrFeatureDefinitionNotFound("ns:n", "f"), 404, "things:feature.definition.notfound", addressed},
		{ErrFeaturePropertiesNotFound("ns:n", "f"), 404, "things:feature.properties.notfound", addressed},
		{ErrFeaturePropertyNotFound("ns:n", "f", "/p"), 404, "things:feature.property.notfound", addressed},
		{ErrFeatureDesiredPropertiesNotFound("ns:n", "f"), 404, "things:feature.desiredProperties.notfound", addressed},
		{ErrFeatureDesiredPropertyNotFound("ns:n", "f", "/p"), 404, "things:feature.desiredProperty.notfound", addressed},

		{ErrPartNotModifiable("ns:n", Path{}), 403, "things:thing.notmodifiable", addressed},
		{ErrPartNotModifiable("ns:n", property), 403, "things:feature.property.notmodifiable", addressed},
	} {
		if c.err.Status != c.status || c.err.Code != c.code || c.err.Unaddressed != (c.address == unaddressed) {
			t.Errorf("got %+v, want %d %s %s", c.err, c.status, c.code, c.address)
		}
		if c.err.Message == "" || c.err.Description == "" {
			t.Errorf("%s says nothing: %+v", c.code, c.err)
		}
		if want := strings.HasPrefix(c.code, "policies:"); c.err.Policy != want {
			t.Errorf("%s is an error of policies: %t, want %t", c.code, c.err.Policy, want)
		}
	}
}

// TestPartNotModifiable goes through all parts of a thing.
func TestPartNotModifiable(t *testing.T) {
	for path, want := range map[string]string{
		"/": "thing", "/policyId": "policyId", "/definition": "definition", "/attributes": "attributes",
		"/attributes/a": "attribute", "/features": "features", "/features/f": "feature",
		"/features/f/definition": "feature.definition", "/features/f/properties": "feature.properties",
		"/features/f/properties/p": "feature.property", "/features/f/desiredProperties": "feature.desiredProperties",
		"/features/f/desiredProperties/p": "feature.desiredProperty", "/_policy/x": "thing",
	} {
		err := ErrPartNotModifiable("ns:n", mustPath(t, path))
		if err.Code != "things:"+want+".notmodifiable" || !strings.Contains(err.Message, path) {
			t.Errorf("%s: %+v", path, err)
		}
	}
}

func TestErrorAppend(t *testing.T) {
	for want, err := range map[string]*Error{
		`{"status":404,"error":"a:b","message":"m"}`: {Status: 404, Code: "a:b", Message: "m"},
		`{"status":400,"error":"a:b","message":"\"\\ \u0001ü","description":"d\n","href":"https://x"}`: {
			Status: 400, Code: "a:b", Message: "\"\\ \x01ü", Description: "d\n", Href: "https://x", ETag: "x", Policy: true},
	} {
		if got := string(err.Append([]byte("x"))); got != "x"+want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got, want := ErrInternal().Error(), "gateway:internalerror: An error occurred that should not have."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestErrPreconditionFailed(t *testing.T) {
	for current, want := range map[string]string{"": "there is none", `"rev:1"`: `it is "rev:1"`} {
		if got := ErrPreconditionFailed("if-match", "*", current).Message; !strings.Contains(got, want) || !strings.Contains(got, "if-match") {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What a client sent is repeated in part only.
func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("ä", 1<<16)
	_, topic := ParseTopic(long + "/" + long + "/" + long)
	_, path := ParsePath(long)
	for name, err := range map[string]*Error{
		"topic": topic, "path": path, "key": ValidateKey(long), "id": ValidateID(long, long), "definition": ValidateDefinition(long),
		"label": ValidateLabel(long), "not settable": ErrThingIDNotSettable(long, long), "selector": ErrFieldSelectorInvalid(long),
		"property": ErrFeaturePropertyNotFound(long, long, long), "subject": ValidateSubject(long),
	} {
		text := err.Append(nil)
		if len(text) > 2000 || !json.Valid(text) || !utf8.Valid(text) {
			t.Errorf("%s: %d bytes: %.2000s", name, len(text), text)
		}
	}
	if got := excerpt(strings.Repeat("x", 256)); len(got) != 256 {
		t.Errorf("what is short is cut: %s", got)
	}
	if got, want := excerpt("x"+long), "x"+strings.Repeat("ä", 127)+"…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := excerpt(strings.Repeat("\x80", 300)); got != "…" {
		t.Errorf("got %q for bytes that are no text", got)
	}
}
