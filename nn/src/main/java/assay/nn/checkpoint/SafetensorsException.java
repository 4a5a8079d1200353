package assay.nn.checkpoint;

import assay.tensor.InvalidInputException;

/** A safetensors file, or an index of several, breaks a rule of the format. */
public final class SafetensorsException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  public SafetensorsException(String message) {
    super(message);
  }

  public SafetensorsException(String message, Throwable cause) {
    super(message, cause);
  }
}
