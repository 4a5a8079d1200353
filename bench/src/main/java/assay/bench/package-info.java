/**
 * Benchmarks, and the ceilings of the machine to hold them against.
 *
 * <p>A kernel's time says little by itself. {@link assay.bench.Roofline} measures how many
 * multiplications and additions a core can do when nothing else is asked of it, {@link
 * assay.bench.Bandwidth} how many bytes it can move; a matrix product is judged by the first, a row
 * operation by the second.
 *
 * <pre>{@code
 * $ bench/run assay.bench.Roofline 1 2
 * $ bench/run-jmh Bandwidth -t 2 -rf json -rff bench/results/bandwidth.json
 * }</pre>
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li>This module is no part of the distribution and has no {@code module-info}: benchmarks call
 *       kernels that no module exports.
 *   <li>JMH where one call takes micro- to milliseconds and the compiler could remove work; a plain
 *       main class where several threads must start together and best and median are wanted.
 *   <li>Figures that documents quote are committed under {@code bench/results} with the machine's
 *       description. Numbers in prose without their file were the alternative, and go stale unseen.
 * </ul>
 */
package assay.bench;
