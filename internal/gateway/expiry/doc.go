// Package expiry looks after the subjects of policies whose time comes: it
// announces to them that they are going to be removed, or were, waits until
// that is acknowledged, and has them removed.
//
//	index of what is due → ward (a policy) → leavers (its subjects) → announcement → removal
//
// The life of a leaver:
//
//	to announce → to acknowledge → to delete → deleted
//	      ↑______________|
//	  no answer, 408, 424, 5xx
//
// Protocol rules: an announcement without requested acknowledgements counts as
// acknowledged once it is sent. One with them is repeated, ever more seldom,
// until all of them are positive, one is a final error, or a grace period after
// the deletion has passed; until then an expired subject keeps its
// permissions. A subject that was removed by a command hears of it if its
// policy says so and it has not acknowledged an announcement before.
//
// Invariants:
//
//   - No subject is removed before its expiry, nor otherwise than by a command
//     that checks that the policy still says so.
//   - What is waited for is forgotten with the process. It is then announced
//     again to subjects that are not removed, at once if it is late: an
//     announcement is made at least once.
//   - One goroutine owns what is known of wards. Others hand over to it what
//     has happened, without waiting for it. Where there is no room for a change
//     of a policy, everything is looked at again.
//   - Only policies that are due are held in memory, up to a bound. Beyond it
//     announcements are made later, but subjects that have expired are still
//     removed: then without an announcement and without waiting for anybody,
//     since nobody may keep a permission by having others wait.
//
// Lock order: the locks of inbox and attempts are leaves.
package expiry
