//go:build !race

package gateway_test

// usualSearches is how many random searches are compared in each run of the tests.
const usualSearches = 4_000
