/**
 * Several ranks, each with a device of its own, that train one model.
 *
 * <pre>{@code
 * try (Device device = Device.open("cpu", numThreads);
 *     Communicator ranks = Ranks.join(device)) {          // mpirun -np 4 assay train ...
 *   Pending sum = ranks.reduceScatter(gradient, shard);   // begins
 *   ...                                                   // compute something else
 *   sum.await();                                          // shard has grown by its share of the sum
 * }
 * }</pre>
 *
 * <p>{@link assay.tensor.comm.LocalRanks} are threads of one program, each with a CPU of its own,
 * to read and to test with. {@link assay.tensor.comm.Mpi} joins processes on one host or many,
 * {@link assay.tensor.comm.Nccl} their GPUs; {@link assay.tensor.comm.Ranks#join} takes what fits.
 * All keep the same promises, and one test holds each of them to all.
 *
 * <p>To read: {@link assay.tensor.comm.LocalRanks} for what the operations mean, {@link
 * assay.tensor.comm.OrderedSums} for how ranks that share no memory add up, then {@code MpiRank},
 * {@code QueuedRanks} and {@code Watchdog}, each of which adds one thing: a network, a queue, and
 * an end when a rank is lost.
 *
 * <p>Decisions:
 *
 * <ul>
 *   <li><b>Five collective operations and nothing else.</b> Data parallelism and ZeRO are made of
 *       these; point-to-point messages are for pipelines, which this project does not have.
 *   <li><b>Sums run in the order of the ranks</b>, and a reduce-scatter goes on with what is there
 *       already. So a gradient is the same to the last bit whether its terms come from one rank or
 *       from eight. MPI and NCCL promise no order: their rings begin each share at another rank. So
 *       they move bytes here, and this project adds. That costs nothing within a host (MPI's own
 *       sums are slower); between hosts of several ranks each, a ring would send less over the
 *       network.
 *   <li><b>MPI and NCCL through Java's foreign functions</b>, some ten of each. MPI's own Java
 *       bindings must be built with it and are rarely installed; a generated binding of NCCL would
 *       be a dependency of some megabytes.
 *   <li><b>One thread calls MPI.</b> MPI then needs no locks, and a library that was built for one
 *       thread will do. It waits by asking again and again, which takes a core while another rank
 *       is late: leave one to it, or give mpirun {@code --mca mpi_yield_when_idle 1}.
 *   <li><b>Local ranks have no queue.</b> Their operations are copies and sums, for which the cores
 *       are taken by the kernels anyway: in the background they were not faster, and a debugger
 *       shows less.
 *   <li><b>Local ranks share memory and still act as ranks.</b> Each computes its own share of a
 *       sum from what all show, as processes do, so that what holds for threads holds for
 *       processes; a shared sum under a lock would be shorter and teach nothing.
 *   <li><b>GPUs: on a stream of its own.</b> A collective begins when the kernels before it are
 *       done and runs beside those after it, until {@code await} makes the next ones wait for it.
 *   <li><b>A watchdog of our own.</b> mpirun ends the others when a process dies, but not when it
 *       hangs or its host falls off the network, and other launchers do not even do that. Timeouts
 *       on operations would have to be longer than the longest honest delay, the writing of a
 *       checkpoint; a sign of life every second needs no such guess. It cannot tell a rank that
 *       computes for ever from one that computes.
 *   <li><b>A lost rank ends the process, without tidying up.</b> The main thread may be within MPI,
 *       where no exception reaches it. What the run needs to go on lies in its last checkpoint.
 * </ul>
 */
package assay.tensor.comm;
