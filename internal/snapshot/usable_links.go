package snapshot

import (
	"fmt"
	"time"
)

// linksProblem says what is wrong with the Connections and Subscriptions.
func (s *Snapshot) linksProblem() string {
	connections := make(map[string]ConnectionType, len(s.Connections))
	for i, c := range s.Connections {
		if i > 0 && c.Name <= s.Connections[i-1].Name {
			return "connections are not sorted by name"
		}
		if problem := c.problem(); problem != "" {
			return fmt.Sprintf("connections[%d].%s", i, problem)
		}
		connections[c.Name] = c.Type
	}
	for i, sub := range s.Subscriptions {
		if i > 0 && sub.Name <= s.Subscriptions[i-1].Name {
			return "subscriptions are not sorted by name"
		}
		if _, there := connections[sub.Connection]; !there {
			return fmt.Sprintf("subscriptions[%d].connection is not there", i)
		}
		if problem := sub.problem(); problem != "" {
			return fmt.Sprintf("subscriptions[%d].%s", i, problem)
		}
	}
	return ""
}

func (c Connection) problem() string {
	if (c.Type == ConnectionMQTT) != (c.MQTT != nil) || (c.Type == ConnectionKafka) != (c.Kafka != nil) ||
		(c.Type == ConnectionNATS) != (c.NATS != nil) || (c.Type == ConnectionHTTPPush) != (c.HTTPPush != nil) {
		return "type does not fit what is particular to it"
	}
	for _, source := range c.Sources {
		if problem := source.problem(c.Type); problem != "" {
			return "sources: " + problem
		}
	}
	return first(
		unknown("type", c.Type, ConnectionDittoWebSocket, ConnectionHTTPPush, ConnectionMQTT, ConnectionKafka, ConnectionNATS),
		unknown("state", c.State, ConnectionOpen, ConnectionClosed),
		outOfBounds(
			within("reconnect.initialDelay", c.Reconnect.InitialDelay, 100*time.Millisecond, 10*time.Minute),
			within("reconnect.maxDelay", c.Reconnect.MaxDelay, max(time.Second, c.Reconnect.InitialDelay), time.Hour),
		),
		c.MQTT.problem(), c.HTTPPush.problem(), c.Credentials.problem(),
	)
}

func (s Source) problem(kind ConnectionType) string {
	if (kind == ConnectionMQTT) != (s.QoS != nil) {
		return "type does not fit qos"
	}
	if s.Payload == SourceImplicitThing && s.ImplicitThing == nil {
		return "payload does not fit implicitThing"
	}
	for _, reply := range s.Replies {
		if problem := unknown("replies", reply, ReplyError, ReplyNack, ReplyResponse); problem != "" {
			return problem
		}
	}
	return first(
		unknown("delivery", s.Delivery, AtMostOnce, AtLeastOnce),
		unknown("payload", s.Payload, SourceDittoProtocol, SourceRawMessage, SourceImplicitThing),
		s.qosProblem(),
	)
}

func (s Source) qosProblem() string {
	if s.QoS == nil {
		return ""
	}
	return outOfBounds(within("qos", *s.QoS, 0, 2))
}

func (c *Credentials) problem() string {
	if c == nil || c.HMAC == nil {
		return ""
	}
	hashes, shortest, longest := []ContentHash{""}, time.Duration(0), time.Duration(0)
	switch c.HMAC.Algorithm {
	case HMACAWS4:
		hashes = []ContentHash{ContentHashExcluded, ContentHashIncluded, ContentHashUnsigned}
	case HMACAzureSAS:
		shortest, longest = time.Minute, 8760*time.Hour
	}
	return first(
		unknown("hmac.algorithm", c.HMAC.Algorithm, HMACAWS4, HMACAzureMonitor, HMACAzureSAS),
		unknown("hmac.contentHash", c.HMAC.ContentHash, hashes...),
		outOfBounds(within("hmac.ttl", c.HMAC.TTL, shortest, longest)),
	)
}

func (m *MQTT) problem() string {
	if m == nil {
		return ""
	}
	return first(
		unknown("mqtt.version", m.Version, MQTT3, MQTT5),
		outOfBounds(
			within("mqtt.keepAlive", m.KeepAlive, 5*time.Second, 10*time.Minute),
			within("mqtt.sessionExpiry", m.SessionExpiry, 0, 8760*time.Hour),
			within("mqtt.lastWill.qos", m.willQoS(), 0, 2),
		),
	)
}

func (m *MQTT) willQoS() int {
	if m.LastWill == nil {
		return 0
	}
	return m.LastWill.QoS
}

func (h *HTTPPush) problem() string {
	if h == nil {
		return ""
	}
	return outOfBounds(
		within("httpPush.parallelism", h.Parallelism, 1, 256),
		within("httpPush.timeout", h.Timeout, 100*time.Millisecond, 5*time.Minute),
	)
}

func (s Subscription) problem() string {
	if (s.Direction == Outbound) != (s.Target != nil) {
		return "direction does not fit the target"
	}
	if s.Target != nil {
		if problem := first(
			unknown("target.payload", s.Target.Payload, TargetDittoProtocol, TargetNormalizedThing, TargetRawMessage, TargetCloudEvent),
			unknown("target.delivery", s.Target.Delivery, AtMostOnce, AtLeastOnce),
		); problem != "" {
			return problem
		}
	}
	return first(
		unknown("direction", s.Direction, Outbound, Inbound),
		unknown("signal", s.Signal, SignalTwinEvents, SignalMessages, SignalLiveCommands, SignalLiveEvents, SignalPolicyAnnouncements),
	)
}
