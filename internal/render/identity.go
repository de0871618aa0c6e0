package render

import (
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// serviceAccount renders an identity of the pods' own, so that what somebody
// grants to the namespace's default does not reach them.
func (r renderer) serviceAccount() draft {
	account := corev1ac.ServiceAccount("", "").WithAutomountServiceAccountToken(false)
	return draft{kind: kindServiceAccount, name: r.name, config: account, meta: &account.ObjectMetaApplyConfiguration}
}
