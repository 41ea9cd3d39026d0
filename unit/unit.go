// Package unit holds the quantities of carbon accounting as 64-bit integers:
// [Energy], [Mass], [Intensity], [Ratio], [Duration], [Power] and [Joules].
//
// Sums of integers are exact and do not depend on their order, so parts that
// add up inside also add up as printed: every type has a fixed number of
// decimals and none is lost between memory, JSON and SQL. Arithmetic is
// checked: a result that does not fit is [ErrOverflow], never a wrapped number.
//
// The fact that a reader would get wrong: conversion from an integer, as in
// Energy(5), counts the smallest steps (5 µWh), not the printed unit (kWh).
package unit

import "errors"

var (
	// ErrOverflow reports a result that does not fit the quantity's 64 bits.
	ErrOverflow = errors.New("quantity overflows 64 bits")
	// ErrSyntax reports text that is not a decimal number.
	ErrSyntax = errors.New("not a decimal number")
	// ErrInexact reports a number with more decimals than the quantity keeps.
	ErrInexact = errors.New("more decimals than the quantity keeps")
	// ErrDivideByZero reports a division by zero.
	ErrDivideByZero = errors.New("division by zero")
)
