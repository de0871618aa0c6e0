package render

import (
	corev1 "k8s.io/api/core/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// snapshotSecret renders the configuration that a pod starts with, and falls back
// on while the operator is away.
func (r renderer) snapshotSecret() draft {
	return r.secret(SnapshotSecretName(r.name), corev1.SecretTypeOpaque, map[string][]byte{
		KeySnapshot: r.Snapshot,
	})
}

func (r renderer) managementSecret() draft {
	secret := r.secret(ManagementSecretName(r.name), corev1.SecretTypeTLS, map[string][]byte{
		KeyCA:          r.Management.CA,
		KeyCertificate: r.Management.Certificate,
		KeyPrivateKey:  r.Management.Key,
	})
	secret.annotations = map[string]string{AnnotationOperator: r.Settings.OperatorNamespace}
	return secret
}

func (r renderer) secret(name string, kind corev1.SecretType, data map[string][]byte) draft {
	secret := corev1ac.Secret("", "").WithType(kind).WithData(data)
	return draft{kind: kindSecret, name: name, config: secret, meta: &secret.ObjectMetaApplyConfiguration}
}
