package assay.tensor;

/**
 * What the user gave cannot be used: a file, a line, a key, a tensor. The message names the place
 * and what was expected there; the command line prints it and exits with code 2.
 */
public class InvalidInputException extends RuntimeException {
  public InvalidInputException(String message) {
    super(message);
  }

  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
