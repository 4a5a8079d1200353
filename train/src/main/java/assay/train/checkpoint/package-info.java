/**
 * Training checkpoints: what a run needs to go on as if it had never stopped. The weights as exact
 * F32, the optimizer's m and v, and the run's notes: step, place in the data, length of its logs.
 *
 * <p>All ranks write at once, each its own rows, while the next step's forward and backward run.
 * Any number of ranks may read them, under any way of dealing out the rows.
 *
 * <pre>{@code
 * CheckpointFolder folder = CheckpointFolder.at(output.resolve("checkpoints"));
 * List<TensorRows> state = ...;              // this rank's rows of weights/NAME, m/NAME, v/NAME
 * if (rank == 0) folder.begin(step);
 * communicator.barrier();
 * CheckpointWriter writer = folder.writer(step, rank, numRanks);
 * writer.write(state);                       // may be another thread's work
 * communicator.barrier();
 * if (rank == 0) writer.commit(Map.of("data_position", 1700), OptionalDouble.of(accuracy));
 * if (rank == 0) folder.prune(3, Best.HIGHEST);
 *
 * try (CheckpointReader newest = folder.newest().orElseThrow()) {  // later, with other ranks
 *   state.forEach(newest::read);
 * }
 * }</pre>
 *
 * <h2>Why none is ever half-written</h2>
 *
 * <pre>
 * checkpoints/
 *   step-200/                    complete, since it has this name
 *     assay-checkpoint.txt       the marker: everything beside it is ours
 *     rank-0.safetensors         rows of rank 0
 *     rank-0.json                which rows they are, and a CRC-32C for each MiB of the file
 *     rank-1.safetensors ...
 *     manifest.json              the run's notes; size and SHA-256 of the files above; its own
 *   .step-300.writing/           not complete yet, or never to be
 * </pre>
 *
 * <p>Files are written into a folder with another name. Each is flushed to the disk, then the
 * folder, and only then comes one rename to {@code step-N}, flushed too. A power cut before the
 * rename leaves a folder that nobody takes for a checkpoint; after it everything is on the disk.
 * Deleting goes the same way back. What says that the files are ours, marker or manifest, is on the
 * disk before them or goes after them, so what an interruption leaves can always be cleaned up.
 *
 * <p>Every byte of a checkpoint is under a checksum, and every checksum under that of the manifest.
 * The reader checks all but the tensors when it opens, and a tensor's blocks before their bytes are
 * copied to it.
 *
 * <p>The tests do not take this on trust. They run on a file system in memory that keeps the
 * promises of POSIX and no more ({@code CrashFileSystem}): each single operation fails in each way
 * a disk can fail; thousands of schedules cut the power at a random operation and lose or tear what
 * was not flushed; a bit is flipped in every byte. Take away a flush that one machine needs, and
 * they fail.
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>The folder's name says that it is complete.</b> Rejected: a marker file that is written
 *       last. Whoever copies such a folder without the marker has, to a program that cleans up, a
 *       leftover; other trainers have deleted checkpoints so.
 *   <li><b>A damaged newest checkpoint is an error</b> that names the file and what the user can
 *       do. Rejected: taking the one before it silently; the run would compute steps anew that its
 *       logs report as done, and nobody would look at the disk.
 *   <li><b>No step is written over.</b> To go back, the user moves the later checkpoints away.
 *       Rejected: replacing; there would be a moment with neither.
 *   <li><b>Only named files are deleted</b>: those in the manifest, or, before there is one, those
 *       with the names that ranks give, beside the marker. A folder with anything else in it stays.
 *       Rejected: deleting the folder with all that is in it.
 *   <li><b>Rows, not ranks.</b> A piece is a name and a range of rows, so a reader asks for rows
 *       and need not know how many ranks there were. Rejected: gathering tensors on rank 0, which
 *       moves the whole state over the network and writes it through one process.
 *   <li><b>The state is not copied before it is written.</b> Until the optimizer moves, nothing
 *       changes it; so the optimizer waits for the writer. Rejected: a copy in host memory, 12
 *       bytes for each parameter, to save a wait that is rarely there.
 *   <li><b>Checksums of blocks, not of tensors</b>: an embedding that another number of ranks reads
 *       in parts is not read whole by each of them, and the file's header is covered too.
 *   <li><b>An fsync that failed is never repeated on the same file</b>: systems report the loss
 *       once and then claim success. A save that failed starts with new files.
 * </ul>
 */
package assay.train.checkpoint;
