package foreign

// shape is what a value of a report may be.
type shape uint8

const (
	aText shape = iota
	aFloat
	aCount
	aTruth
	anInstant
	aDate
	aUUID
	aWord  // one of some words: the names of its fields
	texts1 // a list of texts
	aSet   // a list of texts that is sorted and has each once
	aRaw
	anObject
	objects   // a list of objects
	floatMap  // from names to floats
	setMap    // from names to sets
	textMap   // from names to texts
	theChoice // applications, of two shapes
)

// rule says what becomes of a member that is absent or empty.
type rule uint8

const (
	required   rule = iota
	omitted         // if it is null or empty
	zeroed          // written as 0, false, null or {} if it is absent
	nulled          // written as null if it is null or absent
	unlessZero      // left out if it is 0, empty or all of it is
	full            // written as 1.0 if it is absent
)

// fieldOf is a member of an object.
type fieldOf struct {
	name  string
	shape shape
	rule  rule
	of    []fieldOf
}

// reportFields are the members of a report, v1.0 to v1.6, in the order in which they
// are written.
func reportFields() []fieldOf {
	return []fieldOf{
		{"schema_version", aText, required, nil},
		{"report_metadata", anObject, required, metadataFields()},
		{"organisation", anObject, required, organisationFields()},
		{"period", anObject, required, []fieldOf{
			{"from_date", aDate, required, nil},
			{"to_date", aDate, required, nil},
			{"period_type", aWord, required, words("calendar-quarter", "calendar-month", "calendar-year", "custom")},
			{"days_covered", aCount, required, nil},
		}},
		{"scope_manifest", anObject, required, scopeFields()},
		{"methodology", anObject, required, methodologyFields()},
		{"aggregate", anObject, required, aggregateFields()},
		{"applications", theChoice, required, nil},
		{"integrity", anObject, required, integrityFields()},
		{"notes", anObject, required, []fieldOf{
			{"disclaimers", texts1, omitted, nil}, {"reference_urls", textMap, omitted, nil},
		}},
	}
}

// words returns what an [aWord] may be.
func words(all ...string) []fieldOf {
	out := make([]fieldOf, len(all))
	for i, word := range all {
		out[i].name = word
	}
	return out
}

// takesNull reports whether null is the same as nothing. It is for what is optional by
// itself, not for what has a default.
func (f *fieldOf) takesNull() bool {
	switch f.shape {
	case aRaw:
		return true
	case aText, aFloat, aCount, anObject:
		return f.rule == omitted || f.rule == nulled
	}
	return false
}

func metadataFields() []fieldOf {
	return []fieldOf{
		{"intent", aWord, required, words("internal", "official", "audited")},
		{"confidentiality_level", aWord, required, words("internal", "public")},
		{"integrity_level", aWord, required, words("none", "hash-only", "signed", "signed-with-attestation", "audited")},
		{"generated_at", anInstant, required, nil},
		{"generated_by", aText, required, nil},
		{"perf_sentinel_version", aText, required, nil},
		{"report_uuid", aUUID, required, nil},
		{"binary_version", aText, unlessZero, nil},
	}
}

func organisationFields() []fieldOf {
	return []fieldOf{
		{"name", aText, required, nil},
		{"country", aText, required, nil},
		{"identifiers", anObject, zeroed, []fieldOf{
			{"siren", aText, omitted, nil},
			{"vat", aText, omitted, nil},
			{"lei", aText, omitted, nil},
			{"opencorporates_url", aText, omitted, nil},
			{"domain", aText, omitted, nil},
		}},
		{"sector", aText, omitted, nil},
	}
}

func scopeFields() []fieldOf {
	return []fieldOf{
		{"total_applications_declared", aCount, required, nil},
		{"applications_measured", aCount, required, nil},
		{"applications_excluded", objects, omitted, []fieldOf{{"service_name", aText, required, nil}, {"reason", aText, required, nil}}},
		{"environments_measured", texts1, omitted, nil},
		{"environments_excluded", objects, omitted, []fieldOf{{"name", aText, required, nil}, {"reason", aText, required, nil}}},
		{"total_requests_in_period", aCount, omitted, nil},
		{"requests_measured", aCount, required, nil},
		{"coverage_percentage", aFloat, omitted, nil},
		{"coverage_basis", anObject, omitted, []fieldOf{
			{"operator_declared", texts1, required, nil}, {"machine_derived", texts1, required, nil},
		}},
	}
}

func methodologyFields() []fieldOf {
	return []fieldOf{
		{"sci_specification", aText, required, nil},
		{"perf_sentinel_version", aText, required, nil},
		{"enabled_patterns", texts1, required, nil},
		{"disabled_patterns", objects, omitted, []fieldOf{{"name", aText, required, nil}, {"reason", aText, required, nil}}},
		{"core_patterns_required", texts1, required, nil},
		{"conformance", aWord, required, words("core-required", "extended", "partial")},
		{"calibration_inputs", anObject, required, []fieldOf{
			{"cloud_regions", texts1, omitted, nil},
			{"carbon_intensity_source", aText, required, nil},
			{"specpower_table_version", aText, required, nil},
			{"binary_specpower_vintage", aText, omitted, nil},
			{"scaphandre_used", aTruth, required, nil},
			{"energy_source_models", aSet, omitted, nil},
			{"calibration_applied", aTruth, zeroed, nil},
			{"scoring_coefficients", aSet, omitted, nil},
			{"carbon_methodologies", aSet, omitted, nil},
			{"embodied_gco2_total", aFloat, omitted, nil},
			{"embodied_gco2_per_request", aFloat, omitted, nil},
		}},
		{"standard_crosswalk", anObject, omitted, []fieldOf{
			{"standard", aText, required, nil},
			{"mappings", objects, required, []fieldOf{
				{"report_field", aText, required, nil}, {"datapoint", aText, required, nil}, {"note", aText, required, nil},
			}},
			{"caveats", texts1, required, nil},
		}},
	}
}

