package prom_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dendro-carbon/dendro/internal/prom"
)

// oneHost answers as a Prometheus server does that knows one host. It does not offer
// remote read.
func oneHost(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/query"), strings.HasSuffix(r.URL.Path, "/query_range"):
		fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[`+
			`{"metric":{"__name__":"node_cpu_seconds_total","instance":"n1","mode":"user"},"values":[[1800,"12.5"],[1860,"14"]]}]}}`)
	case strings.HasSuffix(r.URL.Path, "/series"):
		fmt.Fprint(w, `{"status":"success","data":[{"__name__":"node_cpu_seconds_total","instance":"n1"}]}`)
	case strings.HasSuffix(r.URL.Path, "/values"):
		fmt.Fprint(w, `{"status":"success","data":["user","idle"]}`)
	case strings.HasSuffix(r.URL.Path, "/status/config"):
		fmt.Fprint(w, `{"status":"success","data":{"yaml":"global:\n  external_labels:\n    cluster: north\n"}}`)
	default:
		http.NotFound(w, r)
	}
}

// What a server has in a window: its labels, its series, their samples.
func ExampleClient() {
	server := httptest.NewServer(http.HandlerFunc(oneHost))
	defer server.Close()
	config := prom.Defaults()
	config.URL, config.BearerToken = server.URL, "s3cret"
	c, err := prom.New(config, server.Client())
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	window := prom.WindowOf(time.Unix(1800, 0), time.Unix(3600, 0))
	busy := prom.Metric("node_cpu_seconds_total").And(prom.NoneOf("mode", []string{"idle", "iowait"}))

	modes, err := c.LabelValues(ctx, "mode", busy, window)
	fmt.Println(modes, err)
	fmt.Println(c.ExternalLabels(ctx))
	err = c.List(ctx, busy, window, func(s *prom.Series) error {
		for name, value := range s.Labels() {
			fmt.Printf("%s=%s ", name, value)
		}
		return nil
	})
	fmt.Println(err)

	print := func(s *prom.Series) error {
		fmt.Printf("%s %s: %v\n", s.Get("instance"), s.Get("mode"), s.Samples)
		return nil
	}
	err = c.Retry(ctx, func(ctx context.Context) error {
		err := c.RemoteRead(ctx, busy, window, nil, print)
		if kind, ours := prom.KindOf(err); ours && kind == prom.Unsupported {
			_, err = c.RangeRead(ctx, busy, window, print) // what every server offers
		}
		return err
	})
	fmt.Println(err)
	_, err = c.Evaluate(ctx, "sum by (instance, mode) ("+busy.String()+")", window, time.Minute, print)
	fmt.Println(err)
	// Output:
	// [idle user] <nil>
	// map[cluster:north] <nil>
	// __name__=node_cpu_seconds_total instance=n1 <nil>
	// n1 user: [{1800000 12.5} {1860000 14}]
	// <nil>
	// n1 user: [{1800000 12.5} {1860000 14}]
	// <nil>
}

// A config says all that is wrong with it, and never shows a secret.
func ExampleConfig() {
	config := prom.Defaults()
	config.URL, config.User, config.Password, config.BearerToken = "prometheus:9090", "dendro", "s3cret", "t0ken"
	fmt.Println(config.Validate())
	fmt.Println(config.Password)
	// Output:
	// url: "prometheus" is not http or https
	//   Try: write the address below which /api/v1 lies, such as http://localhost:9090
	// bearer_token: given beside user
	//   Try: keep one of the two
	// [redacted]
}

// Names are checked before they are written into a query.
func ExampleValidMetric() {
	fmt.Println(prom.ValidMetric("node_cpu_seconds_total"), prom.ValidMetric("node cpu"))
	fmt.Println(prom.ValidLabel("instance"), prom.ValidLabel("host.name"))
	fmt.Println(prom.Matcher{Label: "mode", Op: prom.Match, Value: "(user"}.Validate())
	// Output:
	// true false
	// true false
	// matcher of label "mode": error parsing regexp: missing closing ): `(user`
}
