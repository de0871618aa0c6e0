package model

import (
	"fmt"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Load reads a policy that [Policy.Append] wrote. It does not check what [Reader] checked before. The error says that the
// text was not written so.
func Load(doc []byte) (*Policy, error) {
	canonical, err := document.Canonical(doc)
	if err != nil {
		return nil, fmt.Errorf("stored policy: %w", err)
	}
	policy, invalid := parser{stored: true}.policy("", canonical)
	if invalid != nil {
		return nil, fmt.Errorf("stored policy: %w: %s", invalid, invalid.Description)
	}
	policy.Size = len(doc)
	return policy, nil
}
