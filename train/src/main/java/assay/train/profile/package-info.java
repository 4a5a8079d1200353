/**
 * Where the time of a training step goes: which ops take it, what the ranks exchange, and whether
 * that happens while they compute or keeps them waiting.
 *
 * <pre>{@code
 * Profiler profiler = Profiler.start();
 * trainer.step(batch);
 * Profile profile = profiler.stop();
 * ProfileSummary.of(profile).getFirst().overlap();       // share of the exchange that is hidden
 * ChromeTrace.write(profile, Path.of("step.json"), 0);   // for ui.perfetto.dev
 * }</pre>
 *
 * <p>The code that is measured says where a {@link assay.tensor.Span} begins and ends: every op's
 * forward and backward, every collective, every wait for other ranks, the parts of a step.
 *
 * <h2>Decisions</h2>
 *
 * <p>Spans are events of the JDK's Flight Recorder, and not a list of our own: nothing is passed
 * through the program to reach the places that are measured, it costs nothing unless somebody
 * records, and the JDK's own tools see the spans beside its samples of methods, its pauses and its
 * locks ({@code java -XX:StartFlightRecorder}, {@code jfr print --events assay.Span}).
 *
 * <p>The file is what other programs read and PyTorch's profiler writes: Chrome's trace format.
 */
package assay.train.profile;
