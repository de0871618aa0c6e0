//go:build race

package gateway_test

// usualSearches is how many random searches are compared in each run of the tests: fewer where each takes ten times as long.
const usualSearches = 1_000
