/**
 * Several ranks, each with a device of its own, that train one model.
 *
 * <pre>{@code
 * byte[] id = Nccl.newId();                       // by rank 0, and made known to all
 * try (Communicator ranks = Nccl.join(device, id, rank, size)) {
 *   Pending sum = ranks.allReduce(gradient);      // begins
 *   ...                                           // compute something else
 *   sum.await();                                  // gradient is now the sum over all ranks
 * }
 * }</pre>
 *
 * <p>{@link assay.tensor.comm.LocalRanks} are threads of one program, each with a CPU of its own,
 * to read and to test with; {@link assay.tensor.comm.Nccl} joins GPUs.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Five collective operations and nothing else.</b> Data parallelism and ZeRO are made of
 *       these; point-to-point messages are for pipelines, which this project does not have.
 *   <li><b>NCCL through Java's foreign functions</b>, eight of them. A generated binding of the
 *       whole library would be a dependency of some megabytes.
 *   <li><b>Local ranks share memory and still act as ranks.</b> Each computes its own share of a
 *       sum from what all show, as a ring of processes would, so that what holds for threads holds
 *       for processes; a shared sum under a lock would be shorter and teach nothing.
 *   <li><b>On a stream of its own.</b> A collective begins when the kernels before it are done and
 *       runs beside those after it, until {@code await} makes the next ones wait for it.
 * </ul>
 */
package assay.tensor.comm;
