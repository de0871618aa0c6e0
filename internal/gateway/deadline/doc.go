// Package deadline calls back when times have passed, for everything that
// waits for an answer.
//
// A [Wheel] has one goroutine and one lock, however many timers are pending. A
// [Timer] is a part of whatever waits: adding one allocates nothing, and adding
// and stopping take the same few steps whether one is pending or a million.
//
// Time is counted in ticks of the wheel's granularity since its beginning.
// There are eight levels of 64 slots. A slot of the first level is one tick, a
// slot of each further level is as long as the whole level before it. A timer is
// on the level of the highest digit, to the base 64, in which its tick differs
// from the cursor's, in the slot of that digit. When the cursor enters a slot of
// a higher level, the timers in it move to lower ones: at most seven times in
// the life of a timer, for ten seconds usually once or twice. Together the
// levels are longer than what a time.Duration can say, so there is no turn after
// which they begin again, and a time far away is met as precisely as a near one.
//
// Invariants:
//
//   - No callback runs before its time. It runs at the first tick that is not
//     before it: less than a granularity late, and as much later as the goroutine
//     is kept by the scheduler and by callbacks before it.
//   - Timers of different ticks run in the order of their ticks. Those of one
//     tick run in no particular order.
//   - Callbacks run one after the other, on the goroutine of the wheel, and
//     without its lock: they may use the wheel and its timers, and take locks
//     under which others use them. The lock of the wheel is the innermost.
//   - A timer that was stopped (Stop said true), or moved by a further Add, does
//     not run for what it was stopped or moved from.
//   - What is added for a time that has passed runs at the next tick that the
//     goroutine has not seen, never at once. A callback that adds itself again
//     and again runs once a tick, and keeps nobody else from running.
//   - The cursor is not after any pending timer, and never goes back. It moves
//     only to where a timer was due.
//   - The goroutine sleeps until a tick at which a timer was due when it was
//     added, and for ever if there is none. Stopping a timer does not wake it: for
//     those that were stopped it wakes up once for many, in vain.
//   - The lock is held for a bounded number of steps, except by Close.
//   - What is pending is bounded. A wheel keeps the owners of pending timers
//     alive, and nothing of others.
//
// It does not know what is waited for.
package deadline
