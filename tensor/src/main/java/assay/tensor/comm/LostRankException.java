package assay.tensor.comm;

/** A rank waits for one that will not come any more; the message names both. */
public final class LostRankException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LostRankException(String message, Throwable cause) {
    super(message, cause);
  }
}
