package pki_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/snapshot"
)

const day = 24 * time.Hour

var (
	birth  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	plant  = snapshot.Identity{Namespace: "plant-1", Name: "gw"}
	others = snapshot.Identity{Namespace: "plant-2", Name: "gw"}
)

// issued is what an operator has at one instant: what it connects with, and
// what it has put into the Secret of a Gateway.
type issued struct {
	authority         *pki.Authority
	client            tls.Certificate
	bundle, cert, key []byte
}

// visit does what the operator does whenever it looks at a Gateway.
func (i *issued) visit(t *testing.T, now time.Time) (rotated, renewed bool) {
	t.Helper()
	var err error
	i.authority, rotated, err = i.authority.Advance(now)
	if err != nil {
		t.Fatal(err)
	}
	if pki.RenewClient(i.authority, i.client, now) {
		if i.client, err = i.authority.IssueClient(now); err != nil {
			t.Fatal(err)
		}
	}
	if renewed = pki.RenewServer(i.authority, plant, i.cert, i.key, now); renewed {
		if i.cert, i.key, err = i.authority.IssueServer(plant, now); err != nil {
			t.Fatal(err)
		}
	}
	i.bundle = i.authority.Bundle()
	return rotated, renewed
}

// meet verifies what operator and pod show each other.
func meet(t *testing.T, operator, pod issued, now time.Time) {
	t.Helper()
	pair, err := tls.X509KeyPair(pod.cert, pod.key)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, now, "the operator refuses the pod", pair.Leaf, operator.authority.Bundle(), management.ServerName(plant), x509.ExtKeyUsageServerAuth)
	verify(t, now, "the pod refuses the operator", operator.client.Leaf, pod.bundle, management.OperatorName, x509.ExtKeyUsageClientAuth)
}

func verify(t *testing.T, now time.Time, what string, leaf *x509.Certificate, bundle []byte, name string, usage x509.ExtKeyUsage) {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		t.Fatalf("day %d: no certificates in the bundle", now.Sub(birth)/day)
	}
	_, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		t.Fatalf("day %d: %s: %v", now.Sub(birth)/day, what, err)
	}
}

// What is mounted into a pod may be a day behind the operator. For three years
// they understand each other all the same, whether the operator comes by every
// day or once a week.
func TestRotationKeepsEveryoneTogether(t *testing.T) {
	for name, step := range map[string]time.Duration{"every day": day, "every week": 7 * day} {
		t.Run(name, func(t *testing.T) {
			operator := issued{authority: newAuthority(t)}
			operator.visit(t, birth)
			var rotations, renewals int
			for now := birth; now.Before(birth.Add(3 * 365 * day)); now = now.Add(step) {
				mounted := operator
				rotated, renewed := operator.visit(t, now)
				count(&rotations, rotated)
				count(&renewals, renewed)
				fresh, err := operator.authority.IssueClient(now)
				if err != nil {
					t.Fatal(err)
				}
				restarted := operator
				restarted.client = fresh
				meet(t, operator, operator, now)
				meet(t, operator, mounted, now)
				meet(t, restarted, mounted, now)
				if n := roots(operator.bundle); n > 2 {
					t.Fatalf("day %d: %d roots are trusted", now.Sub(birth)/day, n)
				}
			}
			// Publishing, taking over and forgetting for each of four roots, and
			// renewing every 60 days.
			if rotations < 12 || rotations > 14 || renewals < 15 || renewals > 20 {
				t.Errorf("%d changes of the roots and %d certificates in three years", rotations, renewals)
			}
		})
	}
}

// An operator that was away comes back at any time. Until then nothing has
// changed, so the pods have what it left; from then on they are a day behind at
// most. Nobody refuses anybody, unless what was left has ended.
func TestReturningLate(t *testing.T) {
	for away := 0; away < 364; away += 14 {
		left := issued{authority: newAuthority(t)}
		left.visit(t, birth)
		back := birth.Add(time.Duration(away) * day)
		operator := left
		for now := back; now.Before(back.Add(40 * day)); now = now.Add(12 * time.Hour) {
			mounted := operator
			operator.visit(t, now)
			// Certificates of pods end after 90 days, whoever is away.
			if now.Sub(birth) > 90*day && now.Sub(back) < day {
				continue
			}
			meet(t, operator, mounted, now)
		}
	}
}

func TestAdvance(t *testing.T) {
	tests := map[string]struct {
		visits []int // days
		want   []int // on which days the roots that are then trusted were made, the one that issues first
	}{
		"young":                             {visits: []int{100}, want: []int{0}},
		"before publishing":                 {visits: []int{214}, want: []int{0}},
		"publishing":                        {visits: []int{215}, want: []int{0, 215}},
		"published":                         {visits: []int{215, 244}, want: []int{0, 215}},
		"taking over":                       {visits: []int{215, 245}, want: []int{215, 0}},
		"the old one is still trusted":      {visits: []int{215, 245, 335}, want: []int{215, 0}},
		"the old one has ended":             {visits: []int{215, 245, 366}, want: []int{215}},
		"the second round":                  {visits: []int{215, 245, 430, 459}, want: []int{215, 430}},
		"the second round is through":       {visits: []int{215, 245, 430, 460}, want: []int{430, 215}},
		"published late":                    {visits: []int{300, 329}, want: []int{0, 300}},
		"published late, taking over":       {visits: []int{300, 330}, want: []int{300, 0}},
		"very late: in time before the end": {visits: []int{340, 362}, want: []int{0, 340}},
		"very late: taking over early":      {visits: []int{340, 363}, want: []int{340, 0}},
		"the last day but one":              {visits: []int{363}, want: []int{0, 363}},
		"the last day but one, a day later": {visits: []int{363, 364}, want: []int{363, 0}},
		"too late":                          {visits: []int{366}, want: []int{366}},
		"too late, but one was published":   {visits: []int{215, 400}, want: []int{215}},
		"publishing when taking over":       {visits: []int{215, 500}, want: []int{215, 500}},
		"years too late":                    {visits: []int{215, 2000}, want: []int{2000}},
		"a clock that went back":            {visits: []int{215, 10}, want: []int{0}},
		"a clock that was years ahead":      {visits: []int{2000, 10}, want: []int{10}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			authority := newAuthority(t)
			for _, visit := range test.visits {
				authority = advance(t, authority, birth.Add(time.Duration(visit)*day))
			}
			got := bundleDays(t, authority.Bundle())
			if len(got) != len(test.want) {
				t.Fatalf("roots of days %v, want %v", got, test.want)
			}
			for i := range got {
				if got[i] != test.want[i] {
					t.Fatalf("roots of days %v, want %v", got, test.want)
				}
			}
		})
	}
}

// advance also checks that a second visit at the same time finds nothing to do,
// and that storing and reading loses nothing.
func advance(t *testing.T, a *pki.Authority, now time.Time) *pki.Authority {
	t.Helper()
	next, changed, err := a.Advance(now)
	if err != nil {
		t.Fatal(err)
	}
	if changed == (next == a) {
		t.Errorf("changed is %v", changed)
	}
	if same, again, err := next.Advance(now); err != nil || again || same != next {
		t.Errorf("a second visit at the same time changes something: %v, %v", again, err)
	}
	read, err := pki.ParseAuthority(next.Encode())
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func newAuthority(t *testing.T) *pki.Authority {
	t.Helper()
	authority, err := pki.NewAuthority(birth)
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func count(n *int, yes bool) {
	if yes {
		*n++
	}
}
