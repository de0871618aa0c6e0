package snapshot_test

import (
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// hash stands for something that must never be shown.
const hash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// secret stands for everything else that must never be shown.
const secret = "TopSecret"

// jwks stands for something that is too long to be shown.
const jwks = `{"keys":[{"kty":"EC","kid":"2026-01"}]}`

// sample returns a snapshot with every field set.
func sample() *snapshot.Snapshot {
	return &snapshot.Snapshot{
		Version:  snapshot.FormatVersion,
		Gateway:  snapshot.Identity{Namespace: "default", Name: "demo"},
		Listener: snapshot.Listener{Port: 8080, TLS: &snapshot.ListenerTLS{Certificate: "-----BEGIN CERTIFICATE-----", Key: secret}},
		Authentication: snapshot.Authentication{
			Basic: &snapshot.BasicAuthentication{
				SubjectPrefix: "nginx",
				Users:         map[string]snapshot.PasswordHash{"ditto": hash, "alice": hash},
			},
			OIDC: []snapshot.OIDCProvider{{
				Name:          "keycloak",
				Issuers:       []string{"https://login.example.com/realms/plant"},
				JWKS:          jwks,
				CA:            "-----BEGIN CERTIFICATE-----",
				Audiences:     []string{"twinway"},
				Subjects:      []string{"{{ jwt:sub }}"},
				Prerequisites: []string{"{{ jwt:aud }}"},
				Algorithms:    []string{"ES256"},
			}},
			PreAuthenticated: &snapshot.PreAuthentication{Source: snapshot.PreAuthenticationHeader},
			ClockSkew:        10 * time.Second,

			TokenIntegrationSubject: "integration:{{ jwt:azp }}",
		},
		EntityCreation: snapshot.EntityCreation{
			Grant: []snapshot.CreationRule{{
				ResourceTypes: []snapshot.ResourceType{snapshot.ResourcePolicy, snapshot.ResourceThing},
				Namespaces:    []string{"*"}, AuthSubjects: []string{"*"}, ThingDefinitions: []string{"", "*"},
			}},
			Revoke: []snapshot.CreationRule{{
				ResourceTypes: []snapshot.ResourceType{snapshot.ResourceThing},
				Namespaces:    []string{"com.example"}, AuthSubjects: []string{"nginx:*"}, ThingDefinitions: []string{""},
			}},
		},
		NamespaceAccess: []snapshot.NamespaceRule{{
			Conditions:        []string{"{{ header:x }}"},
			ResourceTypes:     []snapshot.ResourceType{snapshot.ResourceThing},
			AllowedNamespaces: []string{"com.*"},
			BlockedNamespaces: []string{"com.example"},
		}},
		Policies: snapshot.Policies{
			LockoutPrevention:        snapshot.Enabled,
			SubjectExpiryGranularity: time.Hour,
			Announcements: snapshot.Announcements{
				Granularity: time.Minute, GracePeriod: 4 * time.Hour, Timeout: time.Minute,
			},
			NamespaceRoots: []snapshot.NamespaceRoot{{Pattern: "com.*", Policies: []string{"com.example:root"}}},
		},
		Storage: snapshot.Storage{
			Type:      snapshot.StorageEmbedded,
			CacheSize: 64 << 20,
			History:   snapshot.History{MaxRecords: 100, MaxAge: 720 * time.Hour},
		},
		Search: snapshot.Search{Index: &snapshot.SearchIndex{Fields: []string{"attributes/location", "features/*/properties"}}},
		HTTP: snapshot.HTTP{CORS: &snapshot.CORS{
			AllowedOrigins: []string{"https://example.com"}, Credentials: snapshot.Enabled, MaxAge: 10 * time.Minute,
		}},
		DefaultNamespace: "org.eclipse.ditto",
		Limits: snapshot.Limits{
			Message: snapshot.MessageLimits{MaxSize: 1 << 20},
			Thing:   snapshot.ThingLimits{MaxSize: 102_400},
			Policy:  snapshot.PolicyLimits{MaxSize: 102_400, MaxImports: 10},
			Sessions: snapshot.SessionLimits{
				Max: 10_000, InFlightCommands: 256, OutboundQueue: 10_000, Overflow: snapshot.OverflowClose,
			},
			Authentication: snapshot.AuthenticationLimits{FailuresPerMinute: 30},
		},
		Session: snapshot.Session{
			PingInterval: 30 * time.Second, HandshakeTimeout: 10 * time.Second, CommandTimeout: time.Minute,
		},
		Drain:         snapshot.Drain{MinDelay: 5 * time.Second, Budget: 30 * time.Second},
		Connections:   []snapshot.Connection{cloud(), field(), lake(), mesh(), push(), signed()},
		Subscriptions: []snapshot.Subscription{events(), messages()},
	}
}

// cloud returns a Connection to another endpoint of the Ditto protocol.
func cloud() snapshot.Connection {
	return snapshot.Connection{
		Name: "cloud", Type: snapshot.ConnectionDittoWebSocket, State: snapshot.ConnectionOpen,
		URI:         "wss://ditto.example.com/ws/2",
		Credentials: &snapshot.Credentials{Basic: &snapshot.BasicCredentials{Username: secret, Password: secret}},
		TLS:         snapshot.ConnectionTLS{CA: "-----BEGIN CERTIFICATE-----", ServerName: "ditto"},
		Reconnect:   snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
	}
}

// field returns a Connection to an MQTT broker, with a source.
func field() snapshot.Connection {
	return snapshot.Connection{
		Name: "field", Type: snapshot.ConnectionMQTT, State: snapshot.ConnectionOpen,
		URI:         "ssl://broker:8883",
		Credentials: &snapshot.Credentials{ClientCertificate: &snapshot.ClientCertificate{Certificate: "-----BEGIN CERTIFICATE-----", Key: secret}},
		Reconnect:   snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
		MQTT: &snapshot.MQTT{Version: snapshot.MQTT5, ClientID: "twinway.default.field", KeepAlive: time.Minute,
			CleanStart: true, SessionExpiry: time.Hour,
			LastWill: &snapshot.LastWill{Topic: "gateways/field", Message: "gone", QoS: 1, Retain: true}},
		Sources: []snapshot.Source{{
			Name: "up", Addresses: []string{"devices/+/up"}, AuthorizationSubjects: []string{"integration:field"},
			Delivery: snapshot.AtLeastOnce, QoS: new(1), Payload: snapshot.SourceDittoProtocol,
			ImplicitThing: &snapshot.ImplicitThing{Thing: `{"thingId":"com.example:{{ header:device }}"}`},
			Enforcement:   &snapshot.Enforcement{Input: "{{ source:address }}", Filters: []string{"devices/{{ thing:name }}/up"}},
			Headers:       map[string]string{"correlation-id": "{{ header:id }}"},
			RequestedAcks: []string{"twin-persisted"}, DeclaredAcks: []string{"field:done"}, ReplyTo: "{{ header:reply-to }}",
			ReplyHeaders: map[string]string{"content-type": "{{ header:content-type }}"},
			Replies:      []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack, snapshot.ReplyResponse},
		}},
	}
}

