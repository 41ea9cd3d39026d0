package metric

import "strings"

// group is a line of the table: names that mean the same kind of quantity.
type group struct {
	names       string // separated by spaces; "*/x" is a family
	unit        string
	time        Method
	component   Method
	description string
}

// Builtin returns a new registry of the usual names of this field: those that
// the plugins, examples and guides of Impact Framework use, and the units and
// methods that they have there. What a manifest says of a metric replaces it.
// Functional units (requests, users, …) are not known: only who counts them
// knows whether two components serve the same ones.
func Builtin() *Registry {
	r := &Registry{}
	for _, g := range builtins() {
		for _, name := range strings.Fields(g.names) {
			r.Set(Info{Name: name, Unit: g.unit, Description: g.description, Time: g.time, Component: g.component, Builtin: true})
		}
	}
	return r
}

func builtins() []group {
	return []group{
		{
			"energy */energy energy-cpu energy-gpu energy-memory energy-network energy-storage cpu-energy gpu-energy memory-energy " +
				"network-energy storage-energy cpu-energy-raw cpu-energy-kwh total-energy energy-total",
			"kWh", Sum, Sum, "energy used",
		},
		{
			"carbon */carbon total-carbon carbon-total",
			"gCO2eq", Sum, Sum, "carbon emitted, operational and embodied",
		},
		{
			"carbon-operational operational-carbon operational-emissions emissions-operational",
			"gCO2eq", Sum, Sum, "carbon emitted by using energy",
		},
		{
			"carbon-embodied embodied-carbon embodied-emissions emissions-embodied",
			"gCO2eq", Sum, Sum, "carbon emitted by making and disposing of the hardware, the part of this time and use",
		},
		{
			"network/data network/data-in network/data-out",
			"GB", Sum, Sum, "data transferred",
		},
		{
			"cpu-wattage-times-duration cpu-times-duration",
			"J", Sum, Sum, "power multiplied by seconds",
		},
		{
			"utilization */utilization cpu-utilization gpu-utilization memory-utilization cpu-util cpu/util",
			"%", Avg, Avg, "part of the capacity in use",
		},
		{
			"load */load cpu-load load-average",
			"1", Avg, Avg, "runnable tasks",
		},
		{
			"power */power cpu-power gpu-power wattage */wattage cpu-wattage",
			"W", Avg, Avg, "power drawn; for the power of a whole group give it the component method sum",
		},
		{
			"grid/carbon-intensity */carbon-intensity carbon-intensity grid-carbon-intensity grid/intensity",
			"gCO2eq/kWh", Copy, Copy, "carbon intensity of electricity; weigh it by energy where components differ",
		},
		{
			"pue PUE */pue power-usage-effectiveness power-usage-efficiency",
			"1", Copy, Copy, "energy of the building per energy of the computers",
		},
		{
			"cpu/thermal-design-power */thermal-design-power thermal-design-power cpu/tdp tdp */tdp cpu-tdp gpu-tdp",
			"W", Copy, Copy, "thermal design power",
		},
		{
			"vCPUs vcpus vcpus-allocated vcpus-total total-vcpus cpu/number-cores cpu-cores-available cpu-cores-utilized " +
				"resources-reserved resources-total",
			"CPUs", Copy, Copy, "processors, allocated or of the device",
		},
		{
			"memory memory/capacity memory-available",
			"GB", Copy, Copy, "memory available",
		},
		{
			"memory/used memory-used",
			"GB", Avg, Avg, "memory in use",
		},
		{
			"ssd hdd gpu gpu-count storage-drives",
			"1", Copy, Copy, "number of devices",
		},
		{
			"usage-ratio vcpu-ratio",
			"1", Copy, Copy, "part of the device that is the component's",
		},
		{
			"time time-reserved device/expected-lifespan device/lifespan",
			"s", Copy, Copy, "time by which embodied carbon is scaled",
		},
		{
			"device/emissions-embodied device/carbon-footprint",
			"gCO2eq", Copy, Copy, "embodied carbon of a whole device",
		},
		{
			"sci",
			"gCO2eq", Avg, Sum, "carbon per functional unit; for the ratio of the totals see aggregation.weights",
		},
		{
			"cloud/provider cloud/vendor cloud/region cloud/instance-type cloud/service physical-processor cpu/name",
			"none", Copy, Copy, "name of a place or a product",
		},
		{
			"duration",
			"s", Sum, None, "length of the observation",
		},
		{
			"timestamp",
			"RFC3339", None, None, "begin of the observation",
		},
	}
}
