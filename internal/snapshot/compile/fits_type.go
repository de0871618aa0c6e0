package compile

import (
	"regexp"
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// fitsType checks that nothing is said about a Connection that its type or its
// URI has no use for.
func (c *check) fitsType(spec v1alpha1.ConnectionSpec) {
	only := func(path string, there bool, message string, types ...v1alpha1.ConnectionType) {
		if there && !slices.Contains(types, spec.Type) {
			c.errorf(path, snapshot.RuleKnown, "%s", message)
		}
	}
	only("spec.mqtt", spec.MQTT != nil, "mqtt is for type MQTT", v1alpha1.ConnectionMQTT)
	only("spec.kafka", spec.Kafka != nil, "kafka is for type Kafka", v1alpha1.ConnectionKafka)
	only("spec.nats", spec.NATS != nil, "nats is for type NATS", v1alpha1.ConnectionNATS)
	only("spec.httpPush", spec.HTTPPush != nil, "httpPush is for type HTTPPush", v1alpha1.ConnectionHTTPPush)
	only("spec.sources", spec.Sources != nil,
		"sources are for types MQTT, Kafka and NATS; what a DittoWebSocket receives say Subscriptions with direction Inbound",
		v1alpha1.ConnectionMQTT, v1alpha1.ConnectionKafka, v1alpha1.ConnectionNATS)
	if credentials := spec.Credentials; credentials != nil {
		only("spec.credentials.bearer", credentials.Bearer != nil,
			"credentials.bearer is for types DittoWebSocket, HTTPPush and NATS",
			v1alpha1.ConnectionDittoWebSocket, v1alpha1.ConnectionHTTPPush, v1alpha1.ConnectionNATS)
		only("spec.credentials.oauth2", credentials.OAuth2 != nil,
			"credentials.oauth2 is for types DittoWebSocket and HTTPPush",
			v1alpha1.ConnectionDittoWebSocket, v1alpha1.ConnectionHTTPPush)
		only("spec.credentials.hmac", credentials.HMAC != nil, "credentials.hmac is for type HTTPPush", v1alpha1.ConnectionHTTPPush)
	}
	withQoS := slices.ContainsFunc(spec.Sources, func(s v1alpha1.Source) bool { return s.QoS != nil })
	only("spec.sources", withQoS, "qos of a source is for type MQTT", v1alpha1.ConnectionMQTT)
	c.fitsScheme(spec)
}

var encryptedSyntax = regexp.MustCompile(`^(wss|https|mqtts|ssl|tls)://`)

const encryptedDescription = "URIs with the scheme wss, https, mqtts, ssl or tls"

// fitsScheme checks that nothing is said about TLS where there is none.
func (c *check) fitsScheme(spec v1alpha1.ConnectionSpec) {
	if encryptedSyntax.MatchString(spec.URI) {
		return
	}
	if spec.TLS != nil {
		c.errorf("spec.tls", snapshot.RuleKnown, "tls is for %s", encryptedDescription)
	}
	if spec.Credentials != nil && spec.Credentials.ClientCertificate != nil {
		c.errorf("spec.credentials.clientCertificate", snapshot.RuleKnown,
			"credentials.clientCertificate is for %s", encryptedDescription)
	}
}