// lake returns a Connection to a Kafka cluster.
func lake() snapshot.Connection {
	return snapshot.Connection{
		Name: "lake", Type: snapshot.ConnectionKafka, State: snapshot.ConnectionClosed, URI: "tcp://a:9092,b:9092",
		Credentials: &snapshot.Credentials{Bearer: secret},
		Reconnect:   snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
		Kafka:       &snapshot.Kafka{SASLMechanism: snapshot.SASLScram512, GroupID: "twinway.default.lake"},
	}
}

// mesh returns a Connection to a NATS server.
func mesh() snapshot.Connection {
	return snapshot.Connection{
		Name: "mesh", Type: snapshot.ConnectionNATS, State: snapshot.ConnectionOpen, URI: "nats://mesh:4222",
		Reconnect: snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
		NATS:      &snapshot.NATS{Consumer: "twinway_default_mesh", QueueGroup: "gateways"},
	}
}

// signed returns a Connection that signs its requests.
func signed() snapshot.Connection {
	return snapshot.Connection{
		Name: "signed", Type: snapshot.ConnectionHTTPPush, State: snapshot.ConnectionOpen, URI: "https://example.amazonaws.com",
		Credentials: &snapshot.Credentials{HMAC: &snapshot.HMAC{
			Algorithm: snapshot.HMACAWS4, KeyID: secret, Key: secret, Region: "eu-central-1", Service: "s3",
			ContentHash: snapshot.ContentHashIncluded, SingleEncoding: true, SignedHeaders: []string{"host"},
		}},
		Reconnect: snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
		HTTPPush:  &snapshot.HTTPPush{Parallelism: 1, Timeout: time.Second},
	}
}

// push returns a Connection that sends requests.
func push() snapshot.Connection {
	return snapshot.Connection{
		Name: "push", Type: snapshot.ConnectionHTTPPush, State: snapshot.ConnectionOpen, URI: "https://example.com",
		Credentials: &snapshot.Credentials{OAuth2: &snapshot.OAuth2ClientCredentials{
			TokenEndpoint: "https://login.example.com/token", ClientID: secret, ClientSecret: secret, Scopes: []string{"write"}, Audience: "twins",
		}},
		Reconnect: snapshot.Reconnect{InitialDelay: time.Second, MaxDelay: time.Minute},
		HTTPPush:  &snapshot.HTTPPush{Parallelism: 16, Timeout: 30 * time.Second, OmitBody: []string{"DELETE", "GET"}},
	}
}

// events returns a Subscription that flows out.
func events() snapshot.Subscription {
	return snapshot.Subscription{
		Name: "events", Connection: "push", Direction: snapshot.Outbound, Signal: snapshot.SignalTwinEvents,
		AuthorizationSubjects: []string{"integration:push"}, Namespaces: []string{"com.example"},
		Filter: "gt(attributes/temperature,20)", ExtraFields: "attributes/location",
		Target: &snapshot.Target{
			Address: "POST:/twins/{{ thing:id }}", Headers: map[string]string{"x-topic": "{{ topic:full }}"},
			Payload: snapshot.TargetNormalizedThing, Fields: "thingId,features", DeletedFields: true, Delivery: snapshot.AtLeastOnce, IssuedAck: "push:sent",
		},
	}
}

// messages returns a Subscription that flows in.
func messages() snapshot.Subscription {
	return snapshot.Subscription{
		Name: "messages", Connection: "cloud", Direction: snapshot.Inbound, Signal: snapshot.SignalMessages,
		AuthorizationSubjects: []string{"integration:cloud"},
	}
}