func aggregateFields() []fieldOf {
	return []fieldOf{
		{"total_requests", aCount, required, nil},
		{"total_energy_kwh", aFloat, required, nil},
		{"total_carbon_kgco2eq", aFloat, required, nil},
		{"carbon_breakdown", anObject, omitted, []fieldOf{
			{"operational_kgco2eq", aFloat, omitted, nil},
			{"embodied_kgco2eq", aFloat, omitted, nil},
			{"database_kgco2eq_out_of_total", aFloat, omitted, nil},
			{"messaging_kgco2eq_out_of_total", aFloat, omitted, nil},
			{"transport_kgco2eq", aFloat, omitted, nil},
			{"transport_kgco2eq_low", aFloat, omitted, nil},
			{"transport_kgco2eq_high", aFloat, omitted, nil},
		}},
		{"aggregate_efficiency_score", aFloat, required, nil},
		{"aggregate_waste_ratio", aFloat, required, nil},
		{"anti_patterns_detected_count", aCount, required, nil},
		{"estimated_optimization_potential_kgco2eq", aFloat, required, nil},
		{"canonical_waste", anObject, unlessZero, tierFields()},
		{"operational_waste", anObject, unlessZero, tierFields()},
		{"period_coverage", aFloat, full, nil},
		{"binary_versions", aSet, omitted, nil},
		{"runtime_windows_count", aCount, zeroed, nil},
		{"fallback_windows_count", aCount, zeroed, nil},
		{"database_waste", anObject, omitted, kindFields()},
		{"messaging_waste", anObject, omitted, kindFields()},
		{"per_service_energy_models", setMap, omitted, nil},
		{"per_service_measured_ratio", floatMap, omitted, nil},
		{"temporal_coverage", anObject, unlessZero, []fieldOf{
			{"temporal_coverage", aFloat, required, nil},
			{"observed_days", aCount, required, nil},
			{"days_in_period", aCount, required, nil},
			{"largest_gap_days", aCount, required, nil},
		}},
	}
}

func tierFields() []fieldOf {
	return []fieldOf{
		{"n_plus_one_threshold", aCount, required, nil},
		{"energy_kwh", aFloat, required, nil},
		{"carbon_kgco2eq", aFloat, required, nil},
		{"waste_ratio", aFloat, required, nil},
		{"efficiency_score", aFloat, required, nil},
	}
}

func kindFields() []fieldOf {
	return []fieldOf{
		{"energy_kwh", aFloat, required, nil},
		{"measured_energy_kwh", aFloat, zeroed, nil},
		{"declared_energy_kwh", aFloat, unlessZero, nil},
		{"models", aSet, required, nil},
		{"windows_with_figure", aCount, required, nil},
		{"measured_windows", aCount, zeroed, nil},
		{"declared_windows", aCount, unlessZero, nil},
		{"estimated_windows", aCount, zeroed, nil},
		{"windows_with_carbon", aCount, zeroed, nil},
		{"operational_waste_kwh", aFloat, required, nil},
		{"operational_waste_kgco2eq", aFloat, omitted, nil},
		{"canonical_waste_kwh", aFloat, required, nil},
		{"canonical_waste_kgco2eq", aFloat, omitted, nil},
	}
}

// textsNamed returns members that are texts and have to be there.
func textsNamed(all ...string) []fieldOf {
	out := make([]fieldOf, len(all))
	for i, name := range all {
		out[i] = fieldOf{name, aText, required, nil}
	}
	return out
}

func integrityFields() []fieldOf {
	return []fieldOf{
		{"content_hash", aText, required, nil},
		{"binary_hash", aText, omitted, nil},
		{"binary_verification_url", aText, omitted, nil},
		{"trace_integrity_chain", aRaw, zeroed, nil},
		{"signature", anObject, nulled, append(textsNamed("format", "bundle_url", "signer_identity", "signer_issuer", "rekor_url", "signed_at"),
			fieldOf{"rekor_log_index", aCount, required, nil})},
		{"binary_attestation", anObject, omitted, textsNamed("format", "attestation_url", "builder_id", "git_tag", "git_commit", "slsa_level")},
		{"cross_period_log", anObject, omitted, []fieldOf{
			{"format", aText, required, nil}, {"log_url", aText, required, nil}, {"previous_report_hash", aText, omitted, nil},
		}},
	}
}

// applicationFields are the members of an application, with its patterns or, in
// public reports, with their number alone.
func applicationFields(withPatterns bool) []fieldOf {
	common := []fieldOf{
		{"service_name", aText, required, nil},
		{"display_name", aText, omitted, nil},
		{"service_version", aText, omitted, nil},
		{"endpoints_observed", aCount, required, nil},
		{"total_requests", aCount, required, nil},
		{"energy_kwh", aFloat, required, nil},
		{"carbon_kgco2eq", aFloat, required, nil},
		{"efficiency_score", aFloat, required, nil},
	}
	if !withPatterns {
		return append(common, fieldOf{"anti_patterns_detected_count", aCount, required, nil})
	}
	return append(common, fieldOf{"anti_patterns", objects, required, []fieldOf{
		{"type", aText, required, nil},
		{"occurrences", aCount, required, nil},
		{"estimated_waste_kwh", aFloat, required, nil},
		{"estimated_waste_kgco2eq", aFloat, required, nil},
		{"first_seen", anInstant, required, nil},
		{"last_seen", anInstant, required, nil},
		{"rgesn_criteria", texts1, omitted, nil},
	}})
}
