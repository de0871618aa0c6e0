package policy

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/policy/model"
)

// Settings are what the operator says about policies.
type Settings struct {
	// MaxSize is the largest size of a policy, in bytes of its compact JSON. It must be positive.
	MaxSize int
	// MaxImports is how many policies a policy may import.
	MaxImports int
	// LockoutPrevention refuses changes after which nobody could change the policy any more.
	LockoutPrevention bool
	// ExpiryGranularity and AnnouncementGranularity are what the times of subjects are rounded up to; zero: they are not.
	ExpiryGranularity, AnnouncementGranularity time.Duration
	// Roots are the policies that apply to whole namespaces.
	Roots model.RootPolicies
}

// The usual values of settings.
const (
	DefaultMaxSize                 = 100 << 10
	DefaultMaxImports              = 10
	DefaultExpiryGranularity       = time.Hour
	DefaultAnnouncementGranularity = time.Minute
)

// reader returns a reader of what the requester writes.
func (s *Settings) reader(who *Requester, now time.Time) model.Reader {
	return model.Reader{
		Now: now, ExpiryGranularity: s.ExpiryGranularity, AnnouncementGranularity: s.AnnouncementGranularity,
		MaxImports: s.MaxImports, Requester: who.subject(),
	}
}
