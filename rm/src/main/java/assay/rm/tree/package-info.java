/**
 * Decision trees that say which of two answers is the better one (Li 2025, "Interpreting Language
 * Model Preferences Through the Lens of Decision Trees").
 *
 * <p><b>The idea.</b> A weighted sum of attributes can say that helpfulness counts more than
 * brevity. It cannot say that brevity counts only where both answers are equally helpful: that is a
 * question after a question, which is what a tree is made of. {@link assay.rm.tree.Cart} finds the
 * question on the differences of two answers' attributes that best parts the pairs of which the
 * first answer is better from those of which the second is, then the best question on either side,
 * and so on:
 *
 * <pre>
 * helpfulness &lt;= -0.031
 * |   correctness &lt;= -0.27        p 0.128  (41 of 320)
 * |   correctness &gt;  -0.27        p 0.361  (65 of 180)
 * helpfulness &gt;  -0.031
 * ...
 * </pre>
 *
 * <p>An example:
 *
 * <pre>{@code
 * PairDifferences pairs = new PairDifferences(List.of("helpful", "brief"), betterLessWorse);
 * DepthChoice choice = DepthChoice.of(pairs, prompts, 5, seed, new Cart.Limits(5, 20));
 * DecisionTree tree = pairs.fit(new Cart.Limits(choice.depth(), 20));
 * System.out.print(tree.toText());
 * float[] difference = PairDifferences.difference(first, second);
 * double p = PairDifferences.preference(tree, difference);
 * tree.path(difference).forEach(System.out::println);
 * }</pre>
 *
 * <p><b>Decisions.</b>
 *
 * <ul>
 *   <li><b>Each pair is two rows, one for either order, and a judgement is the mean of both.</b>
 *       The published model is fitted on one and asked in one, so it may prefer an answer for its
 *       place.
 *   <li><b>The depth is chosen by cross-validation on the training pairs, by prompt</b>, and not on
 *       the pairs that the model is reported on. One tree a part is enough: the tree of depth 3 is
 *       the top of that of depth 5.
 *   <li><b>No pruning by cost and complexity.</b> It would choose among more trees than depths, and
 *       be another page to read; a limit on depth and one on leaves is what the published trees
 *       have.
 *   <li><b>Features are F32</b>, as the network gives them and scikit-learn stores them; thresholds
 *       are F64. So our trees are its trees, number for number.
 *   <li><b>A tree is JSON</b> ({@link assay.rm.tree.TreeJson}), in the model's assay.json: it is
 *       part of how the heads are to be read, and in a file of its own it could get lost or be that
 *       of another model. A pickle, as published, is a program that runs when it is opened.
 * </ul>
 */
package assay.rm.tree;
