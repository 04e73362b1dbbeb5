/** Terms of a tail that are smaller than this part of the sum are left out. */
const NEGLIGIBLE = 1e-4;

/** Coefficients of Lanczos' approximation (g = 7, 9 terms): 15 digits for positive arguments. */
const LANCZOS = [
  676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1, -176.615_029_162_140_6,
  12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

/** Natural logarithm of n!; for any n above -1, by the gamma function. */
function logFactorial(n: number): number {
  const base = n + 7.5;
  const sum = LANCZOS.reduce((total, term, place) => total + term / (n + 1 + place), 1);
  return 0.918_938_533_204_672_7 + (n + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** Natural logarithm of the number of ways to choose k of n. */
function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/**
 * Returns the natural logarithm of the probability that chance causes `count` breaks or more where
 * `expected` are usual. The usual rate is itself only known from some breaks, so this is the upper tail of the
 * negative binomial distribution, which is Poisson's for a rate that is known exactly.
 *
 * @param known - number of breaks from which the usual rate was computed; a part of one, too
 * @returns 0 for a count that is not above the usual one
 */
export function logChanceOf(count: number, expected: number, known: number): number {
  if (count <= expected) {
    return 0;
  }
  const part = expected / (expected + known);
  let term = 1;
  let sum = 1;
  for (let next = count + 1; term > sum * NEGLIGIBLE; next += 1) {
    term *= (part * (known + next - 1)) / next;
    sum += term;
  }
  return Math.min(
    0,
    logFactorial(count + known - 1) -
      logFactorial(known - 1) -
      logFactorial(count) +
      known * Math.log1p(-part) +
      count * Math.log(part) +
      Math.log(sum),
  );
}

/**
 * Returns the natural logarithm of the probability that a fault hits just these `hit` of the `exposed`
 * streams in its scope, when every share of them is equally likely. A fault that hits all or nearly all
 * of a narrow scope is far more likely than one that happens to hit only these few of a wide scope.
 *
 * @param exposed - at least `hit`
 */
export function logChanceOfHits(hit: number, exposed: number): number {
  return -Math.log(exposed + 1) - logChoose(exposed, hit);
}
