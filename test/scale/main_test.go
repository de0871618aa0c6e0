package scale

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/twinway/twinway/test/apiserver"
)

// What is measured, and how often.
var (
	podCounts     = numbers{1, 10, 100}
	gatewayCounts = numbers{10, 100, 1000}
	repetitions   = flag.Int("repetitions", 100, "changes that are measured at each number of pods")
	failovers     = flag.Int("failovers", 5, "failovers that are measured for each signal")
	idle          = flag.Duration("idle", time.Minute, "how long an operator that has nothing to do is watched")
	perNamespace  = flag.Int("per-namespace", 20, "Gateways in each namespace")
	program       = flag.String("program", "", "the twinway binary to measure; built when there is none")
)

func init() {
	flag.Var(&podCounts, "pods", "numbers of pods, with commas between them")
	flag.Var(&gatewayCounts, "gateways", "numbers of Gateways, with commas between them, growing")
}

// guard is how long one measurement may take before it counts as never to end.
const guard = 40 * time.Minute

func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("TWINWAY_SCALE") != "1" {
		fmt.Fprintln(os.Stderr, "\n*** LEFT OUT: the scale figures of the operator take half an hour; TWINWAY_SCALE=1 or \"make scale\" asks for them")
		os.Exit(0)
	}
	log.SetLogger(logr.Discard())
	apiserver.Main(m, apiserver.Options{})
}

// numbers is a flag with a list of numbers.
type numbers []int

func (n *numbers) String() string {
	var parts []string
	for _, number := range *n {
		parts = append(parts, strconv.Itoa(number))
	}
	return strings.Join(parts, ",")
}

// Set implements flag.Value; an empty list has nothing measured.
func (n *numbers) Set(list string) error {
	*n = nil
	for part := range strings.SplitSeq(list, ",") {
		if part == "" {
			continue
		}
		number, err := strconv.Atoi(part)
		if err != nil || number < 1 || number > 5000 {
			return fmt.Errorf("%q is no number from 1 to 5000", part)
		}
		*n = append(*n, number)
	}
	return nil
}
