package meter_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter"
	"github.com/dendro-carbon/dendro/internal/window"
)

// rack measures a machine that two services share. It always draws 12 W.
type rack struct{ began time.Time }

func (rack) Info() meter.Info {
	return meter.Info{
		Name: "rack", Energy: window.EnergyRedfish, Every: time.Second,
		Targets: [][]string{{"checkout", "Search"}},
	}
}

func (r rack) Read(context.Context, time.Time) ([]meter.Sample, error) {
	var samples []meter.Sample
	for _, s := range []int{0, 5} {
		samples = append(samples, meter.Sample{Series: "1", Kind: meter.Counter, At: r.began.Add(time.Duration(s) * time.Second), Value: float64(12 * s)})
	}
	return samples, nil
}

// A recorder reads meters as time goes, and gives windows what was measured.
func ExampleRecorder() {
	began := time.Now().Add(-10 * time.Second).Truncate(time.Second)
	config := meter.Defaults()
	config.Hold = time.Second
	r, err := meter.NewRecorder(config, []meter.Source{rack{began}}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	r.Run(ctx) // until the program ends

	fmt.Println(r.Services())
	readings, err := r.Readings(context.Background(), 0, began.Add(6*time.Second).UnixNano())
	joules := 0.0
	for _, reading := range readings {
		joules += reading.KWh * 3.6e6
	}
	fmt.Printf("%d readings, %.0f J, %v\n", len(readings), joules, err)
	fmt.Println(r.Status()[0].Name, r.Status()[0].Joules)
	// Output:
	// [checkout search]
	// 5 readings, 60 J, <nil>
	// rack 60
}

// Whatever is wrong with a source is told at once.
func ExampleInfo() {
	fmt.Println(meter.Info{Name: "rack", Energy: window.EnergyRedfish, Every: time.Second, Targets: [][]string{{""}}}.Validate())
	fmt.Println(meter.Config{}.Validate())
	// Output:
	// targets[0].services: "": 1 to 256 bytes without control characters
	// timeout: 0s is not a time to wait
}

// A page where power should be is a reply that is not one; else the meter cannot be
// reached.
func ExampleFault() {
	ctx := context.Background()
	fmt.Println(meter.Fault(ctx, &fetch.Error{URL: "http://bmc", Status: 200, Reached: true, Err: errors.New("too long")}))
	fmt.Println(meter.Fault(ctx, &fetch.Error{URL: "http://bmc", Err: errors.New("connection refused")}))
	// Output:
	// meter gave an invalid answer: http://bmc: too long
	// meter is not available: http://bmc: connection refused
}

// A recorder with a journal goes on where a former one ended: here one that had given
// readings for a window which was not kept.
func ExampleRecorder_Resume() {
	began := time.Now().Add(-10 * time.Second).Truncate(time.Second)
	folder, err := os.MkdirTemp("", "meters")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	config := meter.Defaults()
	config.Hold, config.Journal = time.Second, filepath.Join(folder, "meters.ndjson")
	for range 2 {
		r, err := meter.NewRecorder(config, []meter.Source{rack{began}}, slog.New(slog.DiscardHandler))
		if err != nil {
			fmt.Println(err)
			return
		}
		r.Resume(began.UnixNano()) // this window is still to be closed
		readings, err := r.Readings(context.Background(), began.UnixNano(), began.Add(6*time.Second).UnixNano())
		fmt.Println(len(readings), "readings", err, r.Close())
	}
	// Output:
	// 5 readings <nil> <nil>
	// 5 readings <nil> <nil>
}
