package metrics

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// The operations guide lists each metric of resetd, and no other.
func TestMetricsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n| metric | tells |\n")
	section, _, _ = strings.Cut(section, "\n\n")
	name := regexp.MustCompile("`([a-z_]+)`")
	var documented []string
	for row := range strings.SplitSeq(section, "\n| ") {
		names, _, _ := strings.Cut(row, " | ")
		for _, found := range name.FindAllStringSubmatch(names, -1) {
			documented = append(documented, found[1])
		}
	}
	slices.Sort(documented)
	if diff := cmp.Diff(described(), documented); diff != "" {
		t.Errorf("the metrics (-) and the guide (+):\n%s", diff)
	}
}

// described returns the names of all metrics, also of those that have no series yet.
func described() (names []string) {
	descs := make(chan *prometheus.Desc)
	go func() { New(Build{}).registry.Describe(descs); close(descs) }()
	for d := range descs {
		if _, name, own := strings.Cut(d.String(), `fqName: "resetd_`); own {
			name, _, _ = strings.Cut(name, `"`)
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
