package snapshot_test

import (
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// hash stands for something that must never be shown.
const hash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// sample returns a snapshot with every field set.
func sample() *snapshot.Snapshot {
	return &snapshot.Snapshot{
		Version:  snapshot.FormatVersion,
		Gateway:  snapshot.Identity{Namespace: "default", Name: "demo"},
		Listener: snapshot.Listener{Port: 8080},
		Authentication: snapshot.Authentication{Basic: &snapshot.BasicAuthentication{
			SubjectPrefix: "nginx",
			Users:         map[string]snapshot.PasswordHash{"ditto": hash, "alice": hash},
		}},
		Storage: snapshot.Storage{
			Type:      snapshot.StorageEmbedded,
			CacheSize: 64 << 20,
			History:   snapshot.History{MaxRecords: 100},
		},
		DefaultNamespace: "org.eclipse.ditto",
		Limits: snapshot.Limits{
			Message: snapshot.MessageLimits{MaxSize: 1 << 20},
			Thing:   snapshot.ThingLimits{MaxSize: 102_400},
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
