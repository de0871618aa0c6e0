// Package statuscheck holds the status of Gateways, Connections and
// Subscriptions to its word, whatever a test is about:
//
//   - conditions are complete, unique, and have a reason for programs and a
//     message for people, which names no pod and no secret;
//   - those that only say that something holds are absent when it does not;
//   - Ready sums up the others;
//   - the status says which generation it is of, and tools that know nothing of
//     Twinway come to a result (kstatus);
//   - nothing is written that says nothing new, and nothing goes back and forth.
//
// Tests call Watch once and Check after every step.
package statuscheck
