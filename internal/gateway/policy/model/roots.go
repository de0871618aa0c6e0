package model

import "strings"

// RootPolicies are the ids of policies that are merged into those of namespaces, by patterns of namespaces: exact ones,
// "prefix.*" for those below prefix, and "*" for all.
type RootPolicies map[string][]string

// For returns the ids of the policies that are merged into those of a namespace: those of the most specific pattern.
func (r RootPolicies) For(namespace string) []string {
	if ids, ok := r[namespace]; ok {
		return ids
	}
	for prefix := namespace; ; {
		end := strings.LastIndexByte(prefix, '.')
		if end < 0 {
			return r["*"]
		}
		prefix = prefix[:end]
		if ids, ok := r[prefix+".*"]; ok {
			return ids
		}
	}
}
