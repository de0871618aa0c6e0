package compile

import (
	"regexp"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// connection checks the spec of a Connection, which is an effective one, and
// returns it with everything it refers to, which means something only when no
// error was found.
func (c *check) connection(spec v1alpha1.ConnectionSpec, ix *index) snapshot.Connection {
	c.objectNamespace()
	c.objectName("metadata.name", c.object.Name)
	c.gatewayReference("spec.gatewayRef.name", spec.GatewayRef.Name)
	kind := choice(c, "spec.type", spec.Type, v1alpha1.ConnectionDittoWebSocket, v1alpha1.ConnectionHTTPPush,
		v1alpha1.ConnectionMQTT, v1alpha1.ConnectionKafka, v1alpha1.ConnectionNATS)
	c.fitsType(spec)
	connection := snapshot.Connection{
		Name:        c.object.Name,
		Type:        snapshot.ConnectionType(kind),
		State:       snapshot.ConnectionState(choice(c, "spec.state", *spec.State, v1alpha1.ConnectionOpen, v1alpha1.ConnectionClosed)),
		URI:         c.uri("spec.uri", spec.URI, spec.Type),
		Credentials: c.credentials("spec.credentials", spec.Credentials, ix),
		TLS:         c.connectionTLS("spec.tls", spec.TLS, ix),
		Reconnect:   c.reconnect("spec.reconnect", spec.Reconnect),
		Sources:     c.sources("spec.sources", spec.Sources, spec.Type),
	}
	switch kind {
	case v1alpha1.ConnectionMQTT:
		connection.MQTT = c.mqtt("spec.mqtt", spec.MQTT)
	case v1alpha1.ConnectionKafka:
		c.topicsOnce("spec.sources", spec.Sources)
		connection.Kafka = c.kafka("spec.kafka", spec.Kafka, spec.Credentials)
	case v1alpha1.ConnectionHTTPPush:
		connection.HTTPPush = c.httpPush("spec.httpPush", spec.HTTPPush)
	case v1alpha1.ConnectionNATS:
		connection.NATS = c.nats("spec.nats", spec.NATS)
	}
	return connection
}

// gatewayReference checks the name of a Gateway and says whether it can be one.
func (c *check) gatewayReference(path, name string) bool {
	if name == "" {
		c.errorf(path, snapshot.RuleRequired, "is required")
		return false
	}
	c.text(path, name, gatewayNameSyntax, maxGatewayName, "a DNS label that begins with a letter")
	return isGatewayName(name)
}

func (c *check) reconnect(path string, r *v1alpha1.Reconnect) snapshot.Reconnect {
	checked := snapshot.Reconnect{
		InitialDelay: c.duration(path+".initialDelay", *r.InitialDelay, 100*time.Millisecond, 10*time.Minute),
		MaxDelay:     c.duration(path+".maxDelay", *r.MaxDelay, time.Second, time.Hour),
	}
	if checked.InitialDelay > checked.MaxDelay {
		c.errorf(path, snapshot.RuleRange, "initialDelay, 1s by default, must not be above maxDelay, 1m by default")
	}
	return checked
}

func (c *check) mqtt(path string, m *v1alpha1.MQTTOptions) *snapshot.MQTT {
	checked := &snapshot.MQTT{
		Version:    snapshot.MQTTVersion(choice(c, path+".version", *m.Version, v1alpha1.MQTT3, v1alpha1.MQTT5)),
		ClientID:   c.text(path+".clientID", *m.ClientID, noControls, maxClientID, noControlsDescription),
		KeepAlive:  c.duration(path+".keepAlive", *m.KeepAlive, 5*time.Second, 10*time.Minute),
		CleanStart: c.toggle(path+".cleanStart", *m.CleanStart) == snapshot.Enabled,
		LastWill:   c.lastWill(path+".lastWill", m.LastWill),
	}
	if m.SessionExpiry == nil {
		return checked
	}
	checked.SessionExpiry = c.duration(path+".sessionExpiry", *m.SessionExpiry, 0, 8760*time.Hour)
	if *m.Version != v1alpha1.MQTT5 {
		c.errorf(path, snapshot.RuleKnown, "sessionExpiry is for version V5")
	}
	return checked
}

var willTopicSyntax = regexp.MustCompile(`^[^+#[:cntrl:]]+$`)

func (c *check) lastWill(path string, w *v1alpha1.LastWill) *snapshot.LastWill {
	if w == nil {
		return nil
	}
	checked := &snapshot.LastWill{
		Topic:  c.text(path+".topic", w.Topic, willTopicSyntax, maxAddress, "a topic without the wildcards + and #"),
		QoS:    c.integer(path+".qos", *w.QoS, 0, 2),
		Retain: c.toggle(path+".retain", *w.Retain) == snapshot.Enabled,
	}
	if w.Message != nil {
		checked.Message = c.text(path+".message", *w.Message, someText, maxWill, "not empty")
	}
	return checked
}

var someText = regexp.MustCompile(`(?s)^.+$`)

// nats checks what is particular to NATS. Names of durable consumers have no
// dots, which separate the tokens of subjects.
func (c *check) nats(path string, n *v1alpha1.NATSOptions) *snapshot.NATS {
	return &snapshot.NATS{
		Consumer:   c.text(path+".consumer", *n.Consumer, consumerSyntax, maxConsumer, "letters, digits, hyphens and underscores"),
		QueueGroup: c.optionalText(path+".queueGroup", n.QueueGroup, keySyntax, 128, keyDescription),
	}
}

var consumerSyntax = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func (c *check) kafka(path string, k *v1alpha1.KafkaOptions, credentials *v1alpha1.ConnectionCredentials) *snapshot.Kafka {
	checked := &snapshot.Kafka{
		GroupID: c.text(path+".groupID", *k.GroupID, keySyntax, maxGroupID, keyDescription),
	}
	if k.SASLMechanism == nil {
		return checked
	}
	checked.SASLMechanism = snapshot.SASLMechanism(choice(c, path+".saslMechanism", *k.SASLMechanism,
		v1alpha1.SASLPlain, v1alpha1.SASLScram256, v1alpha1.SASLScram512))
	if credentials == nil || credentials.Basic == nil {
		c.errorf(path+".saslMechanism", snapshot.RuleRequired, "kafka.saslMechanism needs credentials.basic")
	}
	return checked
}

func (c *check) httpPush(path string, h *v1alpha1.HTTPPushOptions) *snapshot.HTTPPush {
	return &snapshot.HTTPPush{
		Parallelism: c.integer(path+".parallelism", *h.Parallelism, 1, 256),
		Timeout:     c.duration(path+".timeout", *h.Timeout, 100*time.Millisecond, 5*time.Minute),
		OmitBody:    set(c, path+".omitBody", list(c, path+".omitBody", h.OmitBody, 1, len(httpMethods), c.httpMethod)),
	}
}

var httpMethods = []v1alpha1.HTTPMethod{v1alpha1.HTTPDelete, v1alpha1.HTTPGet, v1alpha1.HTTPPatch, v1alpha1.HTTPPost, v1alpha1.HTTPPut}

func (c *check) httpMethod(path string, value v1alpha1.HTTPMethod) string {
	return string(choice(c, path, value, httpMethods...))
}
