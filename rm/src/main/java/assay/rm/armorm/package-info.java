/**
 * ArmoRM: a reward model that says what it rewards (Wang, Xiong, Xie, Zhao, Zhang 2024,
 * "Interpretable Preferences via Multi-Objective Reward Modeling and Mixture-of-Experts").
 *
 * <p><b>The idea.</b> Instead of one number, a linear map reads several from an answer's last
 * state, each trained on people's ratings of one attribute: helpfulness, correctness, verbosity. A
 * small gating network reads the question and says how much each matters there. The score is their
 * weighted sum, so it can be taken apart again. {@link assay.rm.ArmoRmNetwork} is the model on one
 * page; this package is the way to one, which {@link assay.rm.armorm.ArmoRmTask} goes:
 *
 * <pre>
 * rated texts, pairs --trunk--> states, on disk          EmbeddingCache
 * states, ratings    --------> regression layer          RidgeRegression
 * states of pairs    --------> transform T, gate         VerbosityDebiasing, GatingTraining
 * </pre>
 *
 * <p>An example:
 *
 * <pre>{@code
 * try (RewardModel model = RewardModel.load(Path.of("runs/armorm-quickstart/model"))) {
 *   Judgement judgement = model.judge(List.of(ScoreRow.conversation(turns))).getFirst();
 *   if (judgement instanceof Judgement.Rewards(double[] rewards, var explanations)) {
 *     Map<String, Double> objectives = explanations.getFirst().objectives();
 *     Map<String, Double> weights = explanations.getFirst().gating(); // for this question
 *   }
 * }
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li><b>States are computed once and kept on disk.</b> The trunk stays as it is, so all that is
 *       trained are functions of two or three states a text; embedding is the run's whole cost.
 *       Answers to one prompt that stand together share it there too.
 *   <li><b>Normal equations in F64 with our own Cholesky</b>, not an iterative solver and not a
 *       singular value decomposition: one pass over any number of rows, and one decomposition for
 *       each alpha. Products of F32 are exact in F64. The price is a matrix of 71 MB (at 4096
 *       dimensions) for each group of attributes that the same rows rate.
 *   <li><b>Ratings are held out by prompt.</b> Many answers to one question are rated; with some of
 *       them on both sides the error is that of questions seen before.
 *   <li><b>The gate is trained on differences that are fixed.</b> Stage 2 needs the gate's state
 *       and two lists of rewards for each pair, not the answers' states, so it takes seconds.
 *   <li><b>Where the published training script is wrong we follow the paper</b>: its softmax runs
 *       over the two sides of a pair instead of over the objectives, which leaves the gate without
 *       gradient; the transform T is applied in scoring but not in training; shards of embeddings
 *       overwrite each other; and the held-out accuracy is that of another function than the one
 *       that scores. {@code compat: rlhflow} does the first two, and splits ratings by row; its
 *       held-out accuracy is the model's all the same. Each has a test that fails on the script's
 *       behaviour.
 *   <li><b>Stage 2's steps are steps like any other kind's</b>: batches epoch by epoch, metrics,
 *       evaluation and saving are those of {@link assay.rm.RewardTraining}. The script draws pairs
 *       with replacement instead; nothing depends on that.
 *   <li><b>The gate's token is found by its pattern</b>, as in the published model, and the pattern
 *       by trying the chat template out: what stands between any question and any answer.
 * </ul>
 */
package assay.rm.armorm;
