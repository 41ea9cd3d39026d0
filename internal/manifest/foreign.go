package manifest

import (
	"path"
	"strings"

	"github.com/dendro-carbon/dendro/internal/diag"
)

// replacements says what does the work of the well-known plugins that are not
// builtins. The names are those of the plugins' exported functions.
func replacements() map[string]string {
	const (
		generic = "a pipeline of the builtins Multiply, Coefficient, Divide and Sum"
		lookup  = "the builtin CSVLookup on a table of instances"
	)
	return map[string]string{
		"TeadsCurve":            "the builtin Interpolation (x: [0, 10, 50, 100], y: [0.12, 0.32, 0.75, 1.02]), then Multiply by the TDP and the duration, and Coefficient 1/3600000",
		"TeadsAWS":              lookup + ", then Interpolation of its power columns",
		"CloudMetadata":         lookup,
		"TdpFinder":             "the builtin CSVLookup on a table of processors",
		"RegionMetadata":        "the builtin CSVLookup on a table of regions",
		"SciE":                  "the builtin Sum of the energy metrics",
		"SciM":                  "the builtin SciEmbodied",
		"SciO":                  "the builtin Multiply of energy and grid/carbon-intensity",
		"EMem":                  generic,
		"ENet":                  "the builtin Coefficient on the transferred data",
		"CloudCarbonFootprint":  lookup + ", then Interpolation and SciEmbodied",
		"CcfTeads":              lookup + ", then Interpolation",
		"BoaviztaCpuImpact":     lookup + ", then Interpolation and SciEmbodied",
		"BoaviztaCloudImpact":   lookup + ", then Interpolation and SciEmbodied",
		"CarbonAwareAdvisor":    "a column of grid/carbon-intensity in the inputs, from the builtin CSVImport",
		"WattTimeGridEmissions": "a column of grid/carbon-intensity in the inputs, from the builtin CSVImport",
		"ElectricityMaps":       "a column of grid/carbon-intensity in the inputs, from the builtin CSVImport",
		"AzureImporter":         "an exported table, read by the builtin CSVImport",
		"Co2js":                 "the builtin Coefficient on the transferred data",
		"GreenHosting":          "the builtin CSVLookup on a table of hosts",
		"GroupBy":               "the pipeline's regroup phase",
	}
}

// moduleName is what Impact Framework makes of a path: a repository is called
// after its last part, and dots are resolved.
func moduleName(p string) string {
	if strings.HasPrefix(p, "https://github.com") {
		p = p[strings.LastIndex(p, "/")+1:]
	}
	return path.Clean(p)
}

// foreignPlugin is the problem of a plugin that would have to be loaded from
// npm: only builtins can run here.
func foreignPlugin(p Plugin) error {
	module := moduleName(p.Path)
	text := "Provided module `" + module + ":" + p.Method + "` is invalid or not found."
	if !strings.HasPrefix(module, "../") {
		text = "Provided module `" + module + "` is invalid or not found. Error: Cannot find module '" + module + "'"
	}
	switch {
	case p.Method == "":
		return diag.New("MissingPluginMethodError", "Initalization param 'method' is missing.").WithHint("name the plugin's method, such as Sum")
	case p.Path == "":
		return diag.New("MissingPluginPathError", "Initalization param 'path' is missing.").WithHint("write `path: builtin`")
	}
	if strings.EqualFold(p.Path, "builtin") {
		return diag.New("PluginInitializationError", "%s", text).WithHint("write builtin in small letters: `path: builtin`")
	}
	instead := "a pipeline of builtins, or run the plugin as a program through the builtin Shell (--allow-shell)"
	if known, ok := replacements()[p.Method]; ok {
		instead = known
	}
	return diag.New("PluginInitializationError", "%s", text).
		WithHint("plugins of npm cannot run here; instead of %s use %s", p.Method, instead)
}
