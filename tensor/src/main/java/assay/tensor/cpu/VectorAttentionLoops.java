package assay.tensor.cpu;

import static assay.tensor.cpu.Memory.ALL;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Attention loops on the Vector API: a vector of columns at a time. */
final class VectorAttentionLoops implements AttentionLoops {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  @Override
  public void scores(long scores, int from, int to, Rule rule, float[] maximum) {
    for (int c = 0; c < maximum.length; c += LANES) {
      if (rule.softCap() > 0) {
        cappedScores(scores, from, to, rule, maximum, c);
      } else {
        plainScores(scores, from, to, rule, maximum, c);
      }
    }
  }

  private static void plainScores(
      long scores, int from, int to, Rule rule, float[] maximum, int c) {
    FloatVector positions = FloatVector.fromArray(SPECIES, rule.positions(), c);
    FloatVector largest = FloatVector.fromArray(SPECIES, maximum, c);
    long rowBytes = 4L * maximum.length;
    long address = scores + from * rowBytes + 4L * c;
    for (int key = from; key < to; key++) {
      FloatVector score = load(address).mul(rule.scale());
      score = score.blend(Float.NEGATIVE_INFINITY, isVisible(positions, key, rule).not());
      score.intoMemorySegment(ALL, address, LITTLE_ENDIAN);
      largest = largest.max(score);
      address += rowBytes;
    }
    largest.intoArray(maximum, c);
  }

  private static void cappedScores(
      long scores, int from, int to, Rule rule, float[] maximum, int c) {
    FloatVector positions = FloatVector.fromArray(SPECIES, rule.positions(), c);
    FloatVector largest = FloatVector.fromArray(SPECIES, maximum, c);
    long rowBytes = 4L * maximum.length;
    long address = scores + from * rowBytes + 4L * c;
    for (int key = from; key < to; key++) {
      FloatVector score = load(address).mul(rule.scale()).div(rule.softCap());
      score = VectorMath.tanh(score).mul(rule.softCap());
      score = score.blend(Float.NEGATIVE_INFINITY, isVisible(positions, key, rule).not());
      score.intoMemorySegment(ALL, address, LITTLE_ENDIAN);
      largest = largest.max(score);
      address += rowBytes;
    }
    largest.intoArray(maximum, c);
  }

  private static VectorMask<Float> isVisible(FloatVector positions, int key, Rule rule) {
    FloatVector distance = positions.sub(key);
    return distance.compare(GE, 0).and(distance.compare(LT, rule.window()));
  }

  @Override
  public void probabilities(
      long scores, int from, int to, float[] shift, float[] probabilities, float[] sum) {
    int columns = shift.length;
    for (int c = 0; c < columns; c += LANES) {
      FloatVector shifts = FloatVector.fromArray(SPECIES, shift, c);
      FloatVector total = FloatVector.zero(SPECIES);
      for (int key = from; key < to; key++) {
        int i = key * columns + c;
        FloatVector p = VectorMath.exp(load(scores + 4L * i).sub(shifts));
        p.intoArray(probabilities, i);
        total = total.add(p);
      }
      FloatVector.fromArray(SPECIES, sum, c).add(total).intoArray(sum, c);
    }
  }

  @Override
  public void scoreGradients(
      long scores,
      long dProbabilities,
      int from,
      int to,
      Rule rule,
      float[] probabilities,
      float[] delta,
      float[] dScores) {
    int columns = delta.length;
    for (int c = 0; c < columns; c += LANES) {
      FloatVector deltas = FloatVector.fromArray(SPECIES, delta, c);
      for (int key = from; key < to; key++) {
        int i = key * columns + c;
        FloatVector p = FloatVector.fromArray(SPECIES, probabilities, i);
        FloatVector gradient = p.mul(load(dProbabilities + 4L * i).sub(deltas)).mul(rule.scale());
        gradient.intoArray(dScores, i);
      }
      if (rule.softCap() > 0) {
        multiplyByCapSlope(scores, from, to, rule.softCap(), probabilities, dScores, c, columns);
      }
    }
  }

  /** The cap's slope; where nothing is seen the score is infinite and the gradient stays 0. */
  private static void multiplyByCapSlope(
      long scores,
      int from,
      int to,
      float softCap,
      float[] probabilities,
      float[] dScores,
      int c,
      int columns) {
    for (int key = from; key < to; key++) {
      int i = key * columns + c;
      FloatVector ratio = load(scores + 4L * i).div(softCap);
      ratio = ratio.blend(0, FloatVector.fromArray(SPECIES, probabilities, i).compare(EQ, 0));
      FloatVector gradient = FloatVector.fromArray(SPECIES, dScores, i);
      gradient.mul(ratio.mul(ratio).neg().add(1)).intoArray(dScores, i);
    }
  }

  private static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, address, LITTLE_ENDIAN);
  }
}
