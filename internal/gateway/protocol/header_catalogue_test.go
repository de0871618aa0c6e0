package protocol

import (
	"strings"
	"testing"
)

// TestCatalogue says of all headers who may set them and who is shown them.
func TestCatalogue(t *testing.T) {
	const (
		everybody = `correlation-id response-required requested-acks timeout content-type channel reply-to location traceparent
			tracestate dry-run diverted-response-from-connection timestamp status`
		clients = `accept authorization if-match if-none-match if-equal condition live-channel-condition
			live-channel-timeout-strategy put-metadata get-metadata delete-metadata allow-policy-lockout at-historical-revision
			at-historical-timestamp merge-thing-patch-conditions policy-view declared-acks divert-response-to-connection
			divert-expected-response-types raw-request-uri cache-control connection timeout-access accept-encoding
			x-forwarded-scheme`
		server = `etag entity-revision ditto-originator ditto-weak-ack ditto-metadata historical-headers
			live-channel-condition-matched ditto-connection-id www-authenticate ditto-message-direction ditto-message-subject
			ditto-message-thing-id ditto-message-feature-id`
		nobody = `ditto-auth-context ditto-origin ditto-read-subjects ditto-read-revoked-subjects ditto-entity-id ditto-dry-run
			ditto-sudo ditto-retrieve-deleted ditto-reply-target ditto-inbound-payload-mapper ditto-expected-response-types
			ditto-event-journal-tags ditto-ackgregator-address ditto-partial-access-paths ditto-pre-defined-extra-fields
			ditto-policy-view-fields-selector`
	)
	count := 1 // what stands for custom headers
	for way, names := range map[way]string{both: everybody, inOnly: clients, outOnly: server, neither: nobody} {
		for name := range strings.FieldsSeq(names) {
			count++
			known := lookup(name)
			if known == customHeader || known.String() != name || catalogue[known].way != way {
				t.Errorf("%s: header %d (%s), way %d, want %d", name, known, known, catalogue[known].way, way)
			}
		}
	}
	if len(catalogue) != count {
		t.Errorf("there are %d headers, and %d in this test", len(catalogue), count)
	}
}

// Names consist of what lookup folds.
func TestCatalogueNames(t *testing.T) {
	for _, h := range catalogue {
		if len(h.name) > 40 || strings.Trim(h.name, "-abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%s is no name for a header", h.name)
		}
		if upper := strings.ToUpper(h.name); h.name != "" && lookup(upper) != lookup(h.name) {
			t.Errorf("%s is unknown", upper)
		}
	}
}

func TestLookup(t *testing.T) {
	for name, want := range map[string]HeaderName{
		"correlation-id":                   HeaderCorrelationID,
		"CORRELATION-ID":                   HeaderCorrelationID,
		"If-Match":                         HeaderIfMatch,
		"WWW-Authenticate":                 HeaderWWWAuthenticate,
		"version":                          customHeader,
		"":                                 customHeader,
		"correlation_id":                   customHeader,
		"correlation\rid":                  customHeader, // a dash in upper case, to those who only flip a bit
		"ditto-foo":                        customHeader,
		"ditto-pre-defined-extra-field":    customHeader,
		"ditto-pre-defined-extra-fields-x": headerPreDefinedExtraFields,
		"Ditto-Pre-Defined-Extra-Fields-Read-Subject": headerPreDefinedExtraFields,
		"x-pre-defined-extra-fields-and-more-of-that": customHeader,
		strings.Repeat("x", 1000):                     customHeader,
	} {
		if got := lookup(name); got != want {
			t.Errorf("%q is header %d, want %d", name, got, want)
		}
		if got := lookup([]byte(name)); got != want {
			t.Errorf("%q as bytes is header %d, want %d", name, got, want)
		}
	}
	if got := HeaderName(255).String(); got != "" {
		t.Errorf("a header that does not exist is called %s", got)
	}
}
