package snapshot_test

import (
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// hash stands for something that must never be shown.
const hash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// jwks stands for something that is too long to be shown.
const jwks = `{"keys":[{"kty":"EC","kid":"2026-01"}]}`

// sample returns a snapshot with every field set.
func sample() *snapshot.Snapshot {
	return &snapshot.Snapshot{
		Version:  snapshot.FormatVersion,
		Gateway:  snapshot.Identity{Namespace: "default", Name: "demo"},
		Listener: snapshot.Listener{Port: 8080},
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
			History:   snapshot.History{MaxRecords: 100},
		},
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
		Drain: snapshot.Drain{MinDelay: 5 * time.Second, Budget: 30 * time.Second},
	}
}
