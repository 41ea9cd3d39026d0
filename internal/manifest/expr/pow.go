package expr

import "math"

// The method, the constants and the order of operations are those of FreeBSD's
// /usr/src/lib/msun/src/e_pow.c, which came with this notice:
//
// ====================================================
// Copyright (C) 2004 by Sun Microsystems, Inc. All rights reserved.
//
// Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice
// is preserved.
// ====================================================

// The constants of the polynomials, and of numbers that are split into a high
// and a low part whose products are exact.
const (
	powDpH = 5.84962487220764160156e-01 // log2(1.5)
	powDpL = 1.35003920212974897128e-08

	powL1 = 5.99999999999994648725e-01 // (3/2)(log(x) - 2s - 2/3 s^3)
	powL2 = 4.28571428578550184252e-01
	powL3 = 3.33333329818377432918e-01
	powL4 = 2.72728123808534006489e-01
	powL5 = 2.30660745775561754067e-01
	powL6 = 2.06975017800338417784e-01

	powP1 = 1.66666666666666019037e-01 // exp
	powP2 = -2.77777777770155933842e-03
	powP3 = 6.61375632143793436117e-05
	powP4 = -1.65339022054652515390e-06
	powP5 = 4.13813679705723846039e-08

	powLn2  = 6.93147180559945286227e-01
	powLn2H = 6.93147182464599609375e-01
	powLn2L = -1.90465429995776804525e-09

	powCp  = 9.61796693925975554329e-01 // 2/(3 ln 2)
	powCpH = 9.61796700954437255859e-01
	powCpL = -7.02846165095275826516e-09

	powIvln2  = 1.44269504088896338700e+00 // 1/ln 2
	powIvln2H = 1.44269502162933349609e+00
	powIvln2L = 1.92596299112661746887e-08

	powOvt = 8.0085662595372944372e-17 // -(1024-log2(overflow + half a unit))
)

// Pow returns x to the power of y, with an error below 0.7 units in the last
// place, and bit for bit what JavaScript engines give that use the same library
// (Node.js does). Go's [math.Pow] is off by many units for large exponents. As
// in JavaScript, ±1 to an infinite power and anything to the power of NaN are
// NaN.
func Pow(x, y float64) float64 {
	switch {
	case y == 0:
		return 1
	case x != x || y != y:
		return math.NaN()
	case math.IsInf(y, 0) || math.IsInf(x, 0) || x == 0:
		return powSpecial(x, y)
	case y == 1:
		return x
	case y == -1:
		return 1 / x
	case y == 2:
		return x * x
	case y == 0.5 && x >= 0:
		return math.Sqrt(x)
	}
	whole := y == math.Trunc(y)
	sign := 1.0
	if x < 0 {
		if !whole {
			return math.NaN()
		}
		if math.Mod(y, 2) != 0 {
			sign = -1
		}
	}
	ax := math.Abs(x)
	if ax == 1 {
		return sign
	}
	return powFinite(ax, y, sign)
}

// powSpecial handles zero and infinite arguments.
func powSpecial(x, y float64) float64 {
	ax := math.Abs(x)
	if math.IsInf(y, 0) {
		switch {
		case ax == 1:
			return math.NaN()
		case (ax > 1) == (y > 0):
			return math.Inf(1)
		}
		return 0
	}
	z := ax // 0 or Inf
	if y < 0 {
		z = 1 / ax
	}
	if math.Signbit(x) && math.Abs(math.Mod(y, 2)) == 1 {
		return -z
	}
	return z
}

// powFinite returns sign × ax^y for a finite positive ax other than 1.
func powFinite(ax, y, sign float64) float64 {
	iy := high(math.Abs(y))
	ix := high(ax)
	if iy > 0x41e00000 { // |y| > 2^31
		if iy > 0x43f00000 || ix < 0x3fefffff || ix > 0x3ff00000 { // so large that it must over- or underflow
			if iy > 0x43f00000 && ix <= 0x3fefffff || ix < 0x3fefffff {
				return overUnder(y < 0, sign)
			}
			return overUnder(y > 0, sign)
		}
	}
	var t1, t2 float64
	if iy > 0x41e00000 {
		t1, t2 = log2Near1(ax)
	} else {
		t1, t2 = log2(ax)
	}
	// Split y into y1 + y2 and compute (y1+y2)×(t1+t2).
	y1 := trunc32(y)
	pl := float64((y-y1)*t1) + float64(y*t2)
	ph := float64(y1 * t1)
	z := pl + ph
	j, low := int32(math.Float64bits(z)>>32), uint32(math.Float64bits(z))
	if j >= 0x40900000 { // z >= 1024
		if uint32(j)-0x40900000|low != 0 || pl+powOvt > z-ph {
			return sign * math.Inf(1)
		}
	} else if j&0x7fffffff >= 0x4090cc00 { // z <= -1075
		if uint32(j)-0xc090cc00|low != 0 || pl <= z-ph {
			return sign * 0
		}
	}
	return sign * exp2(ph, pl, j)
}

