package assay.eval;

import assay.rm.data.RowPlace;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** A benchmark's row with a model's scores: all that the benchmarks' arithmetic needs. */
public sealed interface ScoredRow {
  /** Where the row stands, for messages. */
  RowPlace place();

  /** The benchmark's own name of the row; empty if it has none. */
  String id();

  /** The part of the benchmark: a subset, a domain, or the value of a field. */
  String group();

  /** How many of the answers are right. */
  int numCorrect();

  /** By how much the lowest score of a right answer is above the highest of a wrong one. */
  default double margin() {
    double[] scores = scoresOfAnswers();
    double right = Arrays.stream(scores, 0, numCorrect()).min().orElseThrow();
    return right - Arrays.stream(scores, numCorrect(), scores.length).max().orElseThrow();
  }

  /** The scores of all answers, those of the right ones first. */
  double[] scoresOfAnswers();

  /** A chosen and a rejected answer. */
  record Pair(RowPlace place, String id, String group, double chosen, double rejected)
      implements ScoredRow {
    @Override
    public int numCorrect() {
      return 1;
    }

    @Override
    public double[] scoresOfAnswers() {
      return new double[] {chosen, rejected};
    }
  }

  /**
   * Several answers, of which the first are correct.
   *
   * @param numCorrect at least 1, and less than there are scores
   */
  record BestOf(RowPlace place, String id, String group, int numCorrect, double[] scores)
      implements ScoredRow {
    @Override
    public double[] scoresOfAnswers() {
      return scores;
    }

    double maxCorrect() {
      return Arrays.stream(scores, 0, numCorrect).max().orElseThrow();
    }

    double minCorrect() {
      return Arrays.stream(scores, 0, numCorrect).min().orElseThrow();
    }

    double maxIncorrect() {
      return Arrays.stream(scores, numCorrect, scores.length).max().orElseThrow();
    }
  }

  /** A chosen and a rejected answer, each in the same styles, from plain to fancy. */
  record Styles(RowPlace place, String id, String group, double[] chosen, double[] rejected)
      implements ScoredRow {
    @Override
    public int numCorrect() {
      return chosen.length;
    }

    @Override
    public double[] scoresOfAnswers() {
      return DoubleStream.concat(Arrays.stream(chosen), Arrays.stream(rejected)).toArray();
    }
  }
}
