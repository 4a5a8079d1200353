/**
 * Chapter 5: reward models.
 *
 * <p>A reward model reads a conversation and says how good its last turn is, or reads two answers
 * and says which is better. {@link assay.rm.RewardMethod} lists the kinds, side by side:
 *
 * <ul>
 *   <li>{@link assay.rm.BradleyTerry}: a language model whose last token's state goes through one
 *       linear map instead of the vocabulary, trained so that the preferred of two answers gets the
 *       larger number ({@link assay.rm.BradleyTerryLoss}).
 *   <li>{@link assay.rm.PairwisePreference}: a language model that is shown both answers and says A
 *       or B, trained as language models are. It has no number for one answer, but it can weigh
 *       answers against each other.
 *   <li>{@link assay.rm.ArmoRm}: a language model whose last token's state goes through one linear
 *       map for each of several objectives, such as helpfulness, which a gate weighs by what was
 *       asked. Its number can be taken apart.
 *   <li>{@link assay.rm.Odin}: a Bradley-Terry model with a second head that takes up what people's
 *       choices have to do with length, so that the reward does not.
 *   <li>{@link assay.rm.Regression}: a head for each attribute that people rated, trained with the
 *       trunk; the reward is their weighted sum.
 *   <li>{@link assay.rm.DecisionTreeReward}: a regression's attributes of two answers, compared by
 *       a small decision tree that can be printed ({@link assay.rm.tree}).
 *   <li>{@link assay.rm.StepReward}: a language model that says + or - of each step of a solution,
 *       or of the solution as a whole.
 * </ul>
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
 * transformers. {@link assay.rm.PackedRows} is where pairs become rows. To judge, {@link
 * assay.rm.RewardModel} asks its method what to read for a row, computes the scores of all that is
 * read in common batches, and lets the method make a judgement of them.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>A method is one interface, not a framework.</b> Where kinds differ, {@link
 *       assay.rm.RewardMethod} has a method, and each kind is one file that answers all of them.
 *       The alternative, a subclass of model, trainer, saver and loader for each kind, would spread
 *       what a kind is over four hierarchies.
 *   <li><b>The network says all it knows in one row of numbers.</b> Column 0 is the score, whatever
 *       the kind; ArmoRM's objectives and gate follow it. So batching, sharing and evaluation never
 *       ask which kind it is, and only the method that makes a judgement knows the columns.
 *   <li><b>One pair is two sequences, whatever the method</b>: prompt with either answer, or the
 *       question in either order. So filters, lengths, batches, shared prefixes and evaluation are
 *       the same code for all.
 *   <li><b>Both orders are always asked.</b> A language model leans to A or to B. Asking once is
 *       half the work, but then the answer depends on who comes first.
 *   <li><b>A pair's prompt is computed once.</b> The two sides are split where their tokens differ,
 *       not where their texts do, and become two children of one segment. The rewards have the same
 *       bits as without. Where nothing is trained, whole batches are such trees ({@link
 *       assay.rm.PrefixBatches}): sorted by tokens, all that begins alike is found.
 *   <li><b>The score is read at an index</b>, the last token of a segment. Looking for the last
 *       token that is not padding, as transformers does, reads one too early where padding and the
 *       end of a turn are the same token.
 *   <li><b>The Bradley-Terry loss is computed in F64 on the host</b>: two numbers a pair. It needs
 *       no kernel, and nothing is lost by rounding. The language model's, over a whole vocabulary,
 *       is an operation ({@link assay.autograd.op.CrossEntropy}).
 *   <li><b>What a loss needs to know of the whole batch is computed before its parts</b>: ODIN's
 *       correlations by a forward without a tape, the number of labels by counting. So a part is a
 *       matter of memory and never of mathematics.
 *   <li><b>A step of a solution is a sequence of its own</b>, from the prompt to where its verdict
 *       would come. All steps begin alike, so it is one pass through the network none the less, and
 *       no network need know that there are steps.
 *   <li><b>Every rank runs the whole of a run</b>, from the data to the saved model, and rank 0
 *       alone writes. So there is no protocol between a leader and its workers to get wrong: all
 *       come to the same collectives in the same order, since all do the same.
 *   <li><b>A run goes on only as it began</b> ({@link assay.rm.recipe.RecipeChange}): a changed
 *       learning rate or file would give a model that no recipe describes.
 *   <li><b>A model carries its contract.</b> {@link assay.rm.Contract} writes down how texts became
 *       tokens and what some texts scored; loading computes those again, and a model that does not
 *       agree is refused rather than served.
 *   <li><b>Other trainers' heads are brought to one form</b> ({@link assay.rm.ImportedHead}): a
 *       linear map with a bias, whatever its tensors are called and whatever is done to its number.
 *       Then nothing else knows of them. What is in no known layout is refused with what was looked
 *       for: read as the wrong kind of model it would give numbers too. And two labels are not
 *       taken for an ODIN's, since they may be anything: a line in assay.json says what they are,
 *       which an option of a command would have to say each time.
 *   <li><b>Planning is running.</b> {@link assay.rm.MemoryPlan} runs the trainer's own steps on a
 *       device that counts and computes nothing; a formula for each family would be wrong the day
 *       an operation changes.
 * </ul>
 */
package assay.rm;
