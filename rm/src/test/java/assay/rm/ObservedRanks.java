package assay.rm;

import assay.tensor.Tensor;
import assay.tensor.comm.Collective;
import assay.tensor.comm.Communicator;
import assay.tensor.comm.DecoratedRanks;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;

/** Ranks of which this one tells somebody before each of its collective calls. */
final class ObservedRanks extends DecoratedRanks {
  private final ObjIntConsumer<String> observer;
  private int numCalls;

  /**
   * @param observer is told the phase and the number of the call, from 1
   */
  ObservedRanks(Communicator ranks, ObjIntConsumer<String> observer) {
    super(ranks);
    this.observer = observer;
  }

  private void observe(String kind) {
    numCalls++;
    observer.accept(kind + " in " + callers(), numCalls);
  }

  /** Who wants it, and for which part of the run. */
  private static String callers() {
    List<String> methods =
        StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
            .walk(
                frames ->
                    frames
                        .filter(
                            frame ->
                                !DecoratedRanks.class.isAssignableFrom(frame.getDeclaringClass()))
                        .filter(frame -> frame.getClassName().startsWith("assay."))
                        .map(ObservedRanks::name)
                        .toList());
    String caller = methods.getFirst();
    return methods.stream()
        .filter(name -> name.startsWith("RewardTraining.") && !name.equals(caller))
        .findFirst()
        .map(part -> caller + " of " + part)
        .orElse(caller);
  }

  private static String name(StackWalker.StackFrame frame) {
    return frame.getDeclaringClass().getSimpleName() + "." + frame.getMethodName();
  }

  @Override
  protected Pending begin(Collective kind, Tensor whole, Supplier<Pending> operation) {
    observe(kind.name());
    return operation.get();
  }

  @Override
  public void barrier() {
    observe("barrier");
    super.barrier();
  }

  /** Is observed, too, and left to whoever joined the ranks. */
  @Override
  public void close() {
    observe("close");
  }
}
