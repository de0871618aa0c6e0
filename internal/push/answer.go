package push

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxBoot bounds the name of a process, which is sent back with every poll, in
// bytes.
const maxBoot = 256

// answer is what a pod has answered.
type answer struct {
	code int
	body []byte
}

// status returns what the pod says of itself. It is an error if the answer is
// none of a pod of the Gateway: neither 200 nor a refusal with its reason.
// Members that are not known come from a newer pod, and are ignored.
func (a answer) status(gateway snapshot.Identity) (*management.Status, error) {
	if a.code != http.StatusOK && a.code/100 != 4 {
		return nil, a.unexpected()
	}
	var heard received
	err := json.Unmarshal(a.body, &heard)
	status := heard.status()
	if err != nil || status.Boot == "" || len(status.Boot) > maxBoot {
		if a.code != http.StatusOK {
			return nil, a.unexpected()
		}
		return nil, errors.New("the answer is not a status")
	}
	if status.Gateway != gateway {
		return nil, fmt.Errorf("the pod belongs to another Gateway, %s", status.Gateway)
	}
	if a.code != http.StatusOK && status.Refused == nil {
		return nil, a.unexpected()
	}
	bound(&status)
	return &status, nil
}

func (a answer) unexpected() error {
	return fmt.Errorf("the pod has answered %d %s", a.code, http.StatusText(a.code))
}
