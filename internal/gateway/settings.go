package gateway

import (
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/snapshot"
)

// averageSignal is what one signal may take on average of a session's queue
// before its bytes, and not the number of signals, are what bounds it.
const averageSignal = 4 << 10

// The snapshot's cache is shared: the larger part for blocks of the store, the
// other for records that are in use.
func storeCache(s *snapshot.Snapshot) int64  { return s.Storage.CacheSize / 4 * 3 }
func recordCache(s *snapshot.Snapshot) int64 { return s.Storage.CacheSize / 4 }

func sessionSettings(s *snapshot.Snapshot) session.Settings {
	limits := s.Limits.Sessions
	overflow := session.Close
	if limits.Overflow == snapshot.OverflowDropNewest {
		overflow = session.DropNewest
	}
	return session.Settings{
		MaxSessions:      limits.Max,
		MaxMessage:       s.Limits.Message.MaxSize,
		InFlight:         limits.InFlightCommands,
		QueueFrames:      limits.OutboundQueue,
		QueueBytes:       limits.OutboundQueue * averageSignal,
		Overflow:         overflow,
		PingInterval:     s.Session.PingInterval,
		HandshakeTimeout: s.Session.HandshakeTimeout,
	}
}

func twinSettings(s *snapshot.Snapshot) twin.Settings {
	return twin.Settings{
		DefaultNamespace: s.DefaultNamespace,
		Timeout:          s.Session.CommandTimeout,
		Limits:           thing.Limits{MaxSize: s.Limits.Thing.MaxSize},
	}
}

// users returns the accounts of a snapshot in the terms of package auth.
func users(s *snapshot.Snapshot) (hashes map[string]string, prefix string) {
	hashes = map[string]string{}
	if basic := s.Authentication.Basic; basic != nil {
		prefix = basic.SubjectPrefix + ":"
		for name, hash := range basic.Users {
			hashes[name] = string(hash)
		}
	}
	return hashes, prefix
}

func basicOptions(s *snapshot.Snapshot) auth.Options {
	hashes, prefix := users(s)
	return auth.Options{Users: hashes, SubjectPrefix: prefix, FailuresPerMinute: s.Limits.Authentication.FailuresPerMinute}
}
