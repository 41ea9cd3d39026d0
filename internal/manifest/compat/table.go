package compat

// Table returns all differences, in the order in which documents list them.
//
//archtest:long it is the table, one row after another
func Table() []Difference {
	return []Difference{
		{
			"unknown-metric", 1, "a metric without a known method is aggregated by copy: the last value wins",
			"it is an error that names the metric and how to give its method",
			func(o *Options) *bool { return &o.UnknownMetricCopies },
		},
		{
			"skip-components", 2, "skip-components is accepted and does nothing",
			"the components are left out of their parent's aggregate and listed in it",
			func(o *Options) *bool { return &o.IgnoreSkipComponents },
		},
		{
			"component-none", 3, "a metric whose component method is none fails the run",
			"it is left out of groups",
			func(o *Options) *bool { return &o.NoneComponentFails },
		},
		{
			"unequal-children", 4, "children are cut to the length of the first, or crash; their times are never compared",
			"children are aligned by time; unequal or shifted ones are an error unless aggregation.align says otherwise",
			func(o *Options) *bool { return &o.FirstChildLength },
		},
		{
			"unweighted-average", 0, "an average of a tree is a mean of means",
			"it is a mean over the leaves, or weighted by aggregation.weights",
			func(o *Options) *bool { return &o.UnweightedAverages },
		},
		{
			"duplicate-metric", 5, "a metric listed twice is added twice",
			"it is added once",
			func(o *Options) *bool { return &o.DuplicateMetricsTwice },
		},
		{
			"text-number", 0, "text is read as far as it looks like a number: 10abc is 10",
			"text is not a number, and summing it is an error",
			func(o *Options) *bool { return &o.ParseFloatText },
		},
		{
			"built-in-methods", 1, "only plugins that describe their metrics give them a method",
			"the usual metrics of energy and carbon have methods built in, which parameter-metadata overrides",
			func(o *Options) *bool { return &o.OwnMetadataOnly },
		},
		{
			"aggregate-always", 25, "aggregation also runs when only the observe or regroup phase was asked for, and crashes",
			"it runs when there are outputs to aggregate",
			func(o *Options) *bool { return &o.AggregateAlways },
		},
		{
			"time-sync", 6, "time-sync drops the last sample of each average, shifts time at gaps of one second, " +
				"cuts buckets by position and keeps a record at end-time",
			"each bucket gets the part of each observation that lies in it",
			func(o *Options) *bool { return &o.TimeSyncUpsampling },
		},
		{
			"last-row-expression", 9, "an expression on inputs is put together as text, evaluated at the last time step and used for all; " +
				"cpu/energy divides, and parentheses, signs and decimals beside names fail or give nothing",
			"it is evaluated at each step, by a grammar in which cpu/energy is the metric of that name if there is one",
			func(o *Options) *bool { return &o.LastRowExpressions },
		},
		{
			"plain-names", 10, "names with digits, dots, spaces or letters beyond ASCII are refused, as co2 or gpu0/energy",
			"they are names",
			func(o *Options) *bool { return &o.PlainNamesOnly },
		},
		{
			"mapping-once", 11, "a plugin's mapping works for its first component only, and renames metrics that the plugin does not touch",
			"it works for every component, and for what the plugin reads and writes",
			func(o *Options) *bool { return &o.MappingOnce },
		},
		{
			"input-text", 12, "text that looks like arithmetic is evaluated, a quoted date to nothing; any = in a label fails",
			"only text that begins with = is an expression",
			func(o *Options) *bool { return &o.EvaluateInputText },
		},
		{
			"lookup-once", 13, "csv-lookup of all columns fails when two rows meet the same record",
			"a record can be met any number of times",
			func(o *Options) *bool { return &o.LookupConsumesRow },
		},
		{
			"loose-lookup", 38, "csv-lookup compares loosely; a column and a key that both do not exist match the first record; " +
				"007 and 0x10 in a table are 7 and 0, an empty cell is the text nan; of a list of three names the third is ignored",
			"a column that does not exist is an error; numbers match numbers and text matches text; " +
				"a cell is a number if JSON would write it so, an empty one is null; a list of three names is an error",
			func(o *Options) *bool { return &o.LooseLookup },
		},
		{
			"sorted-curve", 14, "interpolation sorts x and y each by itself",
			"the points are sorted by x, in pairs",
			func(o *Options) *bool { return &o.SortedCurves },
		},
		{
			"input-leak", 19, "a plugin that changes the number of rows mixes input row i into output row i",
			"output rows have what the plugin gave them",
			func(o *Options) *bool { return &o.InputLeak },
		},
		{
			"zero-units", 39, "the SCI of no functional units is the carbon itself",
			"it is missing",
			func(o *Options) *bool { return &o.ZeroUnitsIsCarbon },
		},
		{
			"zero-division", 0, "a division by the constant 0 gives the numerator",
			"it is an error",
			func(o *Options) *bool { return &o.ZeroDivisionPasses },
		},
		{
			"six-decimals", 40, "time-converter rounds to six decimals, so that small energies become 0",
			"it does not round",
			func(o *Options) *bool { return &o.ConverterSixDecimals },
		},
		{
			"coerced-number", 0, "a value that is not checked is made into a number as JavaScript does: null functional units are 0, " +
				"a text in the config is read as far as it has digits and then calculated with as not a number",
			"it is an error",
			func(o *Options) *bool { return &o.CoerceNumbers },
		},
		{
			"divide-row-keys", 0, "divide takes a row's own values called numerator and denominator instead of those that config names",
			"config names them",
			func(o *Options) *bool { return &o.DivideRowKeys },
		},
		{
			"copy-falsy", 0, "copy with keep-existing false keeps the source where it is 0 or an empty text",
			"it removes the source from every row",
			func(o *Options) *bool { return &o.CopyKeepsFalsy },
		},
		{
			"script-error", 41, "what is not checked fails in the JavaScript engine, such as: Cannot read properties of undefined",
			"the error says what is missing",
			func(o *Options) *bool { return &o.ScriptErrors },
		},
		{
			"shell-failure", 36, "a shell command that fails or does not exist passes",
			"its failure is the run's",
			func(o *Options) *bool { return &o.ShellIgnoresFailure },
		},
		{
			"mock-observations", 0, "mock-observations takes a bound of 0 for none, refuses unquoted timestamps, " +
				"and makes nothing, in silence, of timestamps that cannot be read",
			"0 is a bound, an unquoted timestamp is one, and one that cannot be read is an error; seed makes the numbers repeatable",
			func(o *Options) *bool { return &o.MockReadsLoosely },
		},
		{
			"empty-inputs", 15, "a component without inputs fails the run",
			"it has no outputs and its parent is told",
			func(o *Options) *bool { return &o.EmptyInputsFail },
		},
		{
			"observe-defaults", 24, "with --observe, defaults are not merged before compute",
			"they are",
			func(o *Options) *bool { return &o.ObserveSkipsDefaults },
		},
		{
			"integer-keys", 0, "keys that are integers come first, in ascending order, whatever the order in the file",
			"keys keep the order of the file",
			func(o *Options) *bool { return &o.IntegerKeysFirst },
		},
		{
			"output-path", 16, "-o cuts the whole path at its last dot and appends .yaml",
			"the path is used as it is; its extension chooses the format",
			func(o *Options) *bool { return &o.OutputPathCut },
		},
		{
			"regex-groups", 28, "a pattern is evaluated as JavaScript and gives its groups after the match, joined by spaces",
			"a pattern is RE2 and gives the match, or its first group when it has one",
			func(o *Options) *bool { return &o.RegexGroups },
		},
		{
			"method-pair", 0, "aggregation-method must be a pair of methods",
			"one method stands for both time and components",
			func(o *Options) *bool { return &o.MethodPairsOnly },
		},
		{
			"aggregation-keys", 0, "align and weights of aggregation are unknown, and are dropped without a word",
			"they say how time steps are brought together and what averages are weighted by",
			func(o *Options) *bool { return &o.OwnAggregationKeysOnly },
		},
		{
			"falsy-group", 0, "regroup fails where a key's value is 0, false or empty",
			"0 and false are groups; what is missing or empty is an error",
			func(o *Options) *bool { return &o.FalsyGroupsFail },
		},
		{
			"group-names", 0, "regroup names the groups of times as JavaScript prints them, in local time, and takes lists and objects for names",
			"a time is written in ISO form; a list or an object is an error",
			func(o *Options) *bool { return &o.ScriptGroupNames },
		},
		{
			"first-problem", 41, "the run stops at the first problem and does not say where it is",
			"all problems are reported, each with its place",
			func(o *Options) *bool { return &o.FirstProblemOnly },
		},
	}
}
