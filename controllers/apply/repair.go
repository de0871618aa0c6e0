package apply

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/csaupgrade"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/render"
)

// repairManager owns, for a moment, what repair has written.
const repairManager = render.FieldManager + "-repair"

// repair undoes a change of somebody else that an apply cannot undo. Entries of a
// list have a key, such as the port of a Service. Who changes the key makes
// another entry of it, which an apply leaves beside ours, and then the two may
// exclude each other. Here lists are replaced as a whole. What was written is
// counted as applied, so that a later apply can take it back.
func (a *Applier) repair(ctx context.Context, c change) error {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(c.object.GVK)
	u.SetNamespace(c.object.Namespace)
	u.SetName(c.object.Name)
	whole := (&unstructured.Unstructured{Object: c.want}).DeepCopy()
	whole.SetUID(c.uid)
	body, err := json.Marshal(whole)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	if err := a.client.Patch(ctx, u, client.RawPatch(types.MergePatchType, body), client.FieldOwner(repairManager)); err != nil {
		return err
	}
	handover, err := csaupgrade.UpgradeManagedFieldsPatch(u, sets.New(repairManager), render.FieldManager)
	if err != nil || handover == nil {
		return err
	}
	return a.client.Patch(ctx, u, client.RawPatch(types.JSONPatchType, handover), client.FieldOwner(repairManager))
}
