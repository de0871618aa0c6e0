package render

import (
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/twinway/twinway/api/v1alpha1"
)

// inputs is what the user's spec says about the pod template: as written, not
// with defaults, so that a version of the operator with other defaults finds the
// same inputs. For the same reason versions may add fields that are left out
// when they are not set, and must change nothing else here.
type inputs struct {
	Image        string              `json:"image,omitempty"`
	Requests     corev1.ResourceList `json:"requests,omitempty"`
	Limits       corev1.ResourceList `json:"limits,omitempty"`
	NoResources  bool                `json:"noResources,omitempty"`
	Pod          json.RawMessage     `json:"pod,omitempty"`
	ListenerPort int32               `json:"listenerPort"`
	ListenerTLS  bool                `json:"listenerTLS,omitempty"`
	StorageType  string              `json:"storageType,omitempty"`
	CacheSize    int64               `json:"cacheSize,omitempty"`
	VolumeType   string              `json:"volumeType,omitempty"`
	Index        string              `json:"index,omitempty"`
	MinDelay     *time.Duration      `json:"minDelay,omitempty"`
	Budget       *time.Duration      `json:"budget,omitempty"`
}

// hashInputs returns the hash of the inputs that a spec holds.
func hashInputs(spec v1alpha1.GatewaySpec) (string, error) {
	in := inputs{ListenerPort: spec.Listener.Port, ListenerTLS: spec.Listener.TLS != nil}
	err := in.addWorkload(spec.Workload)
	if err == nil {
		err = in.addDrain(spec.Drain)
	}
	if err != nil {
		return "", err
	}
	in.addStorage(spec.Storage)
	if spec.Search != nil {
		in.Index = indexed(spec.Search.Index)
	}
	data, err := json.Marshal(in)
	return hash(data), err
}

func (in *inputs) addWorkload(workload *v1alpha1.Workload) error {
	if workload == nil {
		return nil
	}
	in.Image = value(workload.Image)
	if r := workload.Resources; r != nil {
		in.Requests, in.Limits = canonicalList(r.Requests), canonicalList(r.Limits)
		in.NoResources = len(r.Requests) == 0 && len(r.Limits) == 0
	}
	if workload.Pod == nil {
		return nil
	}
	pod, err := json.Marshal(workload.Pod)
	if err != nil {
		return fmt.Errorf("spec.workload.pod: %w", err)
	}
	if string(pod) != "{}" {
		in.Pod = pod
	}
	return nil
}

func (in *inputs) addStorage(storage *v1alpha1.Storage) {
	if storage == nil {
		return
	}
	in.StorageType = string(value(storage.Type))
	in.CacheSize = new(value[resource.Quantity](storage.CacheSize)).Value()
	if storage.Volume != nil {
		in.VolumeType = string(value(storage.Volume.Type))
	}
}

func (in *inputs) addDrain(drain *v1alpha1.Drain) (err error) {
	if drain == nil {
		return nil
	}
	if in.MinDelay, err = duration(drain.MinDelay); err != nil {
		return fmt.Errorf("spec.drain.minDelay: %w", err)
	}
	if in.Budget, err = duration(drain.Budget); err != nil {
		return fmt.Errorf("spec.drain.budget: %w", err)
	}
	return nil
}

// duration returns an optional duration, so that "1m" and "60s" are the same.
func duration(d *v1alpha1.Duration) (*time.Duration, error) {
	if d == nil {
		return nil, nil
	}
	parsed, err := time.ParseDuration(string(*d))
	return &parsed, err
}

// value returns what an optional field holds, or the zero value.
func value[T any](field *T) T {
	if field == nil {
		return *new(T)
	}
	return *field
}
