package podrunner

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/process"
)

// Selector is what pods must have to be run.
const Selector = "twinway.dev/gateway"

// Options say what is run, and where. Only Namespace is required; the others'
// defaults are for tests that use package apiserver.
type Options struct {
	// Namespace is where the pods are.
	Namespace string
	// Config reaches the API server. Default: that of package apiserver.
	Config *rest.Config
	// Binary is what runs in place of any image. Default: built from this tree.
	Binary string
	// Address returns the loopback address for a number from 2 to 254, which one
	// runner uses at a time. Default: those of package apiserver.
	Address func(host byte) netip.Addr
	// ProbePeriod replaces the periods of all probes. Default: as in the pods.
	ProbePeriod time.Duration
	// SecretDelay is how long a change of a Secret takes to reach the files of
	// the pods; see DelaySecrets. Default: none.
	SecretDelay time.Duration
	// BrokenImage is an image that cannot be pulled.
	BrokenImage string
}

// Runner runs pods.
type Runner struct {
	t       testing.TB
	options Options
	client  kubernetes.Interface
	dir     string
	pods    corelisters.PodLister
	secrets corelisters.SecretLister
	claims  corelisters.PersistentVolumeClaimLister

	secretDelay atomic.Int64
	workers     sync.WaitGroup

	mu        sync.Mutex
	running   map[types.UID]*pod
	logs      map[string]*process.Tail // by name: of all pods that had it
	claimedBy map[string]types.UID     // by name of the claim
	addresses addresses
}

// Start runs the pods of a namespace until the end of the test. When the test
// has failed it shows what they said at last.
func Start(t testing.TB, o Options) *Runner {
	t.Helper()
	if o.Config == nil {
		o.Config = apiserver.Config()
	}
	if o.Address == nil {
		o.Address = apiserver.Address
	}
	if o.Binary == "" {
		o.Binary = Binary(t)
	}
	client, err := kubernetes.NewForConfig(o.Config)
	if err != nil {
		t.Fatal(err)
	}
	r := &Runner{
		t: t, options: o, client: client, dir: t.TempDir(),
		running: map[types.UID]*pod{}, logs: map[string]*process.Tail{}, claimedBy: map[string]types.UID{},
	}
	r.DelaySecrets(o.SecretDelay)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		r.workers.Wait()
		r.report()
	})
	r.watch(ctx)
	return r
}

// watch follows the objects until ctx ends.
func (r *Runner) watch(ctx context.Context) {
	pods := informers.NewSharedInformerFactoryWithOptions(r.client, 0, informers.WithNamespace(r.options.Namespace),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.LabelSelector = Selector }))
	others := informers.NewSharedInformerFactoryWithOptions(r.client, 0, informers.WithNamespace(r.options.Namespace))
	r.pods = pods.Core().V1().Pods().Lister()
	r.secrets = others.Core().V1().Secrets().Lister()
	r.claims = others.Core().V1().PersistentVolumeClaims().Lister()
	adopt := func(object any) { r.adopt(ctx, object.(*corev1.Pod)) }
	_, err := pods.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: adopt, UpdateFunc: func(_, object any) { adopt(object) },
	})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, factory := range []informers.SharedInformerFactory{others, pods} {
		factory.Start(ctx.Done())
		factory.WaitForCacheSync(ctx.Done())
		r.workers.Go(factory.Shutdown) // waits for its goroutines
	}
}

// adopt starts a worker for a pod that has none.
func (r *Runner) adopt(ctx context.Context, object *corev1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil || r.running[object.UID] != nil {
		return
	}
	log := r.logs[object.Name]
	if log == nil {
		log = &process.Tail{}
		r.logs[object.Name] = log
	}
	p := &pod{runner: r, name: object.Name, uid: object.UID, spec: &object.Spec, labels: object.Labels, log: log}
	p.dir = filepath.Join(r.dir, "pods", string(object.UID))
	r.running[object.UID] = p
	r.workers.Go(func() { p.run(ctx) })
}

// release forgets a pod whose process and object are gone.
func (r *Runner) release(p *pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, p.uid)
	for claim, uid := range r.claimedBy {
		if uid == p.uid {
			delete(r.claimedBy, claim)
		}
	}
	r.addresses.release(p.host)
	_ = os.RemoveAll(p.dir)
}

// report shows the end of each log when the test has failed.
func (r *Runner) report() {
	if !r.t.Failed() {
		return
	}
	const shown = 8 << 10
	for name, log := range r.logs {
		text := log.String()
		r.t.Logf("%s says at last:\n%s", name, text[max(0, len(text)-shown):])
	}
}
