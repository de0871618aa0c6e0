package push

import (
	"context"

	"github.com/twinway/twinway/internal/management"
)

// Pod is one pod of a Gateway. Two Pods are the same only if all of it is.
type Pod struct {
	// UID tells a pod from its namesakes before and after it.
	UID string
	// Name is the name within the Gateway's namespace.
	Name string
	// Address is host:port of its management port.
	Address string
}

// Desired is what the pods of one Gateway are to be.
type Desired struct {
	// Hash is the SHA-256 of the encoded snapshot in lower-case hexadecimal. Empty
	// means that nothing is sent and the pods are only watched.
	Hash string
	// Load returns the encoded snapshot with that hash. It is called whenever the
	// snapshot is to be sent and is not in memory, by a bounded number of
	// goroutines, and called again later if it fails or returns another one. What
	// it returns is not changed. The Load that first came with a Hash is used
	// until there is another Hash.
	Load func(ctx context.Context) ([]byte, error)
	// Pods are all pods of the Gateway, in any order.
	Pods []Pod
	// Drain says that all of them are to be out of service.
	Drain bool
}

// PodView is what is known of one pod.
type PodView struct {
	// Pod is the pod.
	Pod Pod
	// Known says that Status was heard from it, now or before Err.
	Known bool
	// Err is why the last attempt to reach it has failed, and empty if it was
	// reached. It names no addresses, and is the same as long as the cause is.
	Err string
	// Status is what it last said of itself. It is shared, and must not be
	// changed.
	Status management.Status
}
