// Package render says of which objects of a cluster a Gateway consists.
//
// Gateway is a pure function from a Gateway, its configuration and the
// StatefulSet that runs now to apply configurations: the operator applies them,
// "twinway render" prints them. The package has no client, clock or randomness
// and reads no status.
//
// Invariants:
//
//   - Equal input gives equal bytes.
//   - The names and the selector of the pods depend on nothing but the Gateway's
//     name. What a StatefulSet cannot change is the same for all Gateways.
//   - The pods restart only if their template changes. The template holds no
//     hash of the configuration, which is pushed to running pods; it holds what a
//     running pod cannot take over (see AnnotationRestartInputs).
//   - With the update policy Manual, an operator of another version renders the
//     template that is there already until the spec changes what it is made of.
//     What is remembered of it is not trusted: it brings nothing into a pod that
//     would not be there without it, but for the image of a Gateway that names none.
//   - Pods meet the Pod Security Standard "restricted", hold no service account
//     token, and follow the Gateway's drain with their grace period.
//   - Only the two Secrets hold secrets. YAML leaves them out when asked to.
package render
