package assay.train.parallel;

import assay.nn.Parameter;
import assay.tensor.Shape;
import assay.tensor.Tensor;
import assay.tensor.TensorArena;
import assay.tensor.comm.Communicator.Pending;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers the rows of a layer's parameters from all ranks when the layer is about to compute, and
 * meanwhile those of the one after it.
 *
 * <p>Which layer is next was learnt in the part before: every part asks for the same layers in the
 * same order, forward and backward.
 */
final class WeightGathering {
  /** A whole parameter, as it arrives. */
  private record Arrival(Tensor padded, Pending pending) {}

  private final ParallelPlan plan;
  private final Map<String, List<Parameter>> layers = new LinkedHashMap<>();
  private final Map<Parameter, Arrival> arrivals = new HashMap<>();
  private TensorArena arena;
  private List<String> trace = List.of(); // of the part before
  private List<String> steps = new ArrayList<>(); // of this part
  private boolean inPart;

  WeightGathering(ParallelPlan plan) {
    this.plan = plan;
  }

  /** Where gathered weights lie. */
  TensorArena arena() {
    return arena;
  }

  void beginPart() {
    steps = new ArrayList<>();
    inPart = true;
  }

  void endPart() {
    trace = steps;
    inPart = false;
    dropArrivals();
  }

  /** The naive form: gather one parameter, and wait. */
  Tensor takeNaively(Parameter parameter) {
    begin(parameter);
    return arrived(parameter);
  }

  /** A parameter's weights, of its shape; to be given back to the arena. */
  Tensor take(Parameter parameter) {
    String layer = layerOf(parameter.name());
    List<Parameter> members = layers.computeIfAbsent(layer, _ -> new ArrayList<>());
    if (!members.contains(parameter)) {
      members.add(parameter); // this is how a layer becomes known, in its first part
    }
    if (inPart && (steps.isEmpty() || !steps.getLast().equals(layer))) {
      steps.add(layer);
      begin(layer);
      prefetch();
    }
    begin(parameter);
    return arrived(parameter);
  }

  /** The layer after this, if this part goes as the one before. */
  private void prefetch() {
    int next = steps.size();
    if (next < trace.size() && trace.subList(0, next).equals(steps)) {
      begin(trace.get(next));
    }
  }

  private void begin(String layer) {
    layers.get(layer).forEach(this::begin);
  }

  private void begin(Parameter parameter) {
    if (arrivals.containsKey(parameter)) {
      return;
    }
    if (arena == null) {
      arena = TensorArena.open(parameter.device(), "gathered");
    }
    int[] dims = parameter.shape().toArray();
    dims[0] = parameter.ownRows().padded();
    Tensor padded = arena.empty(parameter.dtype(), Shape.of(dims));
    Pending pending = plan.ranks().allGather(parameter.values().padded(), padded);
    arrivals.put(parameter, new Arrival(padded, pending));
  }

  private Tensor arrived(Parameter parameter) {
    Arrival arrival = arrivals.remove(parameter);
    arrival.pending.await();
    return arrival.padded.rows(0, parameter.shape().dim(0));
  }

  /** {@code model.layers.7} of all its parameters; others are layers of their own. */
  private static String layerOf(String name) {
    int number = name.indexOf(".layers.") + ".layers.".length();
    int end = name.indexOf('.', number);
    return name.contains(".layers.") && end > 0 ? name.substring(0, end) : name;
  }

  private void dropArrivals() {
    for (Arrival arrival : arrivals.values()) {
      arrival.pending.await();
      arena.release(arrival.padded);
    }
    arrivals.clear();
  }

  void close() {
    dropArrivals();
    if (arena != null) {
      arena.close();
    }
  }
}
