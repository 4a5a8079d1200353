/**
 * Chapter 5: reward models.
 *
 * <p>A reward model reads a conversation and answers with a number: how good its last turn is. It
 * is a language model whose last token's state goes through one linear map instead of the
 * vocabulary ({@link assay.rm.RewardNetwork}), trained so that the preferred of two answers gets
 * the larger number ({@link assay.rm.BradleyTerryLoss}).
 *
 * <pre>{@code
 * try (RewardModel model = RewardModel.load(Path.of("runs/quickstart/model"))) {
 *   double reward = model.score(List.of(
 *       new Message("user", "What is 7 times 8?"), new Message("assistant", "56.")));
 * }
 * }</pre>
 *
 * <p>Follow a run: {@link assay.rm.recipe.Recipe} says what to do, {@link assay.rm.TrainingSetup}
 * reads all it names, {@link assay.rm.RewardTraining} trains, and the folder it leaves opens in
 * transformers. {@link assay.rm.PackedRows} is where pairs become rows.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>A pair's prompt is computed once.</b> The two sides are split where their tokens differ,
 *       not where their texts do, and become two children of one segment. The rewards have the same
 *       bits as without.
 *   <li><b>The score is read at an index</b>, the last token of a segment. Looking for the last
 *       token that is not padding, as transformers does, reads one too early where padding and the
 *       end of a turn are the same token.
 *   <li><b>The loss is computed in F64 on the host</b>: two numbers a pair. It needs no kernel, and
 *       nothing is lost by rounding.
 *   <li><b>A model carries its contract.</b> {@link assay.rm.Contract} writes down how texts became
 *       tokens and what some texts scored; loading computes those again, and a model that does not
 *       agree is refused rather than served.
 *   <li><b>Planning is running.</b> {@link assay.rm.MemoryPlan} runs the trainer's own steps on a
 *       device that counts and computes nothing; a formula for each family would be wrong the day
 *       an operation changes.
 * </ul>
 */
package assay.rm;
