package assay.rm.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** What came out for the answers of one row. */
public sealed interface RowJudgement {
  /** The replies that it rests on. */
  List<Reply> replies();

  /**
   * How much of the preference each answer has; they sum to 1. A verdict gives all of it to one, a
   * tie or a reply without verdict the same to each, probabilities what they are.
   */
  double[] shares();

  /** The answer that is better than all others without contradiction; empty if there is none. */
  OptionalInt preferred();

  /**
   * The answer that has so much of the preference, over all orders together; empty if none has. A
   * judge who likes the first place can contradict itself and still lean to one of the answers.
   *
   * @param minShare more than 0.5
   */
  default OptionalInt preferred(double minShare) {
    double[] shares = shares();
    return IntStream.range(0, shares.length).filter(i -> shares[i] >= minShare).findFirst();
  }

  /**
   * Answers shown together, in several orders.
   *
   * @param orders for each reply, which answer stood at each position
   */
  record Comparison(List<int[]> orders, List<Reply> replies) implements RowJudgement {
    public Comparison {
      orders = List.copyOf(orders);
      replies = List.copyOf(replies);
    }

    /** The answer that an order's reply chose; empty if it chose none. */
    public OptionalInt choice(int order) {
      return replies.get(order).verdict() instanceof Verdict.Choice(int position)
          ? OptionalInt.of(orders.get(order)[position])
          : OptionalInt.empty();
    }

    /** As {@link #shares()}, of one order alone. */
    public double[] shares(int order) {
      int[] shown = orders.get(order);
      Reply reply = replies.get(order);
      double[] shares = new double[shown.length];
      if (reply.probabilities().isPresent()) {
        List<Double> probabilities = reply.probabilities().get();
        double tie = probabilities.size() > shown.length ? probabilities.getLast() : 0;
        for (int position = 0; position < shown.length; position++) {
          shares[shown[position]] = probabilities.get(position) + tie / shown.length;
        }
      } else {
        OptionalInt choice = choice(order);
        Arrays.fill(shares, choice.isPresent() ? 0 : 1.0 / shown.length);
        choice.ifPresent(answer -> shares[answer] = 1);
      }
      return shares;
    }

    /** The mean over the orders. */
    @Override
    public double[] shares() {
      double[] mean = new double[orders.getFirst().length];
      for (int order = 0; order < orders.size(); order++) {
        double[] some = shares(order);
        for (int answer = 0; answer < mean.length; answer++) {
          mean[answer] += some[answer] / orders.size();
        }
      }
      return mean;
    }

    /** Whether every order had a verdict. */
    public boolean isParsed() {
      return replies.stream().noneMatch(reply -> reply.verdict() instanceof Verdict.Unparsable);
    }

    /** Whether every order had a verdict, and it was the same: one answer, or a tie. */
    public boolean isConsistent() {
      return isParsed()
          && IntStream.range(0, orders.size()).mapToObj(this::choice).distinct().count() == 1;
    }

    @Override
    public OptionalInt preferred() {
      return isConsistent() ? choice(0) : OptionalInt.empty();
    }
  }

  /** Answers rated one by one. */
  record Ratings(List<Reply> replies) implements RowJudgement {
    public Ratings {
      replies = List.copyOf(replies);
    }

    /** The rating of an answer, NaN where the reply has none. */
    public double rating(int answer) {
      return replies.get(answer).verdict() instanceof Verdict.Rating(double value)
          ? value
          : Double.NaN;
    }

    /** The highest ratings share alike; if no answer has one, all do. */
    @Override
    public double[] shares() {
      double best = Double.NEGATIVE_INFINITY;
      for (int answer = 0; answer < replies.size(); answer++) {
        double rating = rating(answer);
        best = Double.isNaN(rating) ? best : Math.max(best, rating);
      }
      List<Integer> winners = new ArrayList<>();
      for (int answer = 0; answer < replies.size(); answer++) {
        if (best == Double.NEGATIVE_INFINITY || rating(answer) == best) {
          winners.add(answer);
        }
      }
      double[] shares = new double[replies.size()];
      winners.forEach(answer -> shares[answer] = 1.0 / winners.size());
      return shares;
    }

    @Override
    public OptionalInt preferred() {
      double[] shares = shares();
      boolean rated = IntStream.range(0, shares.length).noneMatch(i -> Double.isNaN(rating(i)));
      return rated && shares.length > 1
          ? IntStream.range(0, shares.length).filter(i -> shares[i] == 1).findFirst()
          : OptionalInt.empty();
    }
  }
}
