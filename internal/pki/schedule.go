package pki

import (
	"crypto/x509"
	"time"
)

const day = 24 * time.Hour

const (
	// RootLife is how long a root is trusted.
	RootLife = 365 * day
	// LeafLife is how long a certificate that it issues is valid.
	LeafLife = 90 * day
	// PublishAhead is how long before a root stops issuing its successor is
	// published.
	PublishAhead = 60 * day
	// IssueAfter is how long a root is published before it issues, when there is
	// time for that.
	IssueAfter = 30 * day
	// Skew is by how much every certificate is dated back, for peers whose clock
	// is behind.
	Skew = 5 * time.Minute
)

const (
	// spread is what a new root is given at least to reach every bundle.
	spread = day
	// lastCall is how long before the end of a root certificates of the next one
	// must be around, even if that was published late.
	lastCall = 2 * day
)

// publishes returns when the successor of r is published.
func (r *root) publishes() time.Time {
	return r.certificate.NotAfter.Add(-LeafLife - PublishAhead)
}

// takesOver returns when next issues in place of r. A root that was published
// late, because nobody called Advance, is given less time.
func (r *root) takesOver(next *root) time.Time {
	published := next.certificate.NotBefore.Add(Skew)
	regular := published.Add(IssueAfter)
	latest := r.certificate.NotAfter.Add(-lastCall)
	if soonest := published.Add(spread); latest.Before(soonest) {
		latest = soonest
	}
	if latest.Before(regular) {
		return latest
	}
	return regular
}

// usable says whether certificates of r can be verified at all. One from the
// future was made by a clock that was wrong, and is of no use for years.
func (r *root) usable(now time.Time) bool {
	return r != nil && !ended(r.certificate, now) && r.certificate.NotBefore.Before(now.Add(spread))
}

func ended(certificate *x509.Certificate, now time.Time) bool {
	return now.After(certificate.NotAfter)
}

// due says whether a third of the life of certificate is left, or less.
func due(certificate *x509.Certificate, now time.Time) bool {
	life := certificate.NotAfter.Sub(certificate.NotBefore)
	return !now.Before(certificate.NotAfter.Add(-life / 3))
}
