package assay.rm;

import assay.tensor.Tensor;
import assay.tensor.comm.Communicator;
import java.util.List;
import java.util.function.ObjIntConsumer;

/** Ranks of which this one tells somebody before each of its collective calls. */
final class ObservedRanks implements Communicator {
  private final Communicator ranks;
  private final ObjIntConsumer<String> observer;
  private int numCalls;

  /**
   * @param observer is told the phase and the number of the call, from 1
   */
  ObservedRanks(Communicator ranks, ObjIntConsumer<String> observer) {
    this.ranks = ranks;
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
                        .filter(frame -> frame.getDeclaringClass() != ObservedRanks.class)
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
  public int rank() {
    return ranks.rank();
  }

  @Override
  public int size() {
    return ranks.size();
  }

  @Override
  public Pending allReduce(Tensor x) {
    observe("allReduce");
    return ranks.allReduce(x);
  }

  @Override
  public Pending reduceScatter(Tensor whole, Tensor part) {
    observe("reduceScatter");
    return ranks.reduceScatter(whole, part);
  }

  @Override
  public Pending allGather(Tensor part, Tensor whole) {
    observe("allGather");
    return ranks.allGather(part, whole);
  }

  @Override
  public Pending broadcast(Tensor x, int root) {
    observe("broadcast");
    return ranks.broadcast(x, root);
  }

  @Override
  public void barrier() {
    observe("barrier");
    ranks.barrier();
  }

  /** Is observed, too, and left to whoever joined the ranks. */
  @Override
  public void close() {
    observe("close");
  }
}
