/**
 * What is wrong with preference data, as far as a program can tell without a model.
 *
 * <pre>{@code
 * DataDoctor doctor = new DataDoctor();
 * doctor.readOther(Path.of("heldout.jsonl"));        // must not share prompts with it
 * doctor.read(Path.of("train.jsonl"));
 * for (Finding finding : doctor.diagnose().getFirst().findings()) {
 *   System.out.println(finding.fault() + " " + finding.rows());
 * }
 * }</pre>
 *
 * <p>A reward model learns from comparisons, so most faults are faults between rows: one pair that
 * stands twice, two that say the opposite, three that go round in a circle, a prompt that is
 * trained on and tested with. {@code Comparisons} looks at the pairs of each prompt as a graph
 * whose edges go from the better answer to the worse one.
 *
 * <h2>Decisions</h2>
 *
 * <p>Texts are known by 64-bit hashes, so that millions of pairs fit into memory. Two texts of a
 * million have the same one with a probability below 1e-7, and then a finding is wrong, which its
 * reader sees at once.
 *
 * <p>Prompts are compared without case and white space; answers are compared as they are, since a
 * preference may well be about white space.
 *
 * <p>Nothing is repaired: what to do about a contradiction is up to whoever knows the data.
 */
package assay.eval.doctor;
