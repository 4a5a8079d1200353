package assay.rm;

import assay.rm.data.LabelledText;
import java.util.Arrays;
import java.util.List;

/** Training a reward network on texts with labels; the loss is a mean over a batch's labels. */
abstract sealed class TextTask extends RewardTask permits RegressionTask, StepTask {
  private final List<LabelledText> texts;
  private int numLabels;

  TextTask(List<LabelledText> texts, Computation computation) {
    super(computation);
    this.texts = texts;
  }

  final LabelledText text(int index) {
    return texts.get(index);
  }

  final List<LabelledText> texts(int[] indices) {
    return Arrays.stream(indices).mapToObj(texts::get).toList();
  }

  /** Counts the labels, which are not equally many in all parts. */
  @Override
  protected final void beginBatch(int[] batch) {
    numLabels = texts(batch).stream().mapToInt(LabelledText::numLabels).sum();
  }

  /** Labels of the whole batch. */
  final int numLabels() {
    return numLabels;
  }

  @Override
  protected int computedRows(int index) {
    return text(index).ids().length;
  }

  @Override
  protected final int tokens(int index) {
    return text(index).ids().length;
  }

  @Override
  protected final String place(int index) {
    return text(index).place().toString();
  }
}
