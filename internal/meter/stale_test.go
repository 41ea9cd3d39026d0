package meter_test

import (
	"context"
	"log/slog"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// stuck is an exporter that answers for ever with what it had at a time, as a cache does,
// or with each sample twice.
type stuck struct {
	began, until time.Time
	twice        bool
}

func (stuck) Info() meter.Info {
	return meter.Info{Name: "stuck", Energy: window.EnergyScaphandre, Every: 5 * time.Second, Targets: [][]string{{"a"}}}
}

func (s stuck) Read(context.Context, time.Time) ([]meter.Sample, error) {
	at := time.Now()
	if at.After(s.until) {
		at = s.until
	}
	one := meter.Sample{Series: "p", Kind: meter.Power, At: at, Value: 10}
	if s.twice {
		return []meter.Sample{one, one, {Series: "p", Kind: meter.Power, At: at, Value: 9999}}, nil
	}
	return []meter.Sample{one}, nil
}

// A reply that is not newer than the one before says nothing, however often it comes: its
// services are modelled, and no energy is counted again. Of samples twice the first counts.
func TestStaleReplies(t *testing.T) {
	for name, twice := range map[string]bool{"stale": false, "stale and twice": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				s := stuck{began: begin, until: begin.Add(time.Minute), twice: twice}
				config := meter.Defaults()
				config.Hold = 0
				r, err := meter.NewRecorder(config, []meter.Source{s}, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(t.Context())
				go r.Run(ctx)
				scoring := window.Defaults()
				scoring.Metered = r.Services()
				var models []string
				given := 0.0
				for range 5 {
					from := time.Now()
					time.Sleep(time.Minute)
					readings, err := r.Readings(ctx, from.UnixNano(), time.Now().UnixNano())
					if err != nil {
						t.Fatal(err)
					}
					for _, x := range readings {
						given += x.KWh * 3.6e6
					}
					w, err := window.Score(scoring, []window.Span{{Kind: window.KindSQL, Service: "A", Region: "x", Start: from.Add(30 * time.Second).UnixNano()}},
						window.Conditions{From: from.UnixNano(), To: time.Now().UnixNano(), Readings: readings})
					if err != nil {
						t.Fatal(err)
					}
					models = append(models, w.Detail.Cells[0].EnergyBy[0].Source)
				}
				stop()
				if math.Abs(given-600) > 1e-6 || models[0] != "scaphandre_rapl" || models[3] != "io_proxy" || models[4] != "io_proxy" {
					t.Errorf("%v J, %v", given, models)
				}
			})
		})
	}
}
