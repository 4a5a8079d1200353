/**
 * Evaluation: what a model's scores on a benchmark come to, and how far to trust it.
 *
 * <p><b>The idea.</b> A benchmark is arithmetic on scores, whoever made them: this project's
 * models, a Python script, or no model at all. So it is kept apart from scoring. Rows with scores
 * go in, numbers come out, and the published numbers of other systems can be recomputed from their
 * score files.
 *
 * <pre>
 * RewardBench     pairs in 23 subsets, weighted into four sections; older test sets beside them
 * RewardBench2    best of four, and a subset of questions with many right answers (TiesSubset)
 * RmBench         every pair in three styles, chosen against rejected in all nine combinations
 * PairBenchmark   any pairs, by the values of any field
 * </pre>
 *
 * <p>Every score of every benchmark is a function of means over strata: a stratum is a subset, its
 * rows are what may be drawn again. {@link assay.eval.Benchmark} asks for just that, strata and a
 * function, and {@link assay.eval.EvaluationStatistics} and {@link assay.eval.ModelComparison} need
 * no more to give every score its interval.
 *
 * <p>Scores of this project's models come from {@link assay.eval.Scoring}, which lets a reward
 * model ({@link assay.eval.ModelScorer}) or a language model as judge ({@link
 * assay.eval.JudgeScorer}) turn the benchmark's own rows ({@link assay.eval.BenchmarkRow}) into
 * rows of a score file, and {@link assay.eval.Evaluation} is all that comes of either.
 *
 * <p>An example:
 *
 * <pre>{@code
 * RewardBench benchmark = new RewardBench(TieRule.LOSE);
 * List<ScoredRow.Pair> rows = ScoreFile.read(benchmark, List.of(Path.of("scores.jsonl")));
 * RewardBench.Result result = (RewardBench.Result) benchmark.result(rows);
 * result.sections().get("Chat Hard");                                  // 0.768
 * Bootstrap bootstrap = new Bootstrap(Bootstrap.DEFAULT_RESAMPLES, 42);
 * EvaluationStatistics statistics = EvaluationStatistics.of(benchmark, rows, bootstrap);
 * statistics.intervals().get("sections/Chat Hard");                    // 0.729 .. 0.806
 * ModelComparison.of(benchmark, rows, rowsOfAnother, bootstrap).signTest().pValue();
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li>A name that a benchmark does not have ends the evaluation with file, line and the nearest
 *       name. The alternative, to report such rows as not counted, would let a misspelt subset
 *       vanish from its section, which is an average over the subsets that there are: the score
 *       changes and nothing says so. Names that the benchmarks' own files do have but that do not
 *       count (pku_safer and others) are reported among the subsets. Rows of one's own are for
 *       {@link assay.eval.PairBenchmark}.
 *   <li>What was not measured is null and listed under "partial". Upstream's scripts write 0 for a
 *       section without rows, and average whatever there is.
 *   <li>A section with some of its subsets has a score, as upstream, over those; "partial" names
 *       the others. An overall score needs all sections.
 *   <li>A tie is lost, as the benchmark says; to count it half is a choice one makes by name.
 *       Counting it half by default is kinder to models that say the same of everything.
 *   <li>A score that is not finite is an error with its line. In Python a NaN silently loses each
 *       comparison, on either side.
 *   <li>Both spellings of a pair's scores are read, score_chosen and the chosen_reward of {@code
 *       assay score}, so that no file has to be rewritten.
 *   <li>A row that a model cannot read has an error in its score file and counts nowhere, and the
 *       result says how many do. Cutting it, as RewardBench's scripts do, measures other answers
 *       than those that were judged; whoever asks for it is told how many rows, and by how much.
 *   <li>A judge that does not decide between two answers leaves each half of the preference, and
 *       that counts half, as RewardBench counts it; the report says how often. A rating that it did
 *       not give is no number at all: such a row has an error.
 *   <li>An evaluation that was interrupted goes on if model, data and all else that scores depend
 *       on have the hashes it was begun with. Going on by the number of rows alone would mix the
 *       scores of two models as soon as one is trained again into the same folder.
 *   <li>Benchmarks are a sealed interface and not functions: reports and comparisons are written
 *       once for all four, and a fifth must say what its strata are before it compiles.
 * </ul>
 */
package assay.eval;
