/**
 * A language model as a judge: it is shown answers, and says which is best or how good one is
 * (Zheng et al. 2023, Judging LLM-as-a-Judge; Kim et al. 2024, Prometheus 2).
 *
 * <pre>{@code
 * try (Judge judge = new GeneratingJudge(ChatModel.load("models/chat", device, F32, date), 512, 0, 1)) {
 *   RowJudge rows = new RowJudge(judge, Optional.of(JudgePromptFile.load("mt-bench")), 42);
 *   JudgeSummary summary = new JudgeSummary();
 *   for (JudgedRow judged : rows.judge(scoreRows)) {
 *     summary.add(judged);
 *     System.out.println(JudgedRows.answer(judged));
 *   }
 * }
 * }</pre>
 *
 * <p>Read {@link assay.rm.judge.VerdictForm}, then {@link assay.rm.judge.Judge} and its three
 * kinds: {@link assay.rm.judge.GeneratingJudge} writes and is parsed, {@link
 * assay.rm.judge.LogitsJudge} reads how probable each verdict is, {@link
 * assay.rm.judge.RemoteJudge} asks somebody else's server.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Every comparison is made in both orders.</b> Judges like what stands first. A verdict
 *       that turns with the order says something of the order alone, so the two count half each,
 *       and how often they agree is reported. Drawing one order at random would halve the cost and
 *       hide this.
 *   <li><b>The last verdict counts</b>, not the first: a reply that explains itself may quote the
 *       form that it was asked for.
 *   <li><b>A reply without a verdict is no verdict.</b> It gives every answer the same share, and
 *       is counted. Looking for words such as "better" would be guessing.
 *   <li><b>Prompts are files</b>, shipped ones too: a judge is its prompt as much as its model.
 *   <li><b>What trains a reward model is what was not contradicted.</b> Pairs with one verdict in
 *       either order are left out; keeping them would teach the judge's bias.
 * </ul>
 */
package assay.rm.judge;
