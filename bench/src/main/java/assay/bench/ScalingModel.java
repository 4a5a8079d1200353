package assay.bench;

/**
 * How long an optimizer step takes on several ranks, by arithmetic: what is computed, what travels,
 * and what of it goes on at the same time. The formulas are explained in docs/performance.md.
 *
 * @param machine the ranks
 * @param work what is to be done
 * @param stage of ZeRO, 0 to 3
 * @param fixedOrder whether gradients travel after each part ({@code distributed.reduction: fixed})
 */
record ScalingModel(Machine machine, Work work, int stage, boolean fixedOrder) {
  /**
   * Equal ranks, some on each host.
   *
   * @param flops that a rank achieves while all compute, per second
   * @param hostBytes that a rank sends to others on its host, per second
   * @param networkBytes that a rank sends to other hosts, per second
   * @param memoryBytes that a rank's update reads and writes, per second
   * @param exchangesMeanwhile whether ranks compute while they exchange: GPUs do, while CPU threads
   *     that move bytes compute nothing
   */
  record Machine(
      String name,
      int ranks,
      int ranksOnHost,
      double flops,
      double hostBytes,
      double networkBytes,
      double memoryBytes,
      boolean exchangesMeanwhile) {

    /**
     * Seconds of a reduce-scatter or an all-gather of so many bytes: a rank sends a W-th to each
     * other one, to those on its host and those elsewhere at the same time.
     */
    double exchange(double bytes) {
      double onHost = (ranksOnHost - 1.0) / ranks * bytes / hostBytes;
      double elsewhere =
          ranks == ranksOnHost ? 0 : (double) (ranks - ranksOnHost) / ranks * bytes / networkBytes;
      return Math.max(onHost, elsewhere);
    }
  }

  /**
   * An optimizer step.
   *
   * @param weights of the model
   * @param weightBytes that a layer computes with: 2 in bf16, 4 in fp32
   * @param forwardFlops of one part
   * @param parts of the batch
   * @param tokens of the batch
   * @param layers that are gathered one after the other
   */
  record Work(
      double weights,
      int weightBytes,
      double forwardFlops,
      int parts,
      double tokens,
      int layers,
      boolean checkpointing) {}

  private static final int GRADIENT_BYTES = 4;

  /** AdamW reads a weight, its gradient and two means, and writes all but the gradient: float32. */
  private static final int UPDATE_BYTES = 28;

  /** Parts that a rank computes one after the other. */
  private int rounds() {
    return Math.ceilDiv(work.parts, machine.ranks);
  }

  /** Forward and backward of all parts of a rank. */
  double computeSeconds() {
    int passes = work.checkpointing ? 4 : 3; // a backward is two
    return rounds() * passes * work.forwardFlops / machine.flops;
  }

  private double gradientSeconds() {
    return machine.exchange(GRADIENT_BYTES * work.weights);
  }

  private double weightSeconds() {
    return machine.exchange(work.weightBytes * work.weights);
  }

  /** Times that gradients are added up; without a fixed order a rank adds up its own first. */
  private int reductions() {
    return fixedOrder || stage >= 2 ? rounds() : 1;
  }

  /** Reduce-scatters of the gradients, and all-gathers of their sums where all ranks need all. */
  private int gradientTransfers() {
    return reductions() + (stage == 0 ? 1 : 0);
  }

  /** All-gathers of the weights: before they are used, or after they were updated. */
  private int weightTransfers() {
    return switch (stage) {
      case 0 -> 0;
      case 3 -> rounds() * (work.checkpointing ? 2 : 1);
      default -> 1;
    };
  }

  /** All that travels in a step, in bytes of whole tensors. */
  double volume() {
    int bytes = gradientTransfers() * GRADIENT_BYTES + weightTransfers() * work.weightBytes;
    return bytes * work.weights;
  }

  /** How long that would take by itself. */
  double exchangeSeconds() {
    return gradientTransfers() * gradientSeconds() + weightTransfers() * weightSeconds();
  }

  /** For which nothing is computed. */
  double waitingSeconds() {
    if (!machine.exchangesMeanwhile) {
      return exchangeSeconds();
    }
    double forward = work.forwardFlops / machine.flops;
    double backward = (work.checkpointing ? 3 : 2) * forward;
    double gathered = stage == 3 ? weightSeconds() : 0;
    double gatheredAgain = work.checkpointing ? gathered : 0;
    double reduced = reductions() == rounds() ? gradientSeconds() : 0;
    double hiddenBadly =
        Math.max(0, gathered - forward) + Math.max(0, gatheredAgain + reduced - backward);
    double firstAndLastLayer = (gathered + reduced) / work.layers; // nothing to hide behind
    double atTheEnd =
        (gradientTransfers() - (reduced > 0 ? reductions() : 0)) * gradientSeconds()
            + (stage == 3 ? 0 : weightTransfers() * weightSeconds());
    return rounds() * (hiddenBadly + firstAndLastLayer) + atTheEnd;
  }

  double updateSeconds() {
    double own = stage == 0 ? work.weights : work.weights / machine.ranks;
    return own * UPDATE_BYTES / machine.memoryBytes;
  }

  double stepSeconds() {
    return computeSeconds() + waitingSeconds() + updateSeconds();
  }

  double tokensPerSecond() {
    return work.tokens / stepSeconds();
  }
}
