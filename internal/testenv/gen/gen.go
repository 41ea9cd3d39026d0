// Package gen writes large manifests for benchmarks and tests: a tree of
// regions, services and components, each component with one observation per
// minute, the six plugins that turn utilization into carbon, and aggregation.
//
// The documents have the shape of the recorded ones under oracle/if/scale, so
// figures measured on the one hold for the other. The same arguments give the
// same bytes.
package gen

import (
	"bufio"
	"fmt"
	"io"
	"time"
)

// Regions is the number of regions over which components are spread, and the
// highest number of services in each.
const Regions = 10

// Manifest writes a manifest of components × steps observations with
// aggregation of the given type ("horizontal", "vertical", "both"; "" for
// none). Component c is in region c mod 10, there in service c/10 mod 10.
func Manifest(w io.Writer, components, steps int, aggregationType string) error {
	b := bufio.NewWriterSize(w, 1<<16)
	fmt.Fprintf(b, "name: scale-%dx%d\ndescription: %d components, %d steps\n", components, steps, components, steps)
	if aggregationType != "" {
		fmt.Fprintf(b, "aggregation:\n  metrics:\n    - energy\n    - carbon\n  type: %s\n", aggregationType)
	}
	b.WriteString(plugins)
	b.WriteString(tree)
	for region := range min(Regions, components) {
		fmt.Fprintf(b, "    region-%d:\n      children:\n", region)
		for service := range Regions {
			writeService(b, region, service, components, steps)
		}
	}
	return b.Flush()
}

func writeService(b *bufio.Writer, region, service, components, steps int) {
	first := service*Regions + region
	if first >= components {
		return
	}
	fmt.Fprintf(b, "        service-%d-%d:\n          children:\n", region, service)
	for c := first; c < components; c += Regions * Regions {
		fmt.Fprintf(b, "            comp-%d:\n              inputs:\n", c)
		writeRows(b, c, steps)
	}
}

// writeRows writes the observations of one component. Utilization climbs by
// 1.7 % a step, starts elsewhere in every component and wraps at 100 %.
func writeRows(b *bufio.Writer, component, steps int) {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var row []byte
	for step := range steps {
		tenths := (37*component + 17*step) % 1000
		row = append(row[:0], "                - timestamp: '"...)
		row = at.Add(time.Duration(step)*time.Minute).AppendFormat(row, "2006-01-02T15:04:05.000Z")
		row = append(row, "'\n                  duration: 60\n                  cpu/utilization: "...)
		row = fmt.Appendf(row, "%d.%d\n", tenths/10, tenths%10)
		b.Write(row)
	}
}

const plugins = `initialize:
  plugins:
    interpolate:
      method: Interpolation
      path: builtin
      config:
        method: linear
        x: [0, 10, 50, 100]
        y: [0.12, 0.32, 0.75, 1.02]
        input-parameter: cpu/utilization
        output-parameter: cpu-factor
    cpu-wattage:
      method: Multiply
      path: builtin
      config:
        input-parameters: [cpu-factor, cpu/thermal-design-power]
        output-parameter: cpu-wattage
    wattage-times-duration:
      method: Multiply
      path: builtin
      config:
        input-parameters: [cpu-wattage, duration]
        output-parameter: cpu-wattage-times-duration
    energy:
      method: Coefficient
      path: builtin
      config:
        input-parameter: cpu-wattage-times-duration
        coefficient: 2.7777777777777776e-7
        output-parameter: energy
      parameter-metadata:
        outputs:
          energy:
            unit: kWh
            description: energy
            aggregation-method:
              time: sum
              component: sum
    operational-carbon:
      method: Multiply
      path: builtin
      config:
        input-parameters: [energy, grid/carbon-intensity]
        output-parameter: operational-carbon
    carbon:
      method: Sum
      path: builtin
      config:
        input-parameters: [operational-carbon, embodied-carbon]
        output-parameter: carbon
      parameter-metadata:
        inputs:
          cpu/utilization:
            unit: percentage
            description: cpu/utilization
            aggregation-method:
              time: avg
              component: avg
        outputs:
          carbon:
            unit: gCO2e
            description: carbon
            aggregation-method:
              time: sum
              component: sum
`

const tree = `tree:
  pipeline:
    compute:
      - interpolate
      - cpu-wattage
      - wattage-times-duration
      - energy
      - operational-carbon
      - carbon
  defaults:
    cpu/thermal-design-power: 100
    grid/carbon-intensity: 400
    embodied-carbon: 0.5
  children:
`
