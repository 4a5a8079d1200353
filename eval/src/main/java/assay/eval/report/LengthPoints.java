package assay.eval.report;

import assay.eval.ScoredRow;
import assay.eval.Scores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Answers by their length and score, to be drawn. */
final class LengthPoints {
  private static final int MOST_POINTS = 1500;
  private static final int NUM_PARTS = 10;

  /** An answer. */
  private record Point(double characters, double score, boolean isRight) {
    List<Number> toJson() {
      return List.of(characters, score, isRight ? 1 : 0);
    }
  }

  private LengthPoints() {}

  /** Every n-th answer in the order of length, and the means of ten equal parts of all. */
  static Map<String, Object> of(Scores<?> scores) {
    List<Point> points = points(scores);
    points.sort(Comparator.comparingDouble(Point::characters));
    int step = Math.max(1, Math.ceilDiv(points.size(), MOST_POINTS));
    List<List<Number>> drawn = new ArrayList<>();
    for (int i = 0; i < points.size(); i += step) {
      drawn.add(points.get(i).toJson());
    }
    List<List<Number>> means = new ArrayList<>();
    int parts = Math.min(NUM_PARTS, points.size());
    for (int part = 0; part < parts; part++) {
      long size = points.size();
      means.add(
          mean(points.subList((int) (part * size / parts), (int) ((part + 1) * size / parts))));
    }
    return Map.of("points", drawn, "means", means);
  }

  private static List<Point> points(Scores<?> scores) {
    List<Point> points = new ArrayList<>();
    for (int row = 0; row < scores.rows().size(); row++) {
      ScoredRow scored = scores.rows().get(row);
      double[] numbers = scored.scoresOfAnswers();
      double[] characters = scores.lengths().get(row);
      for (int i = 0; i < numbers.length; i++) {
        points.add(new Point(characters[i], numbers[i], i < scored.numCorrect()));
      }
    }
    return points;
  }

  private static List<Number> mean(List<Point> part) {
    return List.of(
        part.stream().mapToDouble(Point::characters).average().orElseThrow(),
        part.stream().mapToDouble(Point::score).average().orElseThrow());
  }
}
