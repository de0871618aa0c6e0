// Package podrunner plays scheduler and kubelet for the pods of gateways, with
// real processes in place of containers: the twinway binary runs with the
// arguments, environment, volumes and probes of its pod, on an address of its
// own, and the pod's status says how it does.
//
// Like a kubelet it keeps to these:
//
//   - a pod runs only when all its Secrets and claims exist, and what is mounted
//     follows the Secret, atomically, with a delay that tests choose;
//   - a container that ends is started again, in the same pod, with its volumes;
//   - a deleted pod gets SIGTERM, at the end of its grace period SIGKILL, and its
//     object goes only when its process has;
//   - a claim's files outlive its pods, and no two processes ever have the same
//     claim: that fails the test.
//
// Unlike a kubelet it knows no images (each is the binary of this tree), no
// limits, users or capabilities, and mounts nothing: paths in arguments are
// rewritten, and so are addresses without a host.
package podrunner
