package telling

import "github.com/twinway/twinway/internal/gateway/pubsub"

// budget is how much work a signal may take for what somebody wants of it, in the units of package rql. Those who change
// things wait while it is done, and there may be as many different wants as sessions.
type budget struct {
	work    int            // for all that the sessions of one user want
	left    map[string]int // of it, by user, for those who have used any
	granted int            // to the question that is being answered
	// unused is what is left of the grant; it is lowered by what is done.
	unused int
}

// What one user's sessions may take of a signal: a millisecond or a few, and more where things may be large.
const (
	workPerEvent = 100_000
	bytesPerWork = 2  // of the largest thing
	bytesPerLook = 16 // of it are looked at
	// shares is how many wants that take as much as they may exhaust it.
	shares = 2
)

// workOn returns the work that a signal may take, given the largest size of a thing. That of the thing itself must not matter:
// what is too much work would tell the size of what may not be read.
func workOn(maxSize int) int { return workPerEvent + maxSize/bytesPerWork }

// userOf returns whose sessions have an audience: the first of the subjects.
func userOf(a *pubsub.Audience) string {
	if len(a.Subjects) == 0 {
		return ""
	}
	return a.Subjects[0]
}

// grant grants work to a question of a user, and reports whether there is any, and whether that is all that any question may
// take.
func (b *budget) grant(user string) (some, whole bool) {
	share := b.work / shares
	b.granted = min(share, b.leftTo(user))
	b.unused = b.granted
	return b.granted > 0, b.granted == share
}

// settle takes what was done of the grant from what is left to the user.
func (b *budget) settle(user string) { b.left[user] = b.leftTo(user) - (b.granted - b.unused) }

func (b *budget) leftTo(user string) int {
	if left, used := b.left[user]; used {
		return left
	}
	return b.work
}
