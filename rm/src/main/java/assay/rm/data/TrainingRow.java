package assay.rm.data;

/** What a batch is made of. */
public sealed interface TrainingRow permits PreferencePair, LabelledText {
  /** Equal for rows of the same prompt. */
  long promptHash();
}
