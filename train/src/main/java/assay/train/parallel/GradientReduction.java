package assay.train.parallel;

import assay.autograd.GradientSink;
import assay.nn.Parameter;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.UnaryKind;
import assay.tensor.comm.Communicator.Pending;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Adds the gradients of the parts that the ranks have just computed, one each, to the batch's sum:
 * {@code ((G + g0) + g1) + g2}. Rank r of W computes the parts r, W + r, 2 W + r ..., so the sum
 * runs in the order of the parts, whatever W is.
 *
 * <p>A gradient travels as soon as its layer's backward has it, while the layers before are being
 * computed. Few may travel at the same time: each holds memory.
 */
final class GradientReduction {
  /** Gradients that may travel at once: about a layer of them. */
  private static final int MOST_IN_FLIGHT = 8;

  /** A gradient on its way, and the memory that it is sent from. */
  private record Flight(Pending pending, Tensor sent, TensorArena arena) {}

  private final ParallelPlan plan;
  private final Deque<Flight> flights = new ArrayDeque<>();

  GradientReduction(ParallelPlan plan) {
    this.plan = plan;
  }

  GradientSink sink(Parameter parameter) {
    return new GradientSink() {
      @Override
      public Tensor target() {
        return null;
      }

      @Override
      public void accept(Tensor gradient, TensorArena arena) {
        add(parameter, gradient, arena);
      }

      @Override
      public boolean acceptRows(Tensor rows, Tensor dRows) {
        return new SparseRows(plan, parameter).add(rows, dRows);
      }
    };
  }

  /** The naive form: wait for each sum at once. */
  void addNaively(Parameter parameter, Tensor gradient) {
    try (TensorArena scratch = TensorArena.open(gradient.device(), "communication")) {
      plan.ranks()
          .reduceScatter(pad(parameter, gradient, scratch), plan.shard(parameter.gradients()))
          .await();
    }
  }

  private void add(Parameter parameter, Tensor gradient, TensorArena arena) {
    Tensor padded = pad(parameter, gradient, arena);
    if (padded != gradient) {
      arena.release(gradient);
    }
    if (flights.size() == MOST_IN_FLIGHT) {
      land(flights.removeFirst());
    }
    Pending pending = plan.ranks().reduceScatter(padded, plan.shard(parameter.gradients()));
    flights.addLast(new Flight(pending, padded, arena));
  }

  /** As many rows as all ranks have room for; the gradient itself if that is what it has. */
  private static Tensor pad(Parameter parameter, Tensor gradient, TensorArena arena) {
    int rows = gradient.dim(0);
    int padded = parameter.ownRows().padded();
    if (rows == padded) {
      return gradient;
    }
    int[] dims = gradient.shape().toArray();
    dims[0] = padded;
    Tensor result = arena.zeros(gradient.dtype(), Shape.of(dims));
    gradient.device().backend().unary(UnaryKind.COPY, gradient, result.rows(0, rows));
    return result;
  }

  /** Until all have arrived. */
  void await() {
    while (!flights.isEmpty()) {
      land(flights.removeFirst());
    }
  }

  private static void land(Flight flight) {
    flight.pending.await();
    flight.arena.release(flight.sent);
  }
}
