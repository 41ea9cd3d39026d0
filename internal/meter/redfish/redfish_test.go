package redfish

import (
	"strings"
	"testing"
	"time"

	"github.com/dendro-carbon/dendro/internal/fetch"
	"github.com/dendro-carbon/dendro/internal/meter/metertest"
)

const legacy = `{"@odata.id":"/redfish/v1/Chassis/1/Power","Id":"Power","PowerControl":[{"Name":"System Power Control","PowerConsumedWatts":300,"PowerLimit":{"LimitInWatts":null}},{"PowerConsumedWatts":45}],"Voltages":[]}`

const metrics = `{"@odata.type":"#EnvironmentMetrics.v1_3_0.EnvironmentMetrics","PowerWatts":{"DataSourceUri":"/redfish/v1/Chassis/1/Sensors/Power","Reading":374.5},"EnergykWh":{"Reading":1855}}`

func open(t *testing.T, clients ...*fetch.Client) *Source {
	t.Helper()
	c := Defaults()
	for i, client := range clients {
		c.Chassis = append(c.Chassis, Chassis{Name: string(rune('a' + i)), Client: client, Schema: LegacyPower, Services: []string{"s", "t"}})
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	good := metertest.Serve(t, legacy).Client
	metertest.Run(t, metertest.Harness{
		Source: open(t, good), Partly: open(t, good, metertest.Nowhere(t)), Unavailable: open(t, metertest.Nowhere(t)),
		Invalid: open(t, metertest.Serve(t, metrics).Client),
	})
}

func TestParse(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		schema Schema
		watts  float64
		says   string
	}{
		"legacy":        {legacy, LegacyPower, 300, ""},
		"metrics":       {metrics, Environment, 374.5, ""},
		"other schema":  {legacy, Environment, 0, "no power where environment_metrics has it"},
		"null":          {`{"PowerControl":[{"PowerConsumedWatts":null}]}`, LegacyPower, 0, "no power"},
		"empty":         {`{"PowerControl":[]}`, LegacyPower, 0, "no power"},
		"not ready":     {`{"PowerWatts":{"Reading":0}}`, Environment, 0, "0 W"},
		"negative":      {`{"PowerWatts":{"Reading":-3}}`, Environment, 0, "-3 W"},
		"text":          {`{"PowerWatts":{"Reading":"300"}}`, Environment, 0, "string"},
		"too large":     {`{"PowerWatts":{"Reading":1e999}}`, Environment, 0, "1e999"},
		"not a number":  {`{"PowerWatts":{"Reading":NaN}}`, Environment, 0, "invalid"},
		"page":          {`<html>`, Environment, 0, "invalid"},
		"two documents": {metrics + metrics, Environment, 0, "invalid"},
	} {
		watts, err := parse([]byte(c.text), c.schema)
		if watts != c.watts || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want %v, %q", name, watts, err, c.watts, c.says)
		}
	}
}

func TestValidate(t *testing.T) {
	c := Defaults()
	c.Every = time.Second
	c.Chassis = []Chassis{{Name: "a", Schema: "power", Services: []string{"s"}}}
	_, err := New(c)
	if err == nil || !strings.Contains(err.Error(), "at least 15s") || !strings.Contains(err.Error(), "use legacy_power or environment_metrics") {
		t.Error(err)
	}
}

// FuzzParse feeds documents: there is a power that a chassis can draw, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(legacy), true)
	f.Add([]byte(metrics), false)
	f.Add([]byte(`{"powercontrol":[{"PowerConsumedWatts":1}],"PowerControl":{}}`), true)
	f.Fuzz(func(t *testing.T, text []byte, old bool) {
		schema := Environment
		if old {
			schema = LegacyPower
		}
		if watts, err := parse(text, schema); err == nil && !(watts > 0 && watts-watts == 0) {
			t.Errorf("%v W", watts)
		}
	})
}
