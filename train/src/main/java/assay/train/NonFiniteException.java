package assay.train;

/** A loss or a gradient is NaN or infinite. The weights are those of the step before. */
public final class NonFiniteException extends RuntimeException {
  public NonFiniteException(String message) {
    super(message);
  }
}
