package builtin

import (
	"github.com/dendro-carbon/dendro/internal/manifest/plugin"
	"github.com/dendro-carbon/dendro/internal/metric"
)

// MetadataOf returns what the plugin of a method says of its metrics, nothing
// for most methods and for unknown ones. Names, units and descriptions are
// those that Impact Framework prints in its explain block.
func MetadataOf(method string) plugin.Metadata {
	switch method {
	case "Sci":
		return sciMetadata()
	case "SciEmbodied":
		return sciEmbodiedMetadata()
	case "TimeSync":
		return timeSyncMetadata()
	}
	return plugin.Metadata{}
}

func sciMetadata() plugin.Metadata {
	return plugin.Metadata{
		Inputs: []metric.Info{
			{
				Name: "carbon", Unit: "gCO2e", Time: metric.Sum, Component: metric.Sum,
				Description: "an amount of carbon emitted into the atmosphere",
			},
			{
				Name: "functional-unit", Unit: "none", Time: metric.Sum, Component: metric.Sum,
				Description: "the name of the functional unit in which the final SCI value should be expressed, e.g. requests, users",
			},
		},
		Outputs: []metric.Info{
			{
				Name: "sci", Unit: "gCO2e", Time: metric.Avg, Component: metric.Sum,
				Description: "carbon expressed in terms of the given functional unit",
			},
		},
	}
}

func sciEmbodiedMetadata() plugin.Metadata {
	constant := func(name, unit, description string) metric.Info {
		return metric.Info{Name: name, Unit: unit, Description: description, Time: metric.Copy, Component: metric.Copy}
	}
	return plugin.Metadata{
		Inputs: []metric.Info{
			constant("vCPUs", "CPUs", "number of CPUs allocated to an application"),
			constant("memory", "GB", "RAM available for a resource, in GB"),
			constant("ssd", "SSDs", "number of SSDs available for a resource"),
			constant("hdd", "HDDs", "number of HDDs available for a resource"),
			constant("gpu", "GPUs", "number of GPUs available for a resource"),
			constant("usage-ratio", "dimensionless",
				"a scaling factor that can be used to describe the ratio of actual resource usage comapred to real device usage, "+
					"e.g. 0.25 if you are using 2 out of 8 vCPUs, 0.1 if you are responsible for 1 out of 10 GB of storage, etc"),
			constant("time", "seconds", "a time unit to scale the embodied carbon by, in seconds. "+
				"If not provided,time defaults to the value of the timestep duration."),
		},
		Outputs: []metric.Info{
			{
				Name: "embodied-carbon", Unit: "gCO2eq", Time: metric.Sum, Component: metric.Sum,
				Description: "embodied carbon for a resource, scaled by usage",
			},
		},
	}
}

func timeSyncMetadata() plugin.Metadata {
	return plugin.Metadata{
		Inputs: []metric.Info{
			{Name: "timestamp", Unit: "RFC3339", Description: "refers to the time of occurrence of the input"},
			{Name: "duration", Unit: "seconds", Time: metric.Sum, Description: "refers to the duration of the input"},
		},
	}
}
