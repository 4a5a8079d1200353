package assay.tensor;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What contracts, caches and compiled kernels are told apart by. */
public final class Sha256 {
  private Sha256() {}

  /** A new digest, of nothing yet. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
