package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Bounds of the names that a Connection has at a broker.
const (
	maxClientID = 128
	maxGroupID  = 249
	maxConsumer = 128
	maxWill     = 4096
)

// EffectiveConnection returns the spec of a Connection with every field filled
// in that was left out, as far as there is a default. What is particular to a
// type is filled in for that type only. The Connection given is not changed.
func EffectiveConnection(c *v1alpha1.Connection) v1alpha1.ConnectionSpec {
	s := *c.Spec.DeepCopy()
	fill(&s.State, v1alpha1.ConnectionOpen)
	reconnect := fill(&s.Reconnect, v1alpha1.Reconnect{})
	fill(&reconnect.InitialDelay, "1s")
	fill(&reconnect.MaxDelay, "1m")
	for i := range s.Sources {
		fillSource(&s.Sources[i], s.Type)
	}
	if s.Credentials != nil && s.Credentials.HMAC != nil {
		fillHMAC(s.Credentials.HMAC)
	}
	switch s.Type {
	case v1alpha1.ConnectionMQTT:
		fillMQTT(fill(&s.MQTT, v1alpha1.MQTTOptions{}), brokerName(c, maxClientID))
	case v1alpha1.ConnectionKafka:
		kafka := fill(&s.Kafka, v1alpha1.KafkaOptions{})
		if s.Credentials != nil && s.Credentials.Basic != nil {
			fill(&kafka.SASLMechanism, v1alpha1.SASLScram512)
		}
		fill(&kafka.GroupID, brokerName(c, maxGroupID))
	case v1alpha1.ConnectionHTTPPush:
		push := fill(&s.HTTPPush, v1alpha1.HTTPPushOptions{})
		fill(&push.Parallelism, 16)
		fill(&push.Timeout, "30s")
		fillList(&push.OmitBody, v1alpha1.HTTPDelete, v1alpha1.HTTPGet)
	case v1alpha1.ConnectionNATS:
		nats := fill(&s.NATS, v1alpha1.NATSOptions{})
		fill(&nats.Consumer, consumerName(c))
	}
	return s
}

func fillMQTT(mqtt *v1alpha1.MQTTOptions, clientID string) {
	fill(&mqtt.ClientID, clientID)
	fill(&mqtt.KeepAlive, "60s")
	fill(&mqtt.CleanStart, v1alpha1.Disabled)
	if *fill(&mqtt.Version, v1alpha1.MQTT5) == v1alpha1.MQTT5 {
		expiry := v1alpha1.Duration("24h")
		if *mqtt.CleanStart == v1alpha1.Enabled {
			expiry = "0s"
		}
		fill(&mqtt.SessionExpiry, expiry)
	}
	if mqtt.LastWill != nil {
		fill(&mqtt.LastWill.QoS, 0)
		fill(&mqtt.LastWill.Retain, v1alpha1.Disabled)
	}
}

func fillHMAC(h *v1alpha1.HMACCredentials) {
	switch h.Algorithm {
	case v1alpha1.HMACAWS4:
		fill(&h.ContentHash, v1alpha1.ContentHashExcluded)
		fill(&h.PathEncoding, v1alpha1.PathEncodedTwice)
		fillList(&h.SignedHeaders, "host")
	case v1alpha1.HMACAzureSAS:
		fill(&h.TTL, "168h")
	}
}

func fillSource(s *v1alpha1.Source, kind v1alpha1.ConnectionType) {
	qos := int32(0)
	if *fill(&s.Delivery, v1alpha1.AtLeastOnce) == v1alpha1.AtLeastOnce {
		fillList(&s.RequestedAcks, "twin-persisted")
		qos = 1
	}
	if kind == v1alpha1.ConnectionMQTT {
		fill(&s.QoS, qos)
	}
	fill(&s.Payload, v1alpha1.SourceDittoProtocol)
	if s.ReplyTo != nil {
		fillList(&s.Replies, v1alpha1.ReplyError, v1alpha1.ReplyResponse)
	}
}

// consumerName is brokerName for NATS, whose durable consumers have no dots in
// their names. Names of objects have no underscores, so that no two become the
// same.
func consumerName(c *v1alpha1.Connection) string {
	return strings.ReplaceAll(brokerName(c, maxConsumer), ".", "_")
}

// brokerName returns a name for a Connection that no other of the cluster has:
// a namespace has no dots. What would be too long ends in a hash.
func brokerName(c *v1alpha1.Connection, maxLength int) string {
	name := "twinway." + namespaceOf(c.Namespace) + "." + c.Name
	if len(name) <= maxLength {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	suffix := "." + hex.EncodeToString(sum[:8])
	return name[:maxLength-len(suffix)] + suffix
}

// EffectiveSubscription returns the spec of a Subscription with every field
// filled in that was left out, as far as there is a default. The spec given is
// not changed.
func EffectiveSubscription(spec v1alpha1.SubscriptionSpec) v1alpha1.SubscriptionSpec {
	s := *spec.DeepCopy()
	if s.Target != nil {
		fill(&s.Target.Payload, v1alpha1.TargetDittoProtocol)
		fill(&s.Target.Delivery, v1alpha1.AtMostOnce)
		if *s.Target.Payload == v1alpha1.TargetNormalizedThing {
			fill(&s.Target.DeletedFields, v1alpha1.Disabled)
		}
	}
	return s
}