// overUnder is infinity or zero, with a sign.
func overUnder(over bool, sign float64) float64 {
	if over {
		return sign * math.Inf(1)
	}
	return sign * 0
}

// log2Near1 returns log2(ax) in two parts for |1-ax| < 2^-20.
func log2Near1(ax float64) (t1, t2 float64) {
	t := ax - 1
	w := float64(t*t) * (0.5 - float64(t*(0.3333333333333333333333-float64(t*0.25))))
	u := float64(powIvln2H * t)
	v := float64(t*powIvln2L) - float64(w*powIvln2)
	t1 = trunc32(u + v)
	return t1, v - (t1 - u)
}

// log2 returns log2(ax) in two parts.
func log2(ax float64) (t1, t2 float64) {
	n := int32(0)
	ix := high(ax)
	if ix < 0x00100000 { // subnormal
		ax *= 1 << 53
		n -= 53
		ix = high(ax)
	}
	n += ix>>20 - 0x3ff
	j := ix & 0x000fffff
	ix = j | 0x3ff00000
	k := 0
	switch {
	case j <= 0x3988E: // |x| < sqrt(3/2)
	case j < 0xBB67A: // |x| < sqrt(3)
		k = 1
	default:
		n++
		ix -= 0x00100000
	}
	ax = withHigh(ax, ix)
	bp, dpH, dpL := 1.0, 0.0, 0.0
	if k == 1 {
		bp, dpH, dpL = 1.5, powDpH, powDpL
	}
	// ss = sH + sL = (x-1)/(x+1) or (x-1.5)/(x+1.5)
	u := ax - bp
	v := 1 / (ax + bp)
	ss := float64(u * v)
	sH := trunc32(ss)
	tH := withHigh(0, (ix>>1|0x20000000)+0x00080000+int32(k)<<18)
	tL := ax - (tH - bp)
	sL := float64(v * (u - float64(sH*tH) - float64(sH*tL)))
	// log(ax)
	s2 := float64(ss * ss)
	r := float64(float64(s2*s2) * (powL1 + float64(s2*(powL2+float64(s2*(powL3+float64(s2*(powL4+float64(s2*(powL5+float64(s2*powL6)))))))))))
	r += float64(sL * (sH + ss))
	s2 = float64(sH * sH)
	tH = trunc32(3.0 + s2 + r)
	tL = r - ((tH - 3.0) - s2)
	// u + v = ss × (1 + …)
	u = float64(sH * tH)
	v = float64(sL*tH) + float64(tL*ss)
	// 2/(3 ln 2) × (ss + …)
	pH := trunc32(u + v)
	pL := v - (pH - u)
	zH := float64(powCpH * pH)
	zL := float64(powCpL*pH) + float64(pL*powCp) + dpL
	// log2(ax) = (ss + …) × 2/(3 ln 2) = n + dpH + zH + zL
	t := float64(n)
	t1 = trunc32(((zH + zL) + dpH) + t)
	return t1, zL - (((t1 - t) - dpH) - zH)
}

// exp2 returns 2^(ph+pl); j is the high word of ph + pl.
func exp2(ph, pl float64, j int32) float64 {
	i := j & 0x7fffffff
	k := i>>20 - 0x3ff
	n := int32(0)
	if i > 0x3fe00000 { // |z| > 0.5: n = round(z)
		n = j + 0x00100000>>(k+1)
		k = n&0x7fffffff>>20 - 0x3ff
		t := withHigh(0, n&^(0x000fffff>>k))
		n = (n&0x000fffff | 0x00100000) >> (20 - k)
		if j < 0 {
			n = -n
		}
		ph -= t
	}
	t := trunc32(pl + ph)
	u := float64(t * powLn2H)
	v := float64((pl-(t-ph))*powLn2) + float64(t*powLn2L)
	z := u + v
	w := v - (z - u)
	t = float64(z * z)
	t1 := z - float64(t*(powP1+float64(t*(powP2+float64(t*(powP3+float64(t*(powP4+float64(t*powP5)))))))))
	// msun has (z×t1)/(t1-2) - (w+z×w). V8 divides by the whole difference,
	// which costs a little precision; Impact Framework runs on V8.
	r := float64(z*t1) / ((t1 - 2.0) - (w + float64(z*w)))
	z = 1.0 - (r - z)
	j = int32(math.Float64bits(z) >> 32)
	j += n << 20
	if j>>20 <= 0 { // subnormal
		return math.Ldexp(z, int(n))
	}
	return withHigh(z, j)
}

// high returns the upper half of a number's bits.
func high(f float64) int32 { return int32(math.Float64bits(f) >> 32) }

// withHigh returns the number with its upper half replaced.
func withHigh(f float64, h int32) float64 {
	return math.Float64frombits(uint64(uint32(h))<<32 | math.Float64bits(f)&0xffffffff)
}

// trunc32 returns the number with the lower half of its bits cleared.
func trunc32(f float64) float64 { return math.Float64frombits(math.Float64bits(f) &^ 0xffffffff) }
