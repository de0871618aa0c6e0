package scale

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// hash is that of the password "ditto", at the lowest cost.
const hash = "$2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy"

// connectionsEach is how many Connections refer to each of many Gateways.
const connectionsEach = 10

// users returns the Secret that a Gateway refers to.
func users(namespace, gateway string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: gateway + "-users"},
		StringData: map[string]string{"ditto": hash},
	}
}

// gateway returns a Gateway with a user and some limits.
func gateway(namespace, name string) *v1alpha1.Gateway {
	return &v1alpha1.Gateway{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: v1alpha1.GatewaySpec{
		Listener: v1alpha1.Listener{Port: 8080},
		Authentication: v1alpha1.Authentication{Basic: &v1alpha1.BasicAuthentication{
			UsersSecretRef: v1alpha1.SecretReference{Name: name + "-users"},
		}},
		Limits: &v1alpha1.Limits{
			Thing:    &v1alpha1.ThingLimits{MaxSize: new(int32(100_000))},
			Sessions: &v1alpha1.SessionLimits{Max: new(int32(1000))},
		},
	}}
}

// connection returns the nth Connection of a Gateway.
func connection(namespace, gateway string, n int) *v1alpha1.Connection {
	return &v1alpha1.Connection{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("%s-%d", gateway, n)},
		Spec: v1alpha1.ConnectionSpec{
			GatewayRef: v1alpha1.GatewayReference{Name: gateway},
			Type:       v1alpha1.ConnectionDittoWebSocket,
			URI:        "wss://cloud.example.org/ws/2",
		},
	}
}
