package window_test

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/dendro-carbon/dendro/internal/window"
)

func Example() {
	c := window.Defaults()
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	c.ServiceRegions = map[string]string{"orders": "eu-west-3"}
	s, err := window.New(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Add(&window.Span{Service: "Orders", Kind: window.KindSQL, Verb: window.VerbInsert, Trace: window.TraceID{1}, Start: 1})
	s.Add(&window.Span{Service: "mail", Kind: window.KindMessaging, Trace: window.TraceID{2}, Start: 1})
	fmt.Println(s.Len(), "spans")
	w := s.Close(window.Conditions{})
	fmt.Printf("%.4g kWh, %.4g g, %s\n", w.Green.EnergyKWh, w.Green.CO2.Operational, w.Green.EnergyModel)
	for _, cell := range w.Detail.Cells {
		fmt.Printf("%s in %s region %s: %g kWh, %.3g to %.3g g\n",
			cell.Service, cell.RegionKind, cell.Region, cell.EnergyKWh, cell.Low, cell.High)
	}
	// Output:
	// 2 spans
	// 1.5e-07 kWh, 7.159e-06 g, io_proxy_v1
	// mail in unknown region : 1e-07 kWh, 2.08e-06 to 1.28e-05 g
	// orders in account region eu-west-3: 1.5e-07 kWh, 3.58e-06 to 1.43e-05 g
}

func ExampleScore() {
	c := window.Defaults()
	c.DefaultRegion = "eu-west-3"
	c.Places = map[string]window.Place{"eu-west-3": {Annual: 41.5, PUE: 1.15}}
	spans := []window.Span{{Service: "orders", Kind: window.KindMessaging, Trace: window.TraceID{1}}}
	w, err := window.Score(c, spans, window.Conditions{
		Readings: []window.Reading{window.Always(window.EnergyScaphandre, "orders", 5e-7)},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	kwh, _ := w.Green.ServiceEnergyKWh.Get("orders")
	region, _ := w.Green.ServiceRegion.Get("orders")
	fmt.Println(kwh, region, w.Green.EnergyModel, window.EnergyScaphandre.Measured())
	text, err := w.AppendJSON(nil)
	fmt.Printf("%s… %v\n", text[:71], err)
	// Output:
	// 5e-07 eu-west-3 scaphandre_rapl true
	// {"analysis":{"duration_ms":0,"events_processed":1,"traces_analyzed":1},… <nil>
}

func ExampleConfig_Validate() {
	c := window.Defaults()
	c.DefaultRegion = "eu west 3"
	c.Profiles = map[string]window.Profile{"eu-west-3": window.Daily([24]float64{7: 31.1})}
	fmt.Println(window.IsRegion(c.DefaultRegion))
	fmt.Println(c.Validate())
	// Output:
	// false
	// default_region: "eu west 3" is no region id: use letters, digits, - and _, at most 64
}

func ExampleFactors_Validate() {
	f := window.DefaultFactors()
	f.SQL.Select = -1
	fmt.Println(f.Validate())
	// Output: factors.sql.select: -1: give a number from 0 to 1e15
}

func ExampleClean() {
	fmt.Println(window.Clean(0.5))
	fmt.Println(window.Clean(-0.1))
	fmt.Println(window.Clean(math.NaN()))
	// Output:
	// 0.5 true
	// 0 false
	// 0 false
}

func ExampleDecoder_DecodeReport() {
	var d window.Decoder
	var w window.Window
	err := d.DecodeReport([]byte(`{"analysis": {"events_processed": 1}}`), &w)
	fmt.Println(err)
	// Output: no scored window: "traces_analyzed" is missing
}

func ExampleAppendLine() {
	w := window.Window{Analysis: window.Analysis{Events: 1, Traces: 1}, Green: window.Green{TotalOps: 1, WasteBand: "healthy"}}
	at := time.Date(2026, 1, 15, 10, 0, 0, 250e6, time.UTC)
	line, hash, err := window.AppendLine(nil, window.Envelope{Prev: window.ChainSeed, Seq: 0, Time: at}, &w)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n%s\n", line[:115], hash)
	var v window.Verifier
	fmt.Println(v.Verify(line))
	fmt.Println(v.Verify(bytes.Replace(line, []byte(`"seq":0`), []byte(`"seq":1`), 1)))
	var d window.Decoder
	var back window.Line
	err = d.Decode(line, &back)
	fmt.Println(back.Seq, back.Prev, back.Time, back.Window.Analysis.Traces, err)
	// Output:
	// {"hash":"sha256:6e41fd2ecdc79fb17015d81e1b04bac3016b3397752af99d2474a4def648877f","prev":"perf-sentinel-archive/v1"
	// sha256:6e41fd2ecdc79fb17015d81e1b04bac3016b3397752af99d2474a4def648877f
	// true <nil>
	// false <nil>
	// 0 perf-sentinel-archive/v1 2026-01-15 10:00:00.25 +0000 UTC 1 <nil>
}
