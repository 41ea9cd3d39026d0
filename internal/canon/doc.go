// Package canon is JSON to the byte: the one text in which archives are written
// and hashed, and a scanner that reads JSON without building values of it.
//
// Canonical text is compact, with the keys of each object in the order of their
// UTF-8 bytes, the last of two equal keys kept, and numbers in the format of
// [AppendFloat]. It is not RFC 8785: integers and floats stay apart (1 and 1.0),
// keys are not sorted by UTF-16 units, and exponents are written otherwise. The exact
// form, that of disclosures, has numbers as plain decimals of any length instead.
package canon
