package assay.rm.data;

import java.util.List;

/** What a run learns from, and what it is judged by: pairs, or texts with labels. */
public sealed interface TrainingData permits PairData, TextData {
  /** What to train on; batches are lists of indices into it. */
  List<? extends TrainingRow> train();

  /** Empty where the recipe names nothing to evaluate on. */
  List<? extends TrainingRow> eval();

  /** What became of all rows of the files. */
  RunReport report();

  /** False if rows stand here as they came, without the labels to train on: to plan with. */
  boolean isLabelled();

  /** SHA-256 of all rows as they are trained and evaluated on, in their order. */
  String sha256();
}
