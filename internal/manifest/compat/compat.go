// Package compat is the one table of the places where Dendro's default differs
// from Impact Framework 1.1.0.
//
// The zero [Options] is right: the default. Each field switches one behaviour
// of Impact Framework on; [IF11] switches all of them on. Code asks for the one
// field that it needs and never for a version.
package compat

// Options are the behaviours of Impact Framework that are reproduced. The
// fields' meanings are in [Table].
type Options struct {
	UnknownMetricCopies    bool
	IgnoreSkipComponents   bool
	NoneComponentFails     bool
	FirstChildLength       bool
	UnweightedAverages     bool
	DuplicateMetricsTwice  bool
	ParseFloatText         bool
	OwnMetadataOnly        bool
	AggregateAlways        bool
	TimeSyncUpsampling     bool
	LastRowExpressions     bool
	PlainNamesOnly         bool
	MappingOnce            bool
	EvaluateInputText      bool
	LookupConsumesRow      bool
	LooseLookup            bool
	SortedCurves           bool
	InputLeak              bool
	ZeroUnitsIsCarbon      bool
	ZeroDivisionPasses     bool
	ConverterSixDecimals   bool
	CoerceNumbers          bool
	DivideRowKeys          bool
	CopyKeepsFalsy         bool
	ScriptErrors           bool
	ShellIgnoresFailure    bool
	MockReadsLoosely       bool
	EmptyInputsFail        bool
	ObserveSkipsDefaults   bool
	IntegerKeysFirst       bool
	OutputPathCut          bool
	RegexGroups            bool
	MethodPairsOnly        bool
	OwnAggregationKeysOnly bool
	FalsyGroupsFail        bool
	ScriptGroupNames       bool
	FirstProblemOnly       bool
}

// IF11 returns the options under which results equal those of Impact Framework
// 1.1.0.
func IF11() Options {
	var o Options
	for _, d := range Table() {
		*d.Field(&o) = true
	}
	return o
}

// Difference is one row of the table.
type Difference struct {
	// Name is how notices, documents and tests call the difference.
	Name string
	// Bug is its number in the list of Impact Framework's bugs in
	// docs/COMPATIBILITY.md, 0 when it has none.
	Bug int
	// IF says what Impact Framework does, Dendro what the default does instead,
	// and why.
	IF, Dendro string
	// Field returns the option that switches Impact Framework's behaviour on.
	Field func(*Options) *bool
}
