package assay.nn;

/**
 * Rotary position embedding: pair i of a head turns by the angle position * inverseFrequency[i].
 *
 * <p>Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding" (2021).
 *
 * @param theta the base: unscaled, pair i of a head of {@code headDim} has the inverse frequency
 *     theta^(-2i / headDim)
 * @param scaling how the frequencies are stretched to reach further than the model was pretrained
 */
public record RopeConfig(double theta, Scaling scaling) {

  /** A stretching of the inverse frequencies. */
  public sealed interface Scaling permits None, Linear, Llama3 {}

  /** The frequencies as they are. */
  public record None() implements Scaling {}

  /** All frequencies divided by {@code factor}, as if positions were (Chen et al., 2023). */
  public record Linear(double factor) implements Scaling {}

  /**
   * Llama 3.1's scaling: frequencies that turn less than {@code lowFrequencyFactor} times within
   * {@code originalMaxPositions} are divided by {@code factor}, those that turn more than {@code
   * highFrequencyFactor} times stay, and between the two the divisor changes smoothly.
   */
  public record Llama3(
      double factor,
      double lowFrequencyFactor,
      double highFrequencyFactor,
      int originalMaxPositions)
      implements Scaling {}

  public RopeConfig {
    if (!(theta > 0)) {
      throw new IllegalArgumentException("rope theta must be positive: " + theta);
    }
  }

  /** Rope without scaling. */
  public static RopeConfig unscaled(double theta) {
    return new RopeConfig(theta, new None());
  }

  /**
   * The angle, in radians, by which each pair of a head turns per position.
   *
   * <p>Every operation rounds to float32, in the order in which transformers computes them: a
   * difference in the last bit, times a position of 100,000, is an angle off by 0.01.
   *
   * @param headDim the head's dimension, even
   * @return [headDim / 2]
   */
  public float[] inverseFrequencies(int headDim) {
    float[] frequencies = new float[headDim / 2]; // [headDim / 2]
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = (float) (2 * i) / headDim;
      float unscaled = 1.0f / (float) Math.pow((float) theta, exponent);
      frequencies[i] = scale(unscaled);
    }
    return frequencies;
  }

  private float scale(float frequency) {
    return switch (scaling) {
      case None() -> frequency;
      case Linear(double factor) -> frequency / (float) factor;
      case Llama3 llama3 -> scaleLlama3(frequency, llama3);
    };
  }

  /**
   * With n = originalMaxPositions / wavelength turns: n > high keeps f, n < low gives f / factor,
   * between them (1 - s) f / factor + s f, where s = (n - low) / (high - low).
   */
  private static float scaleLlama3(float frequency, Llama3 scaling) {
    float factor = (float) scaling.factor();
    float longest = (float) (scaling.originalMaxPositions() / scaling.lowFrequencyFactor());
    float shortest = (float) (scaling.originalMaxPositions() / scaling.highFrequencyFactor());
    // PyTorch divides a number by a tensor as reciprocal times number: two roundings, not one.
    float wavelength = (1.0f / frequency) * (float) (2 * Math.PI);
    if (wavelength > longest) {
      return frequency / factor;
    }
    if (wavelength < shortest) {
      return frequency;
    }
    float turns = (1.0f / wavelength) * scaling.originalMaxPositions();
    float band = (float) (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
    float smooth = (turns - (float) scaling.lowFrequencyFactor()) / band;
    return (1.0f - smooth) * frequency / factor + smooth * frequency;
  }
}
