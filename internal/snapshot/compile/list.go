package compile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/twinway/twinway/internal/snapshot"
)

// list checks that a list has a number of entries within bounds, both included,
// and each of them with each. The entries of a list that is too long are not
// looked at.
func list[T, R any](c *check, path string, values []T, low, high int, each func(path string, value T) R) []R {
	if len(values) < low || len(values) > high {
		c.errorf(path, snapshot.RuleBounded, "must have %d to %d entries, got %d", low, high, len(values))
		return nil
	}
	var checked []R
	for i, value := range values {
		checked = append(checked, each(entry(path, i), value))
	}
	return checked
}

// optional is list for a list that may be left out.
func optional[T, R any](c *check, path string, values []T, high int, each func(path string, value T) R) []R {
	if values == nil {
		return nil
	}
	return list(c, path, values, 1, high, each)
}

// set checks that no value is in a list twice, and returns the list sorted.
func set[T cmp.Ordered](c *check, path string, values []T) []T {
	unique(c, path, values, func(v T) T { return v })
	slices.Sort(values)
	return values
}

// unique checks that no two entries of a list have the same key.
func unique[T any, K comparable](c *check, path string, values []T, key func(T) K) {
	seen := make(map[K]int, len(values))
	for i, value := range values {
		if first, twice := seen[key(value)]; twice {
			c.errorf(entry(path, i), snapshot.RuleUnique, "is there already, in %s", entry(path, first))
			continue
		}
		seen[key(value)] = i
	}
}

// mapping checks that a map has at most a number of entries, and each of them
// with each, in the order of the keys. The entries of a map that is too large are
// not looked at.
func mapping[T any](c *check, path string, values map[string]T, high int, each func(at, key string, value T)) {
	if len(values) > high {
		c.errorf(path, snapshot.RuleBounded, "must have at most %d entries, got %d", high, len(values))
		return
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		each(path+"["+key+"]", key, values[key])
	}
}

// entry returns the path of an entry of the list at a path.
func entry(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
