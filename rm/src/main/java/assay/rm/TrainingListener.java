package assay.rm;

/** Hears how a run goes on: the terminal, a notebook, a test. */
public interface TrainingListener {
  /** Something to say once: the data's table, where files lie. */
  void note(String text);

  /** The labelling model has judged this many of the unlabelled pairs. */
  default void labelling(int pairs, int totalPairs) {}

  /** One optimizer step is done. */
  void step(MetricsLog.Step row, long totalSteps);

  /** An evaluation has scored this many pairs. */
  void evaluating(int pairs, int totalPairs);

  /** An evaluation is done. */
  void evaluated(MetricsLog.Evaluation row);

  /** Hears nothing. */
  static TrainingListener silent() {
    return new TrainingListener() {
      @Override
      public void note(String text) {}

      @Override
      public void step(MetricsLog.Step row, long totalSteps) {}

      @Override
      public void evaluating(int pairs, int totalPairs) {}

      @Override
      public void evaluated(MetricsLog.Evaluation row) {}
    };
  }
}
