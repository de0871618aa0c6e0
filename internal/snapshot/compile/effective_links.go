package compile

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Bounds of the names that a Connection has at a broker.
const (
	maxClientID = 128
	maxGroupID  = 249
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
		fillSource(&s.Sources[i])
	}
	switch s.Type {
	case v1alpha1.ConnectionMQTT:
		mqtt := fill(&s.MQTT, v1alpha1.MQTTOptions{})
		fill(&mqtt.Version, v1alpha1.MQTT5)
		fill(&mqtt.ClientID, brokerName(c, maxClientID))
		fill(&mqtt.KeepAlive, "60s")
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
	}
	return s
}

func fillSource(s *v1alpha1.Source) {
	if *fill(&s.Delivery, v1alpha1.AtLeastOnce) == v1alpha1.AtLeastOnce {
		fillList(&s.RequestedAcks, "twin-persisted")
	}
	fill(&s.Payload, v1alpha1.SourceDittoProtocol)
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
	}
	return s
}
